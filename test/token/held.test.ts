import { expect, test } from 'vitest';
import { holdToken, isUsable, lifetimeMsOf } from '../../src/token/index.js';

test.each<[unknown, number]>([
  [7_200, 7_200_000],
  ['7200', 7_200_000],
  [0.001, 1_000],
  [1, 1_000],
  [86_401, 86_400_000],
  [1e300, 86_400_000],
  [Number.POSITIVE_INFINITY, 86_400_000],
])('an expire of %o seconds is a lifetime of %i ms', (expire, lifetimeMs) => {
  expect(lifetimeMsOf(expire)).toBe(lifetimeMs);
});

test.each([undefined, null, Number.NaN, 0, -7_200, '', ' ', 'soon', {}, [], true])(
  'an expire of %o grants the minute of an unknown lifetime',
  (expire) => {
    expect(lifetimeMsOf(expire)).toBe(60_000);
  },
);

test('a token is served until five seconds before its end, counted from when it was asked for', () => {
  const held = holdToken('t-1', 1_000, 7_200_000, 1_200_000);
  expect(held).toEqual({ value: 't-1', expiresAt: 7_196_000, marginMs: 1_200_000 });
  expect(isUsable(held, 7_195_999)).toBe(true);
  expect(isUsable(held, 7_196_000)).toBe(false);
});

test('a short token gives up a tenth of its life for safety and is renewed at half of it', () => {
  expect(holdToken('t-1', 0, 10_000, 1_200_000)).toMatchObject({ expiresAt: 9_000, marginMs: 5_000 });
});
