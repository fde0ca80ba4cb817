import { expect, test } from 'vitest';
import { type Check, fail, ok, runChecks, skipAll, warn } from '../../src/doctor/check.js';
import { HandClock } from '../support/hand-clock.js';

const passes = (name: string, needs: string[] = []): Check<null> => ({
  name,
  needs,
  look: () => ok(`${name} is fine`),
});

test('what needs a check that failed is skipped and says which one that was, however far it is', async () => {
  const clock = new HandClock();
  const checks: Check<null>[] = [
    passes('a'),
    { name: 'b', needs: ['a'], look: () => fail('broken', 'mend it') },
    passes('c', ['a']),
    passes('d', ['b']),
    passes('e', ['d']),
  ];
  const results = await runChecks(checks, null, 'bot', { clock, endsAt: 1_000 });
  expect(results.map(({ name, result, evidence }) => [name, result, evidence])).toEqual([
    ['a', 'ok', 'a is fine'],
    ['b', 'fail', 'broken'],
    ['c', 'ok', 'c is fine'],
    ['d', 'skip', 'the check before it failed: b'],
    ['e', 'skip', 'the check before it failed: b'],
  ]);
  expect(results.every(({ app }) => app === 'bot')).toBe(true);
});

test('a warning keeps nothing from being checked', async () => {
  const checks: Check<null>[] = [{ name: 'a', needs: [], look: () => warn('odd', 'look') }, passes('b', ['a'])];
  const results = await runChecks(checks, null, null, { clock: new HandClock(), endsAt: 1 });
  expect(results.map(({ result }) => result)).toEqual(['warn', 'ok']);
});

test('time that one check leaves goes to those behind it, and one without weight takes none', async () => {
  const clock = new HandClock();
  const limits: number[] = [];
  const takes = (name: string, ms: number, weight?: number): Check<null> => ({
    name,
    needs: [],
    ...(weight !== undefined && { weight }),
    look: async (_subject, limitMs) => {
      limits.push(limitMs);
      await clock.advanceBy(ms);
      return ok(name);
    },
  });
  const checks = [takes('quick', 0), takes('hangs', 300), takes('last', 900), takes('late', 0), takes('free', 0, 0)];
  await runChecks(checks, null, null, { clock, endsAt: 1_200 });
  expect(limits).toEqual([300, 400, 450, 1, 1]);
});

test('a bug in a check is no finding', async () => {
  const broken: Check<null> = {
    name: 'broken',
    needs: [],
    look: () => {
      throw new TypeError('a bug');
    },
  };
  await expect(runChecks([broken], null, null, { clock: new HandClock(), endsAt: 1 })).rejects.toThrow('a bug');
});

test('times are whole milliseconds, and null where there are none', () => {
  expect(ok('x', { ageMs: 3.6, tookMs: 0.2 })).toMatchObject({ ageMs: 4, tookMs: 0 });
  expect(skipAll([passes('a')], 'bot', 'no reason')).toEqual([
    { app: 'bot', name: 'a', result: 'skip', evidence: 'no reason', advice: null, ageMs: null, tookMs: null },
  ]);
});
