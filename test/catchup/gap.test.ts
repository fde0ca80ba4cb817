import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  dueAt,
  type EndedGap,
  type Gap,
  hasEnded,
  readGap,
  recoveryOf,
  resolveLookoutPolicy,
  spanOf,
  windowOf,
} from '../../src/catchup/index.js';

const POLICY = resolveLookoutPolicy();
const SECOND = 1_000;
const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 0, 10);

const gap = (number: number, from: number, to: number, cause: Gap['cause'] = 'outage'): EndedGap => ({
  number,
  cause,
  from,
  to,
});

test('gaps that lie near are read as one, from the oldest on; one that lasts waits', () => {
  const open: Gap = { number: 4, cause: 'outage', from: NOW, to: null };
  expect(spanOf([])).toBeNull();
  expect(spanOf([open])).toBeNull();
  expect(spanOf([gap(2, HOUR, HOUR + 1), gap(1, 0, 5), gap(3, 3 * HOUR, 3 * HOUR + 1), open])).toEqual({
    gaps: [1, 2],
    from: 0,
    to: HOUR + 1,
  });
});

test('a brief outage waits for company, a longer one does not, and neither does any other cause', () => {
  const due = (each: EndedGap, pace = 1) => dueAt(each, 0, POLICY, { pace, random: 0.5 });
  expect(due(gap(1, 0, 31 * SECOND))).toBe(7.5 * SECOND);
  expect(due(gap(1, 0, 30 * SECOND))).toBe(7.5 * SECOND + HOUR / 2);
  expect(due(gap(1, 0, 30 * SECOND), 4)).toBe(7.5 * SECOND + 2 * HOUR);
  expect(due(gap(1, 0, SECOND, 'deaf'))).toBe(7.5 * SECOND);
});

test('the window is wider than the gap by what clocks may disagree, and reaches no further back than is allowed', () => {
  const span = { gaps: [1], from: NOW - HOUR, to: NOW };
  expect(windowOf(span, POLICY, NOW)).toEqual({ from: NOW - HOUR - 60 * SECOND, to: NOW + 60 * SECOND, tooOldMs: 0 });
  const old = windowOf({ ...span, from: NOW - 100 * HOUR }, POLICY, NOW);
  expect([old.from, old.tooOldMs]).toEqual([NOW - 72 * HOUR, 28 * HOUR + 60 * SECOND]);
});

test('every ended gap is taken by some span, each once, in order (seed 3)', () => {
  const ended = fc.tuple(fc.nat(1e9), fc.nat(1e7));
  fc.assert(
    fc.property(fc.array(ended, { maxLength: 20 }), (times) => {
      let left: Gap[] = times.map(([from, ms], index) => gap(index + 1, from, from + ms));
      const taken: number[] = [];
      for (let span = spanOf(left); span !== null; span = spanOf(left)) {
        const { gaps, from, to } = span;
        for (const each of left.filter(({ number }) => gaps.includes(number)).filter(hasEnded)) {
          expect(each.from >= from && each.to <= to).toBe(true);
        }
        taken.push(...gaps);
        left = left.filter(({ number }) => !gaps.includes(number));
      }
      expect(taken.toSorted((a, b) => a - b)).toEqual(times.map((_, index) => index + 1));
    }),
    { seed: 3 },
  );
});

test('recovered is yes for all, unknown where nobody let us look, no where we might have', () => {
  const missed = (why: 'scope_missing' | 'bounds' | 'disabled') => ({
    what: 'chats' as const,
    count: 1,
    why,
    detail: '',
  });
  expect(recoveryOf([])).toBe('yes');
  expect(recoveryOf([missed('scope_missing'), missed('disabled')])).toBe('unknown');
  expect(recoveryOf([missed('scope_missing'), missed('bounds')])).toBe('no');
});

test('a gap survives JSON; anything else is refused', () => {
  expect(readGap(JSON.parse(JSON.stringify(gap(1, 2, 3))))).toEqual(gap(1, 2, 3));
  for (const odd of [null, {}, { ...gap(1, 2, 3), cause: 'boredom' }, { ...gap(1, 2, 3), to: 'x' }])
    expect(readGap(odd)).toBeNull();
});
