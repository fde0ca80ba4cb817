import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judgeClock, skewOf } from '../../src/doctor/clock-check.js';

const NOON = Date.UTC(2026, 0, 2, 12, 0, 0);
/** A platform that says noon, asked by a clock that is so far from it, with a round trip. */
const seen = (oursMs: number, tookMs = 0) => ({
  header: new Date(NOON).toUTCString(),
  askedAt: NOON + oursMs,
  answeredAt: NOON + oursMs + tookMs,
});

test('the true skew is within the bound, whatever the round trip and the cut-off second (seed 7)', () => {
  const ms = (max: number) => fc.integer({ min: 0, max });
  const skews = fc.integer({ min: -100_000, max: 100_000 });
  fc.assert(
    fc.property(skews, ms(999), ms(3_000), ms(3_000), (skewMs, cutOffMs, thereMs, backMs) => {
      // It was written at noon and a bit, by their clock; ours is `skewMs` ahead.
      const askedAt = NOON + cutOffMs - thereMs + skewMs;
      const skew = skewOf({ header: new Date(NOON).toUTCString(), askedAt, answeredAt: askedAt + thereMs + backMs });
      expect(skew?.leastMs).toBeLessThanOrEqual(skewMs);
      expect(skew?.mostMs).toBeGreaterThanOrEqual(skewMs);
    }),
    { seed: 7, numRuns: 200 },
  );
});

test.each([
  [0, 0, 'ok'],
  [10_999, 0, 'ok'],
  [11_000, 0, 'warn'],
  [-9_999, 0, 'ok'],
  [-10_000, 0, 'warn'],
  [61_000, 0, 'fail'],
  [-60_000, 0, 'fail'],
  // What a slow answer makes uncertain is not held against the clock.
  [-12_000, 5_000, 'ok'],
])('a clock that is %i ms off, asked in %i ms, is %s', (oursMs, tookMs, result) => {
  expect(judgeClock(seen(oursMs, tookMs)).result).toBe(result);
});

test('which way it is off is told, and what that does', () => {
  expect(judgeClock(seen(120_000))).toMatchObject({
    result: 'fail',
    evidence: expect.stringContaining("this machine's clock is at least 1 min 59 s ahead of the platform's"),
    advice: expect.stringContaining('NTP'),
  });
  expect(judgeClock(seen(-120_000)).evidence).toContain('2 min behind');
});

test.each([null, 'yesterday'])('an answer with the date %j says nothing', (header) => {
  expect(judgeClock({ header, askedAt: NOON, answeredAt: NOON }).result).toBe('skip');
});
