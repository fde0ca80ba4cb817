import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  CALM,
  climbed,
  isEnough,
  type Ladder,
  type LadderAction,
  type LadderInput,
  LOOKOUT_DEFAULTS,
  ladderWakeAt,
  PROOFS,
  type Proof,
  type Suspicion,
} from '../../src/catchup/index.js';

const POLICY = LOOKOUT_DEFAULTS.replace;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const suspect = (suspicion: Suspicion, proof: Proof | null = null): LadderInput => ({
  type: 'suspect',
  suspicion,
  proof,
});
const viewed = (isBelow: boolean | null): LadderInput => ({ type: 'viewed', isBelow });
const compared = (verdict: 'agrees' | 'deaf' | 'unknown', isExplained = false): LadderInput => ({
  type: 'compared',
  verdict,
  isExplained,
});

/** Inputs at their times; what follows from each. */
function climb(...inputs: readonly (readonly [at: number, input: LadderInput])[]) {
  let ladder: Ladder = CALM;
  const done: string[] = [];
  for (const [at, input] of inputs) {
    const step = climbed(ladder, input, POLICY, at);
    ladder = step.next;
    done.push(...step.actions.map(said));
  }
  return { ladder, done };
}

const said = (action: LadderAction): string =>
  action.do === 'replace'
    ? `replace on ${action.proofs.join(', ')}`
    : action.do === 'judge'
      ? `judge ${action.isEffective}`
      : action.do;

test('silence that neither count nor history confirms is cleared', () => {
  const { done, ladder } = climb([0, suspect('silence', 'silence')], [1, viewed(false)], [2, compared('agrees')]);
  expect(done).toEqual(['look', 'clear']);
  expect(ladder.look).toBeNull();
});

test('silence and a low count are two facts of different sources', () => {
  const { done } = climb([0, suspect('silence', 'silence')], [1, viewed(true)]);
  expect(done).toEqual(['look', 'replace on silence, count_below']);
});

test('a low count is asked for again, and replaced on the second', () => {
  expect(climb([0, suspect('server_view', 'count_below')], [1, viewed(true)]).done).toEqual([
    'look',
    'replace on count_below, count_below_again',
  ]);
});

test('a message that history has and we have not is a contradiction by itself', () => {
  expect(climb([0, suspect('woke_up')], [1, viewed(null)], [2, compared('deaf')]).done).toEqual([
    'look',
    'replace on unseen_message',
  ]);
  expect(climb([0, compared('deaf')]).done).toEqual(['replace on unseen_message']);
});

test('nothing is replaced for what somebody else took', () => {
  expect(climb([0, suspect('silence', 'silence')], [1, viewed(false)], [2, compared('deaf', true)]).done).toEqual([
    'look',
    'clear',
  ]);
  expect(climb([0, compared('deaf', true)]).done).toEqual([]);
});

test('what nobody could look at clears, as it proves nothing', () => {
  expect(climb([0, suspect('silence', 'silence')], [1, viewed(null)], [2, compared('unknown')]).done).toEqual([
    'look',
    'clear',
  ]);
});

test('a replacement in vain makes the next one rarer; an event ends that', () => {
  const vain = climb(
    [0, compared('deaf')],
    [10 * MINUTE, { type: 'tick' }],
    [11 * MINUTE, compared('deaf')],
    [30 * MINUTE, compared('deaf')],
    [31 * MINUTE, compared('deaf')],
  );
  expect(vain.done).toEqual([
    'replace on unseen_message',
    'judge false',
    'look',
    'replace on unseen_message',
    'replace on unseen_message',
  ]);
  expect(vain.ladder.replacedAt).toBe(31 * MINUTE);
  const healed = climb([0, compared('deaf')], [MINUTE, { type: 'event' }], [11 * MINUTE, compared('deaf')]);
  expect(healed.done).toEqual(['replace on unseen_message', 'judge true', 'replace on unseen_message']);
});

test('what was proven is looked at again when the pause is over', () => {
  const { done, ladder } = climb([0, compared('deaf')], [MINUTE, { type: 'event' }]);
  expect(done).toEqual(['replace on unseen_message', 'judge true']);
  const wakeAt = ladderWakeAt(ladder) ?? 0;
  expect(climbed(ladder, { type: 'tick' }, POLICY, wakeAt).actions).toMatchObject([
    { do: 'look', suspicion: 'schedule' },
  ]);
});

test('a lost connection makes suspicions of it moot', () => {
  const { done } = climb(
    [0, suspect('silence', 'silence')],
    [1, { type: 'disconnected' }],
    [2, viewed(true)],
    [3, compared('agrees')],
  );
  expect(done).toEqual(['look']);
});

test('an operator is always heard', () => {
  const many = Array.from({ length: 30 }, (_, index) => [
    [index * 1_000, suspect('woke_up')],
    [index * 1_000 + 1, viewed(false)],
    [index * 1_000 + 2, compared('agrees')],
  ]).flat() as [number, LadderInput][];
  const { done } = climb(...many, [60_000, suspect('operator')]);
  expect(done.filter((each) => each === 'look')).toHaveLength(13);
});

test('which proofs are enough', () => {
  const enough = (...proofs: Proof[]) => isEnough(proofs);
  expect([enough(), enough('silence'), enough('count_below'), enough('silence', 'silence')]).toEqual([
    false,
    false,
    false,
    false,
  ]);
  expect([enough('unseen_message'), enough('canary_missing'), enough('silence', 'count_below')]).toEqual([
    true,
    true,
    true,
  ]);
});

const anyInput: fc.Arbitrary<LadderInput> = fc.oneof(
  fc.constantFrom<LadderInput>(
    suspect('silence', 'silence'),
    suspect('server_view', 'count_below'),
    suspect('woke_up'),
    suspect('canary_missing', 'canary_missing'),
    suspect('operator'),
    { type: 'event' },
    { type: 'disconnected' },
    { type: 'tick' },
  ),
  fc.constantFrom(true, false, null).map(viewed),
  fc.constantFrom('agrees' as const, 'deaf' as const, 'unknown' as const).map((verdict) => compared(verdict)),
);

test('whatever comes: replacements keep their pause, looks their bound, and none stands on one reading (seed 31)', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(10 * MINUTE), anyInput), { maxLength: 200 }), (inputs) => {
      let ladder: Ladder = CALM;
      let now = 0;
      const replacedAt: number[] = [];
      const lookedAt: number[] = [];
      for (const [waitMs, input] of inputs) {
        now += waitMs;
        const { next, actions } = climbed(ladder, input, POLICY, now);
        for (const action of actions) {
          if (action.do === 'look' && action.suspicion !== 'operator') lookedAt.push(now);
          if (action.do !== 'replace') continue;
          expect(isEnough(action.proofs)).toBe(true);
          expect(action.proofs.every((proof) => PROOFS.includes(proof))).toBe(true);
          replacedAt.push(now);
        }
        ladder = next;
      }
      for (const [index, at] of replacedAt.entries()) {
        const before = replacedAt[index - 1];
        if (before !== undefined) expect(at - before).toBeGreaterThanOrEqual(10 * MINUTE);
      }
      for (const at of lookedAt) {
        expect(lookedAt.filter((other) => other <= at && at - other < HOUR).length).toBeLessThanOrEqual(
          POLICY.looksPerHour,
        );
      }
    }),
    { seed: 31, numRuns: 300 },
  );
});
