import { expect, test } from 'vitest';
import { agedTo, isStale, sourceOf } from '../../src/delivery/age.js';
import type { FeishuEvent } from '../../src/delivery/index.js';

const event = (createTime: number | null): FeishuEvent => ({
  id: 'e1',
  type: 't',
  createTime,
  appId: '',
  tenantKey: '',
  data: {},
  source: 'push',
  ageMs: createTime === null ? null : 0,
  isStale: false,
  raw: {},
});

test.each<[boolean, number | null, string]>([
  [false, 0, 'push'],
  [false, 14_999, 'push'],
  [false, 15_000, 'redelivery'],
  [false, null, 'push'],
  [false, -60_000, 'push'],
  [true, 0, 'redelivery'],
])('known %s and %s ms old, a push is a %s', (isKnown, ageMs, source) => {
  expect(sourceOf(isKnown, ageMs)).toBe(source);
});

test.each<[number | null, number | null, boolean]>([
  [0, 1_000, false],
  [0, 999, true],
  [0, null, false],
  // Without a create time it is as old as its wait here: it arrived at 600.
  [null, 500, false],
  [null, 399, true],
])('created at %s, with a limit of %s ms, at 1,000: stale is %s', (createTime, maxAgeMs, stale) => {
  expect(isStale(event(createTime), 600, 1_000, maxAgeMs)).toBe(stale);
});

test('an event ages, and nothing else about it changes', () => {
  const young = event(1_000);
  expect(agedTo(young, 5_000, true)).toEqual({ ...young, ageMs: 4_000, isStale: true });
  expect(agedTo(young, 1_000, false)).toBe(young);
});
