import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FingerprintTable } from '../../src/delivery/fingerprint-table.js';

test('it holds what a map would, whatever is set and deleted, also where many have the same home (seed 20261123)', () => {
  // Few different bits in either half: the same slot for many, and the last of a segment for some.
  const half = fc.constantFrom(0, 1, 2, 7, 8, 15, -1, -2, -8);
  const step = fc.record({
    low: half,
    high: half.map((bits) => bits & 0x03ff_ffff),
    value: fc.option(fc.constantFrom(1, 2, 2 ** 31, 2 ** 32 - 1)),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const table = new FingerprintTable();
      const model = new Map<string, number>();
      for (const { low, high, value } of steps) {
        if (value === null) table.delete(low, high);
        else table.set(low, high, value);
        if (value === null) model.delete(`${low} ${high}`);
        else model.set(`${low} ${high}`, value);
        expect(table.size).toBe(model.size);
      }
      for (const { low, high } of steps) expect(table.get(low, high)).toBe(model.get(`${low} ${high}`) ?? 0);
    }),
    { seed: 20261123, numRuns: 300 },
  );
});

test('it grows to any number, and shrinks to none', () => {
  const table = new FingerprintTable();
  const halves = (index: number) => [Math.imul(index, 0x9e3779b1), Math.imul(index + 1, 0x85ebca6b)] as const;
  const COUNT = 100_000;
  for (let index = 0; index < COUNT; index += 1) table.set(...halves(index), index + 1);
  const indexes = Array.from({ length: COUNT }, (_, index) => index);
  expect(indexes.every((index) => table.get(...halves(index)) === index + 1)).toBe(true);
  for (let index = 0; index < COUNT; index += 2) table.delete(...halves(index));
  expect(indexes.every((index) => table.get(...halves(index)) === (index % 2 === 0 ? 0 : index + 1))).toBe(true);
  for (let index = 1; index < COUNT; index += 2) table.delete(...halves(index));
  expect(table.size).toBe(0);
});
