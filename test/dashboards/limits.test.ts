import { expect, test } from 'vitest';
import { BURN_FACTORS, LIMITS, limitOf, severityOf } from '../../dashboards/src/limits.js';
import { ALERT_NAMES, ALERTS, resolveAlertOptions } from '../../src/alerts/index.js';
import { queryOf } from '../../src/alerts/query.js';
import { PANELS } from './placed.js';

const query = queryOf(resolveAlertOptions());
const NAMES = Object.keys(LIMITS) as (keyof typeof LIMITS)[];

function expressionsOf(name: string): string[] {
  return ALERTS.filter((alert) => alert.name === name).map(({ expr }) => expr(query));
}

test('the boards know every alert, and no other', () => {
  expect([...NAMES].sort()).toEqual([...ALERT_NAMES].sort());
});

test('every fixed limit is the number that the alert compares with', () => {
  for (const name of NAMES) {
    const limit = limitOf(name);
    if (limit === null) continue;
    // FeishuTokenExpired compares two moments: zero seconds are left.
    if (name === 'FeishuTokenExpired') continue;
    const compared = new RegExp(`(?:[<>]|\\+|[<>] on \\([^)]*\\)) \\(?${limit.value}(?![\\d.])`);
    for (const expr of expressionsOf(name)) {
      expect({ name, expr, isCompared: compared.test(expr) }).toEqual({ name, expr, isCompared: true });
    }
  }
});

test('an alert without a fixed limit compares with other series, or with states', () => {
  // These compare with several.
  const others = [
    'FeishuEventsSilent',
    'FeishuHandlerStalled',
    'FeishuConnectivityBudgetBurn',
    'FeishuAckBudgetBurn',
    // Counts that are older than a limit are not compared.
    'FeishuWsZombie',
    'FeishuWsForeignConsumer',
  ];
  for (const name of NAMES.filter((each) => limitOf(each) === null && !others.includes(each))) {
    // `> 0` alone is how a moment that never was is left out.
    for (const expr of expressionsOf(name)) expect(`${name}: ${expr}`).not.toMatch(/[<>]=? (?!0\))\d/);
  }
});

test('the lines of the burn rates are the factors of the alerts, in the colours of their severity', () => {
  for (const name of ['FeishuConnectivityBudgetBurn', 'FeishuAckBudgetBurn']) {
    const alerts = ALERTS.filter((alert) => alert.name === name);
    const rows = alerts.map(({ labels, severity, expr }) => ({
      window: labels?.long_window,
      factor: Number(/> ([\d.]+) \*/.exec(expr(query))?.[1]),
      severity,
    }));
    expect(rows).toEqual(BURN_FACTORS);
  }
});

test('each alert is explained by a panel on the very board that its dashboard_url opens', () => {
  for (const { name, dashboard } of ALERTS) {
    const explained = PANELS.filter(({ board }) => board === dashboard).some(({ panel }) =>
      (panel.links ?? []).some(({ url }) => url === `\${runbooks}/${name}.md`),
    );
    expect({ name, dashboard, explained }).toEqual({ name, dashboard, explained: true });
  }
});

test('a limit is drawn in the colour of the severity', () => {
  const colors = { critical: 'red', warning: 'orange', none: 'blue' };
  for (const name of NAMES) {
    const limit = limitOf(name);
    if (limit === null) continue;
    const drawn = PANELS.flatMap(({ where, panel }) => {
      const links = panel.links ?? [];
      const steps = panel.fieldConfig?.defaults.thresholds?.steps ?? [];
      const isFirst = links.find(
        ({ url }) => limitOf((/(\w+)\.md$/.exec(url ?? '')?.[1] ?? '') as typeof name) !== null,
      );
      if (isFirst?.url !== `\${runbooks}/${name}.md` || steps.length !== 2) return [];
      if (!steps.some(({ value }) => value === limit.value)) return [];
      return [{ where, color: limit.firesBelow === true ? steps[0]?.color : steps[1]?.color }];
    });
    for (const { where, color } of drawn) expect({ where, color }).toEqual({ where, color: colors[severityOf(name)] });
  }
});
