import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Expectation,
  FIRST_VIEW,
  ghostsAt,
  needsConfirming,
  type ServerView,
  VIEW_VERDICTS,
  viewed,
} from '../../src/catchup/index.js';

const ONE: Expectation = { ours: 1, others: 0, ghosts: 0 };

function poll(expectation: Expectation, ...seen: readonly (number | null)[]): ServerView {
  return seen.reduce<ServerView>((view, count, index) => viewed(view, count, expectation, index), FIRST_VIEW);
}

test.each([
  ['one that agrees', ONE, [1], 'agrees'],
  ['nobody has asked yet', ONE, [], 'unknown'],
  ['one call that failed', ONE, [1, null], 'unknown'],
  ['one low reading after agreement', ONE, [1, 0], 'agrees'],
  ['one low reading before any other', ONE, [0], 'unknown'],
  ['two low readings', ONE, [1, 0, 0], 'zombie'],
  ['two low readings with a failure between', ONE, [0, null, 0], 'zombie'],
  ['a low one, an agreeing one, a low one', ONE, [0, 1, 0], 'agrees'],
  ['one high reading', ONE, [1, 2], 'agrees'],
  ['two high readings', ONE, [1, 2, 2], 'foreign_consumer'],
  ['two high, then one that agrees', ONE, [2, 2, 1], 'agrees'],
  ['two low, then one high', ONE, [0, 0, 2], 'agrees'],
  ['two high, then one low', ONE, [2, 2, 0], 'agrees'],
  ['high, and a ghost of ours explains it', { ...ONE, ghosts: 1 }, [2], 'ghost'],
  ['higher than our ghosts explain', { ...ONE, ghosts: 1 }, [3, 3], 'foreign_consumer'],
  ['a replica of the fleet is away', { ours: 1, others: 2, ghosts: 0 }, [2, 1], 'agrees'],
  ['fewer than ours alone', { ours: 2, others: 2, ghosts: 0 }, [1, 1], 'zombie'],
  ['one more than the whole fleet', { ours: 1, others: 2, ghosts: 0 }, [4, 4], 'foreign_consumer'],
] as const)('%s', (_name, expectation, seen, verdict) => {
  expect(poll(expectation, ...seen).verdict).toBe(verdict);
});

test('the first contradiction calls for another reading, the second does not', () => {
  expect([needsConfirming(poll(ONE, 1)), needsConfirming(poll(ONE, 0)), needsConfirming(poll(ONE, 0, 0))]).toEqual([
    false,
    true,
    false,
  ]);
  expect([needsConfirming(poll(ONE, 2)), needsConfirming(poll(ONE, 2, 2))]).toEqual([true, false]);
});

test('ghosts are laid with time', () => {
  expect(ghostsAt([0, 500, 900], 1_000, 500)).toEqual([900]);
});

test('zombie and stranger always stand on two readings in a row (seed 9)', () => {
  const count = fc.option(fc.nat(4));
  fc.assert(
    fc.property(
      fc.array(count, { maxLength: 30 }),
      fc.nat(3),
      fc.nat(2),
      fc.nat(2),
      (readings, ours, others, ghosts) => {
        const expectation = { ours, others, ghosts };
        let view = FIRST_VIEW;
        const seen: number[] = [];
        for (const [index, reading] of readings.entries()) {
          view = viewed(view, reading, expectation, index);
          if (reading !== null) seen.push(reading);
          const latest = seen.slice(-2);
          expect(VIEW_VERDICTS).toContain(view.verdict);
          if (view.verdict === 'zombie') expect(latest.every((each) => each < ours) && latest.length === 2).toBe(true);
          if (view.verdict === 'foreign_consumer') expect(latest.every((each) => each > ours + others)).toBe(true);
          if (view.verdict === 'ghost') expect(latest.at(-1)).toBeGreaterThan(ours + others);
        }
      },
    ),
    { seed: 9, numRuns: 500 },
  );
});
