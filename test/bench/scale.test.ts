import { expect, test } from 'vitest';

// The parts of the bench are plain JavaScript, so their types are said here.
interface Growth {
  readonly exponent: number | null;
  readonly each: number | null;
}
const { growthOf } = (await import(new URL('../../bench/scale/growth.mjs', import.meta.url).href)) as {
  growthOf(points: readonly (readonly [number, number])[]): Growth;
};

function pointsOf(figureOf: (size: number) => number): [number, number][] {
  return [1, 10, 50, 200].map((size) => [size, figureOf(size)]);
}

test.each<[string, (size: number) => number, number, number]>([
  ['what is the same at any size', () => 7, 0, 0],
  ['what is proportional', (size) => 3 * size, 1, 3],
  ['what grows with the square', (size) => 2 * size ** 2, 2, 402],
  ['what grows with the root', (size) => size ** 0.5, 0.5, (200 ** 0.5 - 1) / 199],
])('%s has the exponent of its power', (_what, figureOf, exponent, each) => {
  const growth = growthOf(pointsOf(figureOf));
  expect(growth.exponent).toBeCloseTo(exponent, 9);
  expect(growth.each).toBeCloseTo(each, 9);
});

test('a price that comes on top of a fixed one is what each costs, whatever the exponent', () => {
  const { exponent, each } = growthOf(pointsOf((size) => 100 + 0.5 * size));
  expect(each).toBeCloseTo(0.5, 9);
  expect(exponent).toBeLessThan(0.2);
});

test('one size tells nothing of growth, and what was 0 has no exponent', () => {
  expect(growthOf([[1, 5]])).toEqual({ exponent: null, each: null });
  expect(growthOf(pointsOf((size) => size - 1))).toEqual({ exponent: null, each: 1 });
});
