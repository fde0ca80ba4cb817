import { expect, test } from 'vitest';
import {
  ALERTS,
  alertGroups,
  BASELINE_RECORDINGS,
  baselineGroups,
  DEFAULT_ALERT_OPTIONS,
  INHIBITIONS,
  RECORDINGS,
  recordingGroups,
} from '../../src/alerts/index.js';
import { definitionOf, LABELS, METRIC_NAMES, type MetricName } from '../../src/observe/catalogue.js';
import { vocabularyOf } from './support/promql.js';

const RULES = [recordingGroups, alertGroups, baselineGroups]
  .flatMap((groups) => groups(DEFAULT_ALERT_OPTIONS))
  .flatMap(({ rules }) => rules);

/** What scraping adds to every series. */
const TARGET_LABELS = ['job', 'instance'];

/** Metrics of others, and the labels the rules may know of them. */
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  up: [],
  process_start_time_seconds: [],
  nodejs_eventloop_lag_p99_seconds: [],
  prometheus_rule_evaluation_failures_total: ['rule_group'],
  prometheus_notifications_alertmanagers_discovered: [],
  prometheus_notifications_errors_total: ['alertmanager'],
  prometheus_notifications_sent_total: ['alertmanager'],
};
const RECORDED = new Set<string>([...RECORDINGS, ...BASELINE_RECORDINGS].map(({ record }) => record));

/** The labels of a metric, `job` and `instance` left out; null if nobody has such a metric. */
function labelsOf(metric: string): readonly string[] | null {
  if (RECORDED.has(metric)) return ['app'];
  const others = OTHERS[metric];
  if (others !== undefined) return others;
  const histogram = metric.replace(/_(bucket|count|sum)$/, '');
  for (const name of [metric, histogram].filter((name): name is MetricName =>
    METRIC_NAMES.includes(name as MetricName),
  )) {
    const { labels, type } = definitionOf(name);
    // A histogram has no series of its own name, and only a histogram has the other three.
    if ((type === 'histogram') !== (name !== metric)) continue;
    return metric.endsWith('_bucket') ? [...labels, 'le'] : labels;
  }
  return null;
}

test('every metric in a rule is in the catalogue, is recorded by a rule, or is one of the few of others', () => {
  const metrics = RULES.flatMap(({ expr }) => vocabularyOf(expr).selectors.map(({ metric }) => metric));
  expect(metrics.filter((metric) => labelsOf(metric) === null)).toEqual([]);
  // An extraction that found nothing would pass the line above.
  expect(new Set(metrics).size).toBeGreaterThan(40);
});

test('every label that a rule matches or groups by is one that its metrics have', () => {
  for (const { expr } of RULES) {
    const { selectors, groupings } = vocabularyOf(expr);
    for (const { metric, labels } of selectors) {
      const known = [...TARGET_LABELS, ...(labelsOf(metric) ?? [])];
      expect({ expr, unknown: labels.filter((label) => !known.includes(label)) }).toEqual({ expr, unknown: [] });
    }
    const known = [...TARGET_LABELS, ...LABELS, ...selectors.flatMap(({ metric }) => labelsOf(metric) ?? [])];
    expect({ expr, unknown: groupings.filter((label) => !known.includes(label)) }).toEqual({ expr, unknown: [] });
    // Joined or summed by a label that one side lacks, series would be matched that have nothing in common.
    const own = groupings.filter((label) => !TARGET_LABELS.includes(label) && label !== 'alertmanager');
    // A process is about all of its apps: it is joined by the labels of its target alone.
    for (const { metric } of selectors.filter((each) => each.metric !== 'process_start_time_seconds')) {
      expect({ expr, metric, lacking: own.filter((label) => !labelsOf(metric)?.includes(label)) }).toEqual({
        expr,
        metric,
        lacking: [],
      });
    }
  }
});

test('the extraction sees every kind of place a name can be in', () => {
  expect(vocabularyOf('sum by (a, b) (rate(x_total{c="1", d=~"2"}[5m] offset 1d)) > on (e) y')).toEqual({
    selectors: [
      { metric: 'x_total', labels: ['c', 'd'] },
      { metric: 'y', labels: [] },
    ],
    groupings: ['a', 'b', 'e'],
  });
  expect(() => vocabularyOf('sum by (a (x)')).toThrow(SyntaxError);
});

test('every recording rule is read by an alert, or is one of the ratios that the dashboards show', () => {
  const read = new Set(RULES.flatMap(({ expr }) => vocabularyOf(expr).selectors.map(({ metric }) => metric)));
  expect([...RECORDED].filter((record) => !read.has(record))).toEqual([]);
});

test('no rule names a bucket by a bare number: Prometheus 3 writes it another way', () => {
  for (const { expr } of RULES) expect(expr).not.toMatch(/\ble="/);
});

test('labels of alerts are severity, layer and what tells twins apart: a value would make a new alert each time', () => {
  for (const rule of RULES) {
    if (!('alert' in rule)) continue;
    const { severity, layer, window, long_window, short_window, ...others } = rule.labels;
    expect(others).toEqual({});
    expect(Object.values(rule.labels).join('')).not.toContain('{{');
  }
});

test('an inhibition goes by labels that its sources have, so that no alert is muted by one about something else', () => {
  for (const { sources, targets, equal } of INHIBITIONS) {
    const meant = (matchers: readonly string[]) =>
      ALERTS.filter((alert) => matchers.every((one) => matches(alert, one)));
    expect(meant(sources).length).toBeGreaterThan(0);
    expect(meant(targets).length).toBeGreaterThan(0);
    if (equal.includes('alertname')) continue; // then both sides have the same labels anyway
    for (const source of meant(sources)) expect(source.by).toEqual(expect.arrayContaining([...equal]));
  }
});

test('every alert names the failure modes it is for, F01 to F43', () => {
  for (const { name, failureModes } of ALERTS) {
    const unknown = failureModes.filter((mode) => !/^F(0[1-9]|[1-3]\d|4[0-3])$/.test(mode));
    expect({ name, unknown, isForAny: failureModes.length > 0 }).toEqual({ name, unknown: [], isForAny: true });
  }
});

/** Whether an alert has what a matcher of Alertmanager asks for. */
function matches({ name, severity, layer }: (typeof ALERTS)[number], matcher: string): boolean {
  const [, label = '', operator, value = ''] = /^(\w+)(=~?)"(.*)"$/.exec(matcher) ?? [];
  const actual = { alertname: name, severity, layer }[label];
  if (actual === undefined) throw new Error(`no alert has the label of the matcher ${matcher}`);
  return operator === '=~' ? new RegExp(`^(?:${value})$`).test(actual) : actual === value;
}
