import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Recent } from '../../src/delivery/recent.js';

test('the oldest makes room, and to set again is to be the newest', () => {
  const recent = new Recent<number>({ maxCount: 2, maxAgeMs: 1_000 });
  recent.set('a', 1, 0);
  recent.set('b', 2, 1);
  recent.set('a', 3, 2);
  recent.set('c', 4, 3);
  expect([recent.get('a', 3), recent.get('b', 3), recent.get('c', 3)]).toEqual([3, undefined, 4]);
  expect(recent.size).toBe(2);
});

test('an entry is known up to its age, and its room is free again at the next one', () => {
  const recent = new Recent<number>({ maxCount: 10, maxAgeMs: 1_000 });
  recent.set('a', 1, 0);
  expect(recent.get('a', 1_000)).toBe(1);
  expect(recent.get('a', 1_001)).toBeUndefined();
  recent.set('b', 2, 1_001);
  expect(recent.size).toBe(1);
});

test('it agrees with a plain list that forgets by count and age (seed 4711)', () => {
  const step = fc.record({
    does: fc.constantFrom('set', 'delete'),
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    afterMs: fc.integer({ min: 0, max: 40 }),
  });
  const limits = { maxCount: 3, maxAgeMs: 100 };
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const recent = new Recent<number>(limits);
      let model: { key: string; value: number; setAt: number }[] = [];
      let now = 0;
      steps.forEach(({ does, key, afterMs }, value) => {
        now += afterMs;
        model = model.filter((entry) => entry.key !== key);
        if (does === 'set') {
          model.push({ key, value, setAt: now });
          model = model.slice(-limits.maxCount);
          recent.set(key, value, now);
          expect(recent.size).toBe(model.filter((entry) => now - entry.setAt <= limits.maxAgeMs).length);
        } else {
          recent.delete(key);
        }
        for (const asked of ['a', 'b', 'c', 'd', 'e']) {
          const known = model.find((entry) => entry.key === asked && now - entry.setAt <= limits.maxAgeMs);
          expect(recent.get(asked, now)).toBe(known?.value);
        }
      });
    }),
    { seed: 4711, numRuns: 500 },
  );
});
