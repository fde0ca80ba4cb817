import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { interpolate } from '../../dashboards/src/interpolate.js';
import { carriesExemplars, METRIC_NAMES } from '../../src/observe/catalogue.js';
import { runTool } from '../support/run-tool.js';
import { withFiles } from '../support/temporary-folder.js';
import { lintQuery } from './lint-query.js';
import { PANELS, QUERIES } from './placed.js';
import { selectorsOf } from './selectors.js';

test('every query asks only for series that exist, with the matchers of the variables, and for counters only by rate or increase', () => {
  expect(QUERIES.length).toBeGreaterThan(90);
  expect(QUERIES.flatMap(({ where, expr }) => lintQuery(expr).map((fault) => `${where}: ${fault}`))).toEqual([]);
});

const ON_APP = 'job=~"$job", instance=~"$instance", app=~"$app"';

test.each([
  ['sum(', /does not parse/],
  [`feishu_ws_conected{${ON_APP}}`, /feishu_ws_conected is no metric/],
  ['nodejs_no_such_thing{job=~"$job", instance=~"$instance"}', /is no metric/],
  ['feishu_ws_connected{job=~"$job", app=~"$app"}', /lacks instance/],
  ['feishu_ws_connected{job="feishu", instance=~"$instance", app=~"$app"}', /lacks job/],
  ['up', /lacks job.*lacks instance/],
  ['job_app:feishu_ws_available:bool{job=~"$job"}', /lacks app/],
  [`feishu_events_received_total{${ON_APP}}`, /counter outside/],
  [`max_over_time(feishu_events_received_total{${ON_APP}}[5m])`, /counter outside/],
  [`sum(feishu_ws_session_duration_seconds_bucket{${ON_APP}})`, /counter outside/],
  [`rate(feishu_ws_connected{${ON_APP}}[$__rate_interval])`, /gauge inside rate/],
  [`rate(feishu_events_received_total{${ON_APP}}[5m])`, /not over \$__rate_interval/],
  [`feishu_ws_connected{${ON_APP}} > $threshold`, /unknown variable|does not parse/],
])('the linter refuses %s', (expr, fault) => {
  expect(lintQuery(expr).join('; ')).toMatch(fault);
});

test('every query is sound for Prometheus: promtool takes each as a recording rule', async () => {
  const rules = QUERIES.map(({ expr }, i) => ({ record: `dashboard:query:${i}`, expr: interpolate(expr) }));
  const file = { 'queries.rules.yml': stringify({ groups: [{ name: 'dashboards', rules }] }) };
  const { exitCode, output } = await withFiles(file, (folder) =>
    runTool('promtool', ['check', 'rules', ...Object.keys(file)], folder),
  );
  expect(output).toContain(`SUCCESS: ${QUERIES.length} rules found`);
  expect(exitCode).toBe(0);
});

/** Metrics on no board, each with the reason. */
const NOT_SHOWN: Readonly<Record<string, string>> = {
  feishu_ws_first_open_timestamp_seconds: 'what FeishuNeverReceived counts its day from',
  feishu_ws_last_open_timestamp_seconds: 'the left edge of "connected" in the state timeline',
};

test('every metric of the catalogue is on a board, or there is a reason', () => {
  const shown = new Set(
    QUERIES.flatMap(({ expr }) => selectorsOf(interpolate(expr))).map(({ name }) =>
      name.replace(/_(bucket|count|sum)$/, ''),
    ),
  );
  expect(METRIC_NAMES.filter((name) => !shown.has(name))).toEqual(Object.keys(NOT_SHOWN));
});

test('exemplars are asked for where the metric carries them, and nowhere else', () => {
  const carriers = METRIC_NAMES.filter(carriesExemplars);
  for (const { where, targets } of PANELS) {
    for (const { expr, exemplar } of targets) {
      if (exemplar !== true) continue;
      const names = selectorsOf(interpolate(expr)).map(({ name }) => name.replace(/_bucket$/, ''));
      expect({ where, of: names.filter((name) => !carriers.includes(name as (typeof carriers)[number])) }).toEqual({
        where,
        of: [],
      });
    }
  }
  const asked = PANELS.flatMap(({ targets }) => targets).filter(({ exemplar }) => exemplar === true);
  for (const name of ['feishu_ws_connect_duration_seconds', 'feishu_event_ack_duration_seconds']) {
    expect(asked.filter(({ expr }) => expr.includes(name)).length).toBeGreaterThan(0);
  }
});

test('the legend of a query names only labels that its result has', () => {
  for (const { where, targets } of PANELS) {
    for (const { expr, legendFormat, format } of targets) {
      if (format !== 'time_series') continue;
      const outer = /^(?:[\w.]+ [*/-] )*(?:[a-z]+\(\d[\d.]*, )?(?:sum|max|min|avg) by \(([^)]*)\)/.exec(expr);
      if (outer?.[1] === undefined) continue;
      const labels = outer[1].split(', ');
      const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label ?? '');
      expect({ where, unknown: named.filter((label) => !labels.includes(label)) }).toEqual({ where, unknown: [] });
    }
  }
});
