import type { ConnectionPolicy } from './policy.js';

/**
 * What standbys may spend on attempts, all of them together: a burst that brings them up one after the other, and from
 * then on a trickle, however many there are and however short their Sessions. All times are monotonic milliseconds.
 */
export interface Allowance {
  /** When the latest turn was given. */
  readonly latestAt: number;
  /** When everything that was spent will have been earned again. */
  readonly paidAt: number;
}

export const FULL_ALLOWANCE: Allowance = {
  latestAt: Number.NEGATIVE_INFINITY,
  paidAt: Number.NEGATIVE_INFINITY,
};

/**
 * The next turn of a standby, and what is left after it.
 * @param burst Turns that may be taken before the trickle begins; at least 1.
 * @see the generic cell rate algorithm, ITU-T I.371: a token bucket without a clock of its own
 */
export function nextTurn(
  allowance: Allowance,
  burst: number,
  now: number,
  policy: ConnectionPolicy,
): { readonly at: number; readonly left: Allowance } {
  const { standbyPauseMs, standbyEveryMs } = policy;
  const earnedAt = allowance.paidAt - (burst - 1) * standbyEveryMs;
  const at = Math.max(now, allowance.latestAt + standbyPauseMs, earnedAt);
  return { at, left: { latestAt: at, paidAt: Math.max(at, allowance.paidAt) + standbyEveryMs } };
}
