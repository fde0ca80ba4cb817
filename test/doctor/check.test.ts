import { expect, test } from 'vitest';
import { type Check, fail, inTime, ok, Round, runChecks, skip, skipAll, warn } from '../../src/doctor/check.js';
import type { Plan } from '../../src/doctor/table.js';
import { HandClock } from '../support/hand-clock.js';

const passes = (name: string): Check<null> => ({ name, look: () => ok(`${name} is fine`) });
const row = (limitMs: number, needs: readonly string[] = [], after: readonly string[] = []) => ({
  limitMs,
  needs,
  after,
});

test('what needs a check that failed is not reached and says which one that was, however far it is', async () => {
  const plan: Plan = { a: row(1), b: row(1, ['a']), c: row(1, ['a']), d: row(1, ['b']), e: row(1, ['d']) };
  const checks: Check<null>[] = [
    passes('a'),
    { name: 'b', look: () => fail('broken', 'mend it') },
    passes('c'),
    passes('d'),
    passes('e'),
  ];
  const results = await runChecks(checks, null, 'bot', { clock: new HandClock(), endsAt: 1_000, plan });
  expect(results.map(({ name, result, evidence }) => [name, result, evidence])).toEqual([
    ['a', 'ok', 'a is fine'],
    ['b', 'fail', 'broken'],
    ['c', 'ok', 'c is fine'],
    ['d', 'skip', 'not reached: b failed'],
    ['e', 'skip', 'not reached: b failed'],
  ]);
  expect(results.every(({ app }) => app === 'bot')).toBe(true);
});

test.each([
  ['a warning', warn('odd', 'look')],
  ['a check that had nothing to look at', skip('no proxy')],
])('%s keeps nothing from being checked', async (_what, finding) => {
  const plan: Plan = { a: row(1), b: row(1, ['a']) };
  const checks: Check<null>[] = [{ name: 'a', look: () => finding }, passes('b')];
  const results = await runChecks(checks, null, null, { clock: new HandClock(), endsAt: 1_000, plan });
  expect(results.map(({ result }) => result)).toEqual([finding.result, 'ok']);
});

test('what a check only waits for may fail', async () => {
  const clock = new HandClock();
  const plan: Plan = { a: row(1), b: row(1, [], ['a']) };
  const order: string[] = [];
  const checks: Check<null>[] = [
    {
      name: 'a',
      look: async () => {
        await clock.advanceBy(10);
        order.push('a');
        return fail('broken', 'mend it');
      },
    },
    {
      name: 'b',
      look: () => {
        order.push('b');
        return ok('fine');
      },
    },
  ];
  const results = await runChecks(checks, null, null, { clock, endsAt: 1_000, plan });
  expect([order, results.map(({ result }) => result)]).toEqual([
    ['a', 'b'],
    ['fail', 'ok'],
  ]);
});

test('a check may have its own needs where it is made of something else', async () => {
  const plan: Plan = { a: row(1), b: row(1, ['a']) };
  const checks: Check<null>[] = [
    { name: 'a', look: () => fail('broken', 'mend it') },
    { ...passes('b'), needs: [] },
  ];
  const results = await runChecks(checks, null, null, { clock: new HandClock(), endsAt: 1_000, plan });
  expect(results[1]?.result).toBe('ok');
});

test('checks begun later wait for those begun before, and what was never begun is not waited for', async () => {
  const plan: Plan = { a: row(1), b: row(1, ['a', 'never']) };
  const round = new Round(null, { clock: new HandClock(), endsAt: 1_000, plan });
  const first = round.make([{ name: 'a', look: () => fail('broken', 'mend it') }], null);
  expect(await round.make([passes('b')], null)).toMatchObject([{ result: 'skip', evidence: 'not reached: a failed' }]);
  expect(await first).toMatchObject([{ result: 'fail' }]);
});

test('each may take all the time that is not kept for those behind it', async () => {
  const clock = new HandClock();
  const limits: Record<string, number> = {};
  const takes = (name: string, ms: number): Check<null> => ({
    name,
    look: async (_subject, limitMs) => {
      limits[name] = limitMs;
      await clock.advanceBy(ms);
      return ok(name);
    },
  });
  const plan: Plan = { quick: row(100), slow: row(300, ['quick']), last: row(600, ['slow']), aside: row(50) };
  const limit = { clock, endsAt: 2_000, plan };
  await new Round(null, limit).make([takes('quick', 0), takes('slow', 1_200)], null);
  expect(limits).toEqual({ quick: 200, slow: 800 });
  const late = new Round(null, { ...limit, endsAt: clock.now() + 2_000 });
  await late.make([takes('quick', 100), takes('slow', 700), takes('last', 5_000), takes('aside', 0)], null);
  expect(limits).toEqual({ quick: 200, slow: 700, last: 1_200, aside: 2_000 });
});

test('there is always a millisecond to look in', async () => {
  const limits: number[] = [];
  const check: Check<null> = {
    name: 'a',
    look: (_subject, limitMs) => {
      limits.push(limitMs);
      return ok('fine');
    },
  };
  await runChecks([check], null, null, { clock: new HandClock(), endsAt: -5, plan: { a: row(1) } });
  expect(limits).toEqual([1]);
});

test('a bug in a check is no finding', async () => {
  const broken: Check<null> = {
    name: 'broken',
    look: () => {
      throw new TypeError('a bug');
    },
  };
  await expect(runChecks([broken], null, null, { clock: new HandClock(), endsAt: 1 })).rejects.toThrow('a bug');
});

test('work that hangs is not waited for', async () => {
  const clock = new HandClock();
  const hanging = inTime(clock, new Promise<never>(() => {}), 100, () => new Error('late'));
  const told = expect(hanging).rejects.toThrow('late');
  await clock.advanceBy(100);
  await told;
  expect(await inTime(clock, Promise.resolve(1), 100, () => new Error('late'))).toBe(1);
  expect(clock.pending).toBe(0);
});

test('times are whole milliseconds, and null where there are none', () => {
  expect(ok('x', { ageMs: 3.6, tookMs: 0.2 })).toMatchObject({ ageMs: 4, tookMs: 0 });
  expect(skipAll([passes('a')], 'bot', 'no reason')).toEqual([
    { app: 'bot', name: 'a', result: 'skip', evidence: 'no reason', advice: null, ageMs: null, tookMs: null },
  ]);
});
