import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { interpolate } from '../../dashboards/src/interpolate.js';
import { carriesExemplars, METRIC_NAMES } from '../../src/observe/catalogue.js';
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

test('every query is sound for Prometheus: promtool takes each as a recording rule', () => {
  const folder = mkdtempSync(join(tmpdir(), 'feishu-dashboards-'));
  try {
    const rules = QUERIES.map(({ expr }, i) => ({ record: `dashboard:query:${i}`, expr: interpolate(expr) }));
    const file = join(folder, 'queries.rules.yml');
    writeFileSync(file, stringify({ groups: [{ name: 'dashboards', rules }] }));
    const said = execFileSync('promtool', ['check', 'rules', file], { encoding: 'utf8' });
    expect(said).toContain(`${QUERIES.length} rules found`);
  } finally {
    rmSync(folder, { recursive: true });
  }
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
