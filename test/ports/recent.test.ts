import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Recent } from '../../src/ports/recent.js';

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

test('what is held stays, however old and however full, until it is set or deleted', () => {
  const recent = new Recent<number>({ maxCount: 1, maxAgeMs: 10 });
  recent.hold('held', 1);
  recent.set('a', 2, 0);
  recent.set('b', 3, 1_000);
  expect([recent.get('held', 1_000), recent.get('a', 1_000), recent.size]).toEqual([1, undefined, 1]);
  recent.set('held', 4, 1_000);
  expect([recent.get('held', 1_010), recent.get('held', 1_011), recent.size]).toEqual([4, undefined, 1]);
});

const KEYS = Array.from({ length: 60 }, (_, index) => `om_${index}`);

test('it agrees with a plain list that forgets by count and age, while it grows and keeps what is held (seed 4711)', () => {
  const step = fc.record({
    does: fc.constantFrom('set', 'set', 'hold', 'delete'),
    key: fc.constantFrom(...KEYS),
    afterMs: fc.integer({ min: 0, max: 4 }),
  });
  const limits = { maxCount: 25, maxAgeMs: 100 };
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const recent = new Recent<number>(limits);
      const held = new Map<string, number>();
      let line: { key: string; value: number; setAt: number }[] = [];
      let now = 0;
      steps.forEach(({ does, key, afterMs }, value) => {
        now += afterMs;
        line = line.filter((entry) => entry.key !== key);
        held.delete(key);
        if (does === 'set') {
          line.push({ key, value, setAt: now });
          line = line.slice(-limits.maxCount);
          recent.set(key, value, now);
          expect(recent.size).toBe(line.filter((entry) => now - entry.setAt <= limits.maxAgeMs).length);
        } else if (does === 'hold') {
          held.set(key, value);
          recent.hold(key, value);
        } else {
          recent.delete(key);
        }
        for (const asked of KEYS) {
          const known = line.find((entry) => entry.key === asked && now - entry.setAt <= limits.maxAgeMs);
          expect(recent.get(asked, now)).toBe(held.get(asked) ?? known?.value);
        }
      });
    }),
    { seed: 4711, numRuns: 200 },
  );
});

test('where there are many, room is made for a sixty-fourth of them at once, and there is never one too many', () => {
  const recent = new Recent<number>({ maxCount: 128, maxAgeMs: 1_000 });
  const sizes = new Set<number>();
  for (let index = 0; index < 1_000; index += 1) {
    recent.set(`om_${index}`, index, 0);
    if (index >= 127) sizes.add(recent.size);
    expect(recent.get(`om_${Math.max(0, index - 125)}`, 0)).toBeDefined();
  }
  expect([...sizes].toSorted()).toEqual([126, 127, 128]);
});
