import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  allows,
  type Budget,
  type BudgetLevel,
  type CallPurpose,
  isCountedPath,
  judged,
  LOOKOUT_DEFAULTS,
  levelOf,
  limitedBy,
  newBudget,
  projectedOf,
  readBudget,
  resetMsOf,
  spent,
  usedOf,
  waitMsOf,
} from '../../src/catchup/index.js';

const POLICY = LOOKOUT_DEFAULTS.budget;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** 1 January 2026, 00:00 in UTC+8. */
const JANUARY = Date.UTC(2025, 11, 31, 16);

function calls(count: number, at: number, purpose: CallPurpose = 'view', before: Budget = newBudget()): Budget {
  let budget = before;
  for (let call = 0; call < count; call++) budget = spent(budget, '/a', purpose, at);
  return budget;
}

const level = (budget: Budget, at: number, previous: BudgetLevel = 'free') => levelOf(budget, POLICY, at, previous);

test('calls are counted by route, in calendar months of UTC+8', () => {
  let budget = spent(newBudget(), '/a', 'app', JANUARY - 1);
  budget = spent(budget, '/a', 'app', JANUARY);
  budget = spent(budget, '/b', 'view', JANUARY + DAY);
  expect([usedOf(budget, JANUARY - 1), usedOf(budget, JANUARY + 30 * DAY), usedOf(budget, JANUARY + 31 * DAY)]).toEqual(
    [1, 2, 0],
  );
  expect(budget.months['2026-01']?.byRoute).toEqual({ '/a': 1, '/b': 1 });
});

test('a wall clock that is wrong for a while does not wipe the month', () => {
  let budget = calls(5, JANUARY);
  for (const year of [2030, 2031, 2032]) budget = calls(1, Date.UTC(year, 5, 1), 'app', budget);
  budget = calls(1, JANUARY + HOUR, 'app', budget);
  expect(usedOf(budget, JANUARY + HOUR)).toBeGreaterThanOrEqual(1);
  budget = calls(1, Date.UTC(2030, 5, 1), 'app', calls(5, JANUARY));
  expect(usedOf(calls(1, JANUARY + HOUR, 'app', budget), JANUARY + HOUR)).toBe(6);
});

test('routes without end are counted together beyond a hundred', () => {
  let budget = newBudget();
  for (let route = 0; route < 150; route++) budget = spent(budget, `/${route}`, 'app', JANUARY);
  const { byRoute = {} } = budget.months['2026-01'] ?? {};
  expect([Object.keys(byRoute).length, byRoute.other, usedOf(budget, JANUARY)]).toEqual([101, 50, 150]);
});

test('the month is projected from the average of a week; what catch-up took is counted, and not expected again', () => {
  let budget = newBudget();
  for (let day = 0; day < 10; day++) budget = calls(96, JANUARY + day * DAY + HOUR, 'view', budget);
  const at = JANUARY + 10 * DAY;
  expect(projectedOf(budget, at)).toBeGreaterThan(2_700);
  expect(projectedOf(budget, at)).toBeLessThan(3_200);
  const burst = calls(400, at, 'catchup', budget);
  expect(projectedOf(burst, at) - projectedOf(budget, at)).toBe(400);
});

test('the calls of a start are no pace', () => {
  expect(projectedOf(calls(10, JANUARY + HOUR), JANUARY + 2 * HOUR)).toBeLessThan(330);
});

test('freely, slower, only for messages, not at all: by what the month has taken', () => {
  const at = JANUARY + 20 * DAY;
  expect(level(calls(100, at), at)).toBe('free');
  const busy = calls(1_000, at, 'app');
  expect(level(busy, at)).toBe('slowed');
  expect(level(calls(9_100, JANUARY, 'catchup'), at)).toBe('saving');
  expect(level(calls(9_900, JANUARY, 'catchup'), at)).toBe('exhausted');
  const allowed = (at: BudgetLevel) =>
    (['app', 'view', 'reconcile', 'schedule', 'catchup'] as const).filter((purpose) =>
      allows(newBudget(), POLICY, at, purpose, JANUARY),
    );
  expect(allowed('free')).toEqual(['app', 'view', 'reconcile', 'schedule', 'catchup']);
  expect(allowed('slowed')).toEqual(['app', 'view', 'reconcile', 'catchup']);
  expect(allowed('saving')).toEqual(['app', 'catchup']);
  expect(allowed('exhausted')).toEqual(['app']);
});

