import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Backoff, backoffMs, checkBackoff, JITTERS } from '../../src/ports/index.js';

const DOUBLING: Backoff = { initialMs: 1_000, maxMs: 60_000, factor: 2, jitter: 'none' };
const LADDER: Backoff = { ...DOUBLING, scheduleMs: [5_000, 10_000, 30_000, 60_000, 120_000] };

test('waits double from the initial to the longest and stay there', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8, 100_000].map((failures) => backoffMs(DOUBLING, failures, 0.5));
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

test('an explicit schedule is followed and its last wait repeats', () => {
  const waits = [1, 2, 3, 4, 5, 6, 900].map((failures) => backoffMs(LADDER, failures, 0.5));
  expect(waits).toEqual([5_000, 10_000, 30_000, 60_000, 120_000, 120_000, 120_000]);
});

test('full jitter spreads over the whole wait but never under a tenth of the first one', () => {
  const full: Backoff = { ...DOUBLING, jitter: 'full' };
  expect(backoffMs(full, 4, 0)).toBe(100);
  expect(backoffMs(full, 4, 0.5)).toBe(4_000);
  expect(backoffMs({ ...LADDER, jitter: 'full' }, 3, 0)).toBe(500);
});

test('equal jitter waits at least half', () => {
  const equal: Backoff = { ...DOUBLING, jitter: 'equal' };
  expect(backoffMs(equal, 3, 0)).toBe(2_000);
  expect(backoffMs(equal, 3, 0.5)).toBe(3_000);
});

test('a count below one counts as the first failure', () => {
  expect(backoffMs(DOUBLING, 0, 0)).toBe(1_000);
  expect(backoffMs(DOUBLING, -3, 0)).toBe(1_000);
});

test('every wait is positive and within its limit, whatever is drawn (seed 11)', () => {
  const anyBackoff = fc
    .record({
      initialMs: fc.integer({ min: 1, max: 100_000 }),
      growth: fc.integer({ min: 0, max: 10_000_000 }),
      factor: fc.double({ min: 1, max: 100, noNaN: true }),
      jitter: fc.constantFrom(...JITTERS),
    })
    .map(({ growth, ...rest }): Backoff => ({ ...rest, maxMs: rest.initialMs + growth }));
  fc.assert(
    fc.property(
      anyBackoff,
      fc.integer({ min: 1, max: 10_000_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (backoff, failures, random) => {
        const waitMs = backoffMs(checkBackoff('backoff', backoff), failures, random);
        expect(waitMs).toBeGreaterThan(0);
        expect(waitMs).toBeLessThanOrEqual(backoff.maxMs);
      },
    ),
    { seed: 11 },
  );
});

test.each<[string, Partial<Backoff>, string]>([
  ['initialMs', { initialMs: 0 }, 'retry.initialMs must be from 1 to 86400000, got 0'],
  ['initialMs', { initialMs: Number.NaN }, 'retry.initialMs must be from 1 to 86400000, got NaN'],
  ['maxMs', { maxMs: 999 }, 'retry.maxMs must be from 1000 to 86400000, got 999'],
  ['maxMs', { maxMs: Number.POSITIVE_INFINITY }, 'retry.maxMs must be from 1000 to 86400000, got Infinity'],
  ['factor', { factor: 0.5 }, 'retry.factor must be from 1 to 100, got 0.5'],
  ['jitter', { jitter: 'some' as 'full' }, 'retry.jitter must be one of full, equal, none, got some'],
  ['scheduleMs', { scheduleMs: [] }, 'retry.scheduleMs must be a list of 1 to 1000 waits, got a list of 0'],
  ['scheduleMs', { scheduleMs: [5, -1] }, 'retry.scheduleMs[1] must be from 1 to 86400000, got -1'],
])('a wrong %s is refused with field, bound and value (%o)', (_field, change, message) => {
  expect(() => checkBackoff('retry', { ...DOUBLING, ...change })).toThrow(new RangeError(message));
});

test('a sound backoff passes unchanged', () => {
  expect(checkBackoff('retry', LADDER)).toBe(LADDER);
});
