import { expect, test } from 'vitest';
import { DAEMON_CHECKS } from '../../src/doctor/app-judgement.js';
import { CONSOLE_CHECKS } from '../../src/doctor/console-checks.js';
import { JOURNAL_CHECK } from '../../src/doctor/journal-check.js';
import { METRICS_CHECK } from '../../src/doctor/metrics-check.js';
import { GROUND_CHECKS, PROBE_CHECKS } from '../../src/doctor/probe-checks.js';
import { PROMETHEUS_CHECKS } from '../../src/doctor/prometheus-checks.js';
import { behindMs, CHECKS, longestWayMs, rankOf } from '../../src/doctor/table.js';

const ROWS = Object.entries(CHECKS) as [string, { needs: readonly string[]; after?: readonly string[] }][];

test('the longest way through the table is nine seconds: everything ends within ten', () => {
  expect(longestWayMs(CHECKS)).toBe(9_000);
});

test('whoever waits for another stands behind it in the table, so that the order of the lists is an order of making', () => {
  for (const [name, { needs, after = [] }] of ROWS)
    for (const earlier of [...needs, ...after]) {
      expect(rankOf(earlier), `${name} waits for ${earlier}`).toBeGreaterThanOrEqual(0);
      expect(rankOf(earlier), `${name} waits for ${earlier}`).toBeLessThan(rankOf(name));
    }
});

test('the time behind a check is that of the longest way on', () => {
  const row = (limitMs: number, needs: string[], after: string[] = []) => ({ limitMs, needs, after });
  const plan = { a: row(1, []), b: row(10, ['a']), c: row(100, ['a']), d: row(1_000, ['b'], ['c']) };
  expect(['a', 'b', 'c', 'd'].map((name) => behindMs(plan, name))).toEqual([1_100, 1_000, 1_000, 0]);
  expect(longestWayMs(plan)).toBe(1_101);
});

test('every check that is made is a row, and every row is made', () => {
  const lists = [DAEMON_CHECKS, GROUND_CHECKS, PROBE_CHECKS, CONSOLE_CHECKS, [JOURNAL_CHECK], [METRICS_CHECK]];
  const made = [...lists, PROMETHEUS_CHECKS].flat().map(({ name }) => name);
  // These three are told of the daemon's answer and of what it runs.
  expect(new Set([...made, 'daemon', 'probes', 'reload', 'run here'])).toEqual(new Set(Object.keys(CHECKS)));
});
