import { expect, test } from 'vitest';
import { durationOf, secondsOf, timeScale } from '../../src/alerts/duration.js';
import {
  ALERT_NAMES,
  ALERTS,
  alertGroups,
  alertmanagerConfig,
  baselineGroups,
  prometheusConfig,
  recordingGroups,
  resolveAlertOptions,
  ruleFiles,
  THRESHOLDS,
} from '../../src/alerts/index.js';

const rulesOf = (options = resolveAlertOptions()) =>
  [...recordingGroups(options), ...alertGroups(options), ...baselineGroups(options)].flatMap(({ rules }) => rules);

test('durations are read and written in the largest unit that divides them', () => {
  expect((['15s', '90s', '15m', '6h', '1d', '2w'] as const).map(secondsOf)).toEqual([
    15, 90, 900, 21_600, 86_400, 1_209_600,
  ]);
  expect([0, 45, 90, 3_600, 5_400, 259_200, 604_800].map(durationOf)).toEqual([
    '0s',
    '45s',
    '90s',
    '1h',
    '90m',
    '3d',
    '1w',
  ]);
});

test('a time scale of one changes nothing, and none makes anything longer', () => {
  const real = timeScale(1);
  expect([real.hold('30s'), real.window('2m'), real.allowanceSeconds(60)]).toEqual(['30s', '2m', 60]);
  expect(timeScale(20).hold('0s')).toBe('0s');
});

test('a time scale of twenty makes twenty minutes one, down to four scrapes and three ticks of the supervisor', () => {
  const fast = timeScale(20);
  expect([fast.hold('20m'), fast.window('1h'), fast.allowanceSeconds(86_400)]).toEqual(['1m', '3m', 4_320]);
  expect([fast.hold('15s'), fast.window('1m'), fast.allowanceSeconds(60)]).toEqual(['1s', '4s', 15]);
});

test('the time scale reaches holds, keeps, windows, offsets and intervals, and leaves names alone', () => {
  const fast = resolveAlertOptions({ timeScale: 20 });
  const slow = rulesOf();
  for (const [i, rule] of rulesOf(fast).entries()) {
    const same = slow[i];
    if ('record' in rule) expect(same).toMatchObject({ record: rule.record });
    else expect(same).toMatchObject({ alert: rule.alert, labels: rule.labels });
    // Nothing as slow as before: the only times left are those no shorter one makes sense for.
    expect(rule.expr).not.toMatch(/\[(1m|2m|5m|10m|1h|6h|1d)\]|offset 1[dw]/);
  }
  expect(rulesOf(fast).find((rule) => 'alert' in rule && rule.alert === 'FeishuWsFlapping')).toMatchObject({
    expr: 'sum by (job, instance, app) (increase(feishu_ws_disconnects_total{failure!="local_stop"}[45s])) > 4',
    keep_firing_for: '45s',
  });
  expect(prometheusConfig(fast)).toContain('scrape_interval: 1s');
  expect(alertmanagerConfig(fast)).toMatch(/group_wait: 2s[\s\S]*group_wait: 0s/);
});

test('thresholds change the numbers compared with, and each has a reason', () => {
  const text = Object.values(ruleFiles(resolveAlertOptions({ thresholds: { flapsPer15m: 9 } }))).join('\n');
  expect(text).toContain('[15m])) > 9');
  for (const { why } of Object.values(THRESHOLDS)) expect(why).toMatch(/^[A-Z].{20,}\.$/);
});

test('every threshold is used by some rule', () => {
  const asShipped = JSON.stringify(rulesOf());
  for (const name of Object.keys(THRESHOLDS)) {
    const changed = resolveAlertOptions({ thresholds: { [name]: 0.4242 } });
    expect({ name, isUsed: JSON.stringify(rulesOf(changed)) !== asShipped }).toEqual({ name, isUsed: true });
  }
});

test('another job and another label for the app reach every expression, description, link and inhibition', () => {
  const options = resolveAlertOptions({
    job: 'bots',
    appLabel: 'feishu_app',
    dashboardBaseUrl: 'https://grafana.example.com',
  });
  for (const rule of rulesOf(options)) {
    expect(rule.expr).not.toMatch(/\bapp\b|feishu-connector/);
    if (!('alert' in rule)) continue;
    expect(rule.annotations.description).not.toContain('$labels.app ');
    expect(rule.annotations.dashboard_url).toMatch(/^https:\/\/grafana\.example\.com\/d\/feishu-/);
    expect(rule.annotations.dashboard_url).not.toContain('$labels.app ');
  }
  expect(alertmanagerConfig(options)).not.toMatch(/- app$/m);
});

test('options that would change the meaning of a rule are refused by name, bound and value', () => {
  expect(() => resolveAlertOptions({ job: 'a"} or up{job="b' })).toThrow(/^job must be .*got "a\\"/);
  expect(() => resolveAlertOptions({ appLabel: 'instance' })).toThrow(/^appLabel must be .*got "instance"/);
  expect(() => resolveAlertOptions({ appLabel: 'my-app' })).toThrow(/^appLabel must be/);
  expect(() => resolveAlertOptions({ runbookBaseUrl: 'https://example.com/' })).toThrow(/^runbookBaseUrl must not/);
  expect(() => resolveAlertOptions({ timeScale: 0 })).toThrow('timeScale must be between 1 and 240, got 0');
  expect(() => resolveAlertOptions({ thresholds: { upRatio: 50 } })).toThrow(
    'thresholds.upRatio must be between 0 and 1, got 50',
  );
  expect(() => resolveAlertOptions({ thresholds: { flaps: 3 } as never })).toThrow('there is no threshold flaps');
});

test('alerts of one name are twins: told apart by a label, and alike in what they are about', () => {
  for (const name of ALERT_NAMES) {
    const twins = ALERTS.filter((alert) => alert.name === name);
    expect(new Set(twins.map(({ severity, labels }) => JSON.stringify({ severity, ...labels }))).size).toBe(
      twins.length,
    );
    expect(new Set(twins.map(({ layer, summary, by }) => JSON.stringify([layer, summary, by]))).size).toBe(1);
  }
});

test('no hold is below 30 s, except where a kept alert stands in, and for the watchdog', () => {
  const hasty = ALERTS.filter((alert) => alert.for === undefined || secondsOf(alert.for) < 30);
  for (const { name, keepFiringFor } of hasty) {
    expect({ name, stands: keepFiringFor !== undefined || name === 'FeishuWatchdog' }).toEqual({ name, stands: true });
  }
});

test('summaries and descriptions are sentences, and a description says what to look at first', () => {
  for (const rule of rulesOf().filter((rule) => 'alert' in rule)) {
    expect(rule.annotations.summary).toMatch(/^[A-Z][^{}]{20,120}\.$/);
    expect(rule.annotations.description).toMatch(/[Ll]ook first|Restart that process|Send the bot/);
    expect(Object.keys(rule.annotations)).toEqual(['summary', 'description', 'runbook_url', 'dashboard_url']);
  }
});
