import { expect, test } from 'vitest';
import { type CheckResult, fail, ok, warn } from '../../src/doctor/check.js';
import { type AppDiagnosis, diagnosisOf } from '../../src/doctor/diagnosis.js';

const AT = '2026-01-02T03:04:05.000Z';
const app = (name: string, changes: Partial<AppDiagnosis> = {}): AppDiagnosis => ({
  app: name,
  appId: 'cli_1',
  source: 'daemon',
  isDeaf: false,
  deafSince: null,
  ...changes,
});
const good = (of: string | null): CheckResult => ({ app: of, name: 'x', ...ok('fine') });
const odd = (of: string | null): CheckResult => ({ app: of, name: 'x', ...warn('odd', 'look') });
const bad = (of: string | null, name = 'x'): CheckResult => ({ app: of, name, ...fail('broken', 'mend') });

test.each<[string, AppDiagnosis[], CheckResult[], boolean, string]>([
  ['one healthy app', [app('a')], [good(null), good('a')], true, 'Healthy: a connected.'],
  ['a warning', [app('a')], [good(null), odd('a')], true, 'Healthy: a connected, with 1 warning.'],
  ['warnings', [app('a'), app('b')], [odd(null), odd('a')], true, 'Healthy: a, b connected, with 2 warnings.'],
  [
    'a probe',
    [app('a', { source: 'probe', isDeaf: null })],
    [odd(null), good('a')],
    true,
    'No connector was found. a can connect, with 1 warning.',
  ],
  [
    'a deaf app, whose other failures follow from that',
    [app('a', { isDeaf: true, deafSince: AT }), app('b')],
    [good(null), bad('a', 'connected'), bad('a', 'outage'), good('b')],
    false,
    `DEAF: a since ${AT}.`,
  ],
  [
    'deaf apps and another failure',
    [app('a', { isDeaf: true }), app('b')],
    [bad(null, 'probes'), bad('a'), bad('b', 'token')],
    false,
    'DEAF: a. FAILED: probes; token of b.',
  ],
  [
    'apps that fail of the same',
    [app('a'), app('b'), app('c'), app('d')],
    [bad(null, 'rules'), bad('a', 'DNS'), bad('b', 'token'), bad('b', 'journal'), bad('c', 'DNS'), good('d')],
    false,
    'FAILED: rules; DNS of a, c; token, journal of b.',
  ],
  ['nothing', [], [], false, 'FAILED: there was nothing to look at.'],
])('the verdict on %s', (_what, apps, checks, isHealthy, verdict) => {
  expect(diagnosisOf({ at: AT, daemon: null, apps, checks, notices: [] })).toMatchObject({ isHealthy, verdict });
});

test('the document begins with what matters, and counts', () => {
  const diagnosis = diagnosisOf({ at: AT, daemon: null, apps: [], checks: [good('a'), bad('a')], notices: [] });
  expect(Object.keys(diagnosis)).toEqual([
    ...['schemaVersion', 'at', 'isHealthy', 'verdict', 'daemon', 'apps', 'counts', 'checks', 'notices'],
  ]);
  expect(diagnosis.counts).toEqual({ ok: 1, warn: 0, fail: 1, skip: 0 });
});
