import type { LookoutPolicy } from './policy.js';
import type { GapCause } from './report.js';

/** A stretch of time in which events may have passed us by. Wall milliseconds. */
export interface Gap {
  readonly number: number;
  readonly cause: GapCause;
  readonly from: number;
  /** Null while it lasts. */
  readonly to: number | null;
}

/** A gap that has ended. */
export type EndedGap = Gap & { readonly to: number };

export function hasEnded(gap: Gap): gap is EndedGap {
  return gap.to !== null;
}

/** What one run reads. */
export interface Span {
  /** Numbers of the gaps it is about. */
  readonly gaps: readonly number[];
  readonly from: number;
  readonly to: number;
}

/** Gaps closer than this are read as one: what lies between costs less than a second look at every chat. */
const NEAR_MS = 3_600_000;

/** The gaps that the next run takes together, from the oldest on; null if none has ended. Pure. */
export function spanOf(gaps: readonly Gap[]): Span | null {
  const ended = gaps.filter(hasEnded).sort((a, b) => a.from - b.from);
  const [first] = ended;
  if (first === undefined) return null;
  let span: Span = { gaps: [first.number], from: first.from, to: first.to };
  for (const gap of ended.slice(1)) {
    if (gap.from - span.to > NEAR_MS) break;
    span = { gaps: [...span.gaps, gap.number], from: span.from, to: Math.max(span.to, gap.to) };
  }
  return span;
}

/**
 * When a gap that ended at `endedAt` (monotonic) should be read, in the same milliseconds. Brief ones wait for company: the
 * ladder's first rung probably brings what they hold, and a bot that is kicked every minute must not read every chat as
 * often. Pure.
 * @param pace By how much the call budget asks us to wait longer, 1 or more.
 */
export function dueAt(
  gap: EndedGap,
  endedAt: number,
  { catchup }: LookoutPolicy,
  { pace, random }: { readonly pace: number; readonly random: number },
): number {
  const settledAt = endedAt + catchup.settleMs * (1 + random);
  const isBrief = gap.cause === 'outage' && gap.to - gap.from <= catchup.briefMs;
  return isBrief ? settledAt + catchup.gatherMs * pace : settledAt;
}

/** The window of history for a span: wider than the gap, since clocks disagree, and no longer than is allowed. */
export function windowOf(
  span: Span,
  { catchup }: LookoutPolicy,
  wallNow: number,
): { readonly from: number; readonly to: number; readonly tooOldMs: number } {
  const from = span.from - catchup.overlapMs;
  const to = span.to + catchup.overlapMs;
  const earliest = wallNow - catchup.windowMs;
  return { from: Math.max(from, Math.min(earliest, to)), to, tooOldMs: Math.max(0, Math.min(earliest, to) - from) };
}

/** Reads what was kept; null if it is not one of ours. */
export function readGap(value: unknown): Gap | null {
  const { number, cause, from, to } = (value ?? {}) as Partial<Record<keyof Gap, unknown>>;
  const causes: readonly unknown[] = ['outage', 'restart', 'aftermath', 'deaf', 'operator'];
  if (typeof number !== 'number' || !causes.includes(cause) || typeof from !== 'number') return null;
  if (to !== null && typeof to !== 'number') return null;
  return { number, cause: cause as GapCause, from, to };
}
