import { expect, test } from 'vitest';
import { DEDUPLICATION_DEFAULTS, Deduplication } from '../../src/delivery/deduplication.js';

const LADDER_MS = 15_000 + 300_000 + 3_600_000 + 21_600_000;

test('the last rung of the redelivery ladder, three late seconds at each, is still recognised', () => {
  const deduplication = new Deduplication();
  deduplication.handled('e1', null, 0);
  expect(deduplication.recall('e1', LADDER_MS + 5 * 3_000)).toEqual({ outcome: 'handled', answer: null });
  expect(deduplication.recall('e1', DEDUPLICATION_DEFAULTS.maxAgeMs + 1)).toBeNull();
});

test('a failed event is remembered with its attempts until it is handled', () => {
  const deduplication = new Deduplication();
  deduplication.failed('e1', 1, 0);
  deduplication.failed('e1', 2, 10);
  expect(deduplication.recall('e1', 10)).toEqual({ outcome: 'failed', attempts: 2 });
  deduplication.handled('e1', null, 20);
  expect(deduplication.size).toBe(1);
  expect(deduplication.recall('e1', 20)).toEqual({ outcome: 'handled', answer: null });
});

test('what was handled stays handled, whatever fails afterwards', () => {
  const deduplication = new Deduplication();
  deduplication.handled('e1', null, 0);
  deduplication.failed('e1', 2, 1);
  expect(deduplication.size).toBe(1);
  expect(deduplication.recall('e1', 1)).toEqual({ outcome: 'handled', answer: null });
});

test('a small answer is kept for a minute, a large one not at all; either way the event is known', () => {
  const deduplication = new Deduplication();
  deduplication.handled('small', '"x"', 0);
  deduplication.handled('large', `"${'x'.repeat(4_096)}"`, 0);
  expect(deduplication.recall('small', 60_000)).toEqual({ outcome: 'handled', answer: '"x"' });
  expect(deduplication.recall('small', 60_001)).toEqual({ outcome: 'handled', answer: null });
  expect(deduplication.recall('large', 0)).toEqual({ outcome: 'handled', answer: null });
});

test('beyond its bound it forgets the oldest first', () => {
  const deduplication = new Deduplication({ maxCount: 2, maxAgeMs: 1_000 });
  for (const [now, id] of ['e1', 'e2', 'e3'].entries()) deduplication.handled(id, null, now);
  expect(['e1', 'e2', 'e3'].map((id) => deduplication.recall(id, 2) !== null)).toEqual([false, true, true]);
});