test('a month that sits on the limit does not flap', () => {
  const at = JANUARY + 29 * DAY;
  const used = calls(7_500, JANUARY, 'catchup');
  const budget = calls(100, at, 'app', used);
  const projected = projectedOf(budget, at);
  expect(projected).toBeGreaterThan(7_500);
  expect(projected).toBeLessThan(8_000);
  expect([level(budget, at, 'free'), level(budget, at, 'slowed')]).toEqual(['free', 'slowed']);
});

test('catch-up takes a share of the quota a day, and no more', () => {
  const budget = calls(500, JANUARY, 'catchup');
  expect(allows(budget, POLICY, 'free', 'catchup', JANUARY + HOUR)).toBe(false);
  expect(allows(budget, POLICY, 'free', 'catchup', JANUARY + DAY)).toBe(true);
});

test('once the platform says that the quota is used up nothing of ours calls for a day, or until the month ends', () => {
  const budget = judged(newBudget(), true, JANUARY);
  expect(level(budget, JANUARY + 23 * HOUR)).toBe('exhausted');
  expect(level(budget, JANUARY + 25 * HOUR)).toBe('free');
  const last = judged(newBudget(), true, JANUARY + 31 * DAY - HOUR);
  expect(level(last, JANUARY + 31 * DAY + HOUR)).toBe('free');
  expect(judged(budget, false, JANUARY).exhaustedAt).toBeNull();
});

test('tokens and tickets are not counted', () => {
  expect(isCountedPath('/open-apis/im/v1/messages')).toBe(true);
  expect(isCountedPath('/open-apis/auth/v3/tenant_access_token/internal')).toBe(false);
  expect(isCountedPath('/callback/ws/endpoint')).toBe(false);
});

test('a budget survives JSON; anything else is refused', () => {
  const budget = judged(calls(3, JANUARY), true, JANUARY);
  expect(readBudget(JSON.parse(JSON.stringify(budget)))).toEqual(budget);
  for (const odd of [null, 3, {}, { months: {}, days: [{}] }, { months: { a: null }, days: [] }])
    expect(readBudget(odd)).toBeNull();
});

test('whatever is called whenever: counts add up, and stay bounded (seed 5)', () => {
  const purpose = fc.constantFrom<CallPurpose>('app', 'view', 'reconcile', 'schedule', 'catchup');
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(40), purpose), { maxLength: 300 }), (made) => {
      let budget = newBudget();
      for (const [day, why] of made) budget = spent(budget, '/a', why, JANUARY + day * DAY);
      expect(Object.keys(budget.months).length).toBeLessThanOrEqual(3);
      expect(budget.days.length).toBeLessThanOrEqual(8);
      expect(usedOf(budget, JANUARY)).toBe(made.filter(([day]) => day < 31).length);
      expect(projectedOf(budget, JANUARY + 15 * DAY)).toBeGreaterThanOrEqual(usedOf(budget, JANUARY + 15 * DAY));
    }),
    { seed: 5 },
  );
});

test('a limited route waits as long as it is told, within reason, else 1 to 30 minutes; others do not wait', () => {
  const limited = (resetMs: number | null) => limitedBy({}, '/a', { isLimited: true, resetMs }, 0);
  expect(waitMsOf(limited(7_000), '/a', 0)).toBe(7_000);
  expect([waitMsOf(limited(0), '/a', 0), waitMsOf(limited(1e12), '/a', 0)]).toEqual([1_000, 600_000]);
  expect(waitMsOf(limited(7_000), '/b', 0)).toBe(0);
  expect(waitMsOf(limited(7_000), '/a', 7_000)).toBe(0);
  let limits = {};
  const waits = Array.from({ length: 7 }, () => {
    limits = limitedBy(limits, '/a', { isLimited: true, resetMs: null }, 0);
    return waitMsOf(limits, '/a', 0) / 60_000;
  });
  expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30]);
  expect(limitedBy(limits, '/a', { isLimited: false, resetMs: null }, 0)).toEqual({});
});

test.each([
  [{ 'x-ogw-ratelimit-reset': '7' }, 7_000],
  [{ 'x-ogw-ratelimit-reset': '-1' }, null],
  [{ 'x-ogw-ratelimit-reset': 'soon' }, null],
  [{}, null],
])('the header %j is %j milliseconds', (headers, expected) => {
  expect(resetMsOf(headers as Record<string, string>)).toBe(expected);
});
