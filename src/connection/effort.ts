import { backoffMs } from '../ports/index.js';
import type { Pacing } from '../wire/index.js';
import type { FailureCode } from './failure.js';
import type { Outage } from './outage.js';
import type { ConnectionPolicy } from './policy.js';
import type { World } from './world.js';

/** What outlives an Attempt and a Session. All times are monotonic milliseconds. */
export interface Effort {
  /** The latest Attempt, numbered from 1 for life; 0 before the first. */
  readonly attempt: number;
  /** Failed attempts and short Sessions since the last stable one: how far the backoff has grown. */
  readonly failures: number;
  /** Operator failures in a row: how far the slow lane has grown. */
  readonly refusals: number;
  /** Outages so far. */
  readonly outages: number;
  readonly outage: Outage | null;
  /** The platform's last valid pacing; it survives answers without one. */
  readonly pacing: Pacing;
  /** When Evidence last cut a wait short. */
  readonly cutAt: number | null;
  /** How often it did so since the last stable Session: each cut in vain makes the next one wait longer. */
  readonly cuts: number;
  /** When the latest probes were sent: the most that may be sent within a minute. */
  readonly probes: readonly number[];
}

export function newEffort(pacing: Pacing): Effort {
  return { attempt: 0, failures: 0, refusals: 0, outages: 0, outage: null, pacing, cutAt: null, cuts: 0, probes: [] };
}

/** A stable Session ends the Outage and earns a fresh budget. */
export function refreshed(effort: Effort): Effort {
  return { ...effort, failures: 0, refusals: 0, outage: null, cutAt: null, cuts: 0 };
}

/** One Attempt more, which counts in the Outage that goes on. */
export function nextAttempt(effort: Effort): Effort {
  const { outage } = effort;
  return { ...effort, attempt: effort.attempt + 1, outage: outage && { ...outage, attempts: outage.attempts + 1 } };
}

/** The Outage that goes on, or else a new one that begins now. `attempts` are those already under way. */
export function inOutage(
  effort: Effort,
  cause: FailureCode,
  attempts: number,
  now: number,
): Effort & { readonly outage: Outage } {
  const outage = effort.outage ?? { number: effort.outages + 1, cause, startedAt: now, attempts };
  return { ...effort, outage, outages: outage.number };
}

/**
 * When Evidence may have the next attempt made: at once, unless it cut waits in vain lately. The pause grows with each
 * cut, so that a platform which answers probes but serves nobody is not hammered by our own hope.
 * @param jitterMs What chance adds.
 */
export function cutAfter(
  effort: Effort,
  jitterMs: number,
  world: World,
  policy: ConnectionPolicy,
): { readonly effort: Effort; readonly retryAt: number } {
  const { cutAt, cuts } = effort;
  const earliestAt =
    cutAt === null ? world.now : Math.max(world.now, cutAt + backoffMs(policy.evidencePause, cuts, world.random));
  return {
    effort: { ...effort, cutAt: earliestAt, cuts: cuts + 1 },
    retryAt: earliestAt + world.random * jitterMs,
  };
}
