import type { ViewVerdict } from './report.js';

/** What we believe at the moment of a poll. */
export interface Expectation {
  /** Connections of ours that are proven and have been so for the settling time. */
  readonly ours: number;
  /** Connections of other processes that serve this app. */
  readonly others: number;
  /** Connections of ours that ended without a closing handshake lately: the platform may count them still. */
  readonly ghosts: number;
}

/** Everything the polls so far add up to. */
export interface ServerView {
  readonly verdict: ViewVerdict;
  /** Readings in a row that speak for something else than `agrees`; a call that failed neither adds nor ends them. */
  readonly below: number;
  readonly above: number;
  /** The latest reading; null before the first. */
  readonly last: { readonly seen: number; readonly expected: number; readonly at: number } | null;
}

/** How many readings in a row it takes to contradict: one alone may be a count from before our last change. */
export const READINGS_TO_CONTRADICT = 2;

export const FIRST_VIEW: ServerView = Object.freeze<ServerView>({ verdict: 'unknown', below: 0, above: 0, last: null });

/**
 * The view after one more poll. Pure.
 * @param seen The platform's count; null if the call failed.
 * @param at Monotonic milliseconds.
 */
export function viewed(view: ServerView, seen: number | null, expectation: Expectation, at: number): ServerView {
  // What nobody could look at is unknown; what earlier readings said is not forgotten, and needs no third one.
  if (seen === null) return { ...view, verdict: 'unknown' };
  const { ours, others, ghosts } = expectation;
  const expected = ours + others;
  // Others may come and go without our knowing. Fewer than ours alone cannot be, if ours were there.
  const below = seen < ours ? view.below + 1 : 0;
  const above = seen > expected ? view.above + 1 : 0;
  return {
    below,
    above,
    verdict: verdictOf(view, { below, above, excess: seen - expected, ghosts }),
    last: { seen, expected, at },
  };
}

/** Whether the latest reading calls for another one soon: it contradicts us, and is the only one yet. */
export function needsConfirming(view: ServerView): boolean {
  return view.below === 1 || view.above === 1;
}

function verdictOf(
  view: ServerView,
  { below, above, excess, ghosts }: { below: number; above: number; excess: number; ghosts: number },
): ViewVerdict {
  if (below >= READINGS_TO_CONTRADICT) return 'zombie';
  // Our own old connections explain it, at once: nothing follows from it but patience.
  if (above > 0 && excess <= ghosts) return 'ghost';
  if (above >= READINGS_TO_CONTRADICT) return 'foreign_consumer';
  if (below === 0 && above === 0) return 'agrees';
  // One reading alone changes nothing; before the first it says nothing.
  return view.verdict === 'unknown' || view.last === null ? 'unknown' : settledVerdict(view.verdict, below);
}

/** A single reading on one side ends the verdict of the other side. */
function settledVerdict(verdict: ViewVerdict, below: number): ViewVerdict {
  if (verdict === 'agrees') return 'agrees';
  return (verdict === 'zombie') === below > 0 ? verdict : 'agrees';
}

/** Connections of ours that may haunt the platform's count, by when they ended (monotonic milliseconds). */
export function ghostsAt(endedAt: readonly number[], now: number, ghostMs: number): readonly number[] {
  return endedAt.filter((at) => now - at < ghostMs);
}
