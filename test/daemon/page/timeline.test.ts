import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PAST_BOUNDS, type PastSpan, STANDINGS } from '../../../src/daemon/page/past.js';
import { runsOf, shareOf, timeline, windowWords } from '../../../src/daemon/page/timeline.js';
import { blankHistory } from '../../support/app-connector.js';

const BLANK = blankHistory();
const MINUTE = 60_000;

function historyOf(spans: readonly PastSpan[]) {
  return { ...BLANK, at: 10 * MINUTE, since: 0, spans };
}

/** Spans from these standings, each of them so many minutes long. */
function inTurn(...parts: readonly (readonly [PastSpan['standing'], number])[]): PastSpan[] {
  let at = 0;
  return parts.map(([standing, minutes], index) => {
    const from = at;
    at += minutes * MINUTE;
    return { standing, from, to: index === parts.length - 1 ? null : at };
  });
}

test('a window is told in words: what of it was connected, its outages and its restarts', () => {
  const spans = inTurn(['connected', 4], ['absent', 1], ['connected', 5]);
  const outage = { number: 1, cause: 'closed_by_peer', attempts: 1, durationMs: 1, endedBy: 'connection' } as const;
  const outages = [MINUTE, 2 * MINUTE].map((startedAt) => ({ ...outage, startedAt }));
  const history = { ...historyOf(spans), outages };
  expect(windowWords(history, { from: 0, to: 10 * MINUTE })).toBe('connected 90.00 %, 2 outages, 1 restart');
  expect(windowWords(history, { from: 6 * MINUTE, to: 10 * MINUTE })).toBe('connected 100 %');
  expect(windowWords(history, { from: -2, to: -1 })).toBe('connected unknown');
});

test('an hour that is all outage has one, although it began before', () => {
  const outage = { number: 1, cause: 'closed_by_peer', attempts: 1, startedAt: MINUTE } as const;
  const history = historyOf(inTurn(['connected', 1], ['disconnected', 9]));
  const goingOn = { ...outage, durationMs: null, endedBy: null } as const;
  const window = { from: 5 * MINUTE, to: 10 * MINUTE };
  expect(windowWords({ ...history, outages: [goingOn] }, window)).toBe('connected 0.00 %, 1 outage');
  const over = { ...outage, durationMs: 4 * MINUTE, endedBy: 'connection' } as const;
  expect(windowWords({ ...history, outages: [over] }, window)).toBe('connected 0.00 %, 1 outage');
  expect(windowWords({ ...history, outages: [{ ...over, durationMs: 1 }] }, window)).toBe('connected 0.00 %');
});

test('a start is marked, with how the process before it ended', () => {
  const [first, absent, last] = inTurn(['connected', 4], ['absent', 1], ['connected', 5]);
  if (!first || !absent || !last) throw new Error('three spans were made');
  const spans = [first, { ...absent, ending: 'killed' as const }, last];
  const svg = timeline(historyOf(spans), { from: 0, to: 10 * MINUTE }, 'label').toString();
  expect(svg).toContain('<title>not running, 1970-01-01 00:04:00 to 1970-01-01 00:05:00 UTC (1 min)</title>');
  expect(svg).toContain(
    '<rect class="is-start" x="250" width="1" y="0" height="20"><title>started again 1970-01-01 00:05:00 UTC, after it ended without a word</title>',
  );
});

const anySpans = fc
  .array(fc.tuple(fc.constantFrom(...STANDINGS), fc.integer({ min: 1, max: 500_000 })), {
    minLength: 1,
    maxLength: PAST_BOUNDS.spans,
  })
  .map((parts) => inTurn(...parts.map(([standing, ms]) => [standing, ms / MINUTE] as const)));

test('however much happened, a drawing is bounded, has no two runs in one place, and hides nothing that was wrong (seed 20261123)', () => {
  fc.assert(
    fc.property(anySpans, fc.integer({ min: 1, max: 300 }), fc.nat(1_000_000), (spans, columns, from) => {
      const last = spans.at(-1)?.from ?? 0;
      const history = { spans, at: last + 1_000 };
      const window = { from, to: from + 1_000_000 };
      const runs = runsOf(history, window, columns);
      expect(runs.length).toBeLessThanOrEqual(columns);
      for (const [index, run] of runs.entries()) {
        expect(run.end).toBeGreaterThan(run.start);
        expect(run.end).toBeLessThanOrEqual(runs[index + 1]?.start ?? columns);
        expect(run.count).toBeGreaterThan(0);
      }
      const { knownMs, connectedMs } = shareOf({ ...BLANK, ...history }, window);
      const isShown = runs.some(({ standing }) => standing !== 'connected' && standing !== 'suspect');
      expect(isShown).toBe(connectedMs < knownMs);
      expect(runs.length > 0).toBe(knownMs > 0);
    }),
    { seed: 20_261_123, numRuns: 60 },
  );
});
