import type { ConnectorStatus } from '../connector-status.js';

/**
 * The last rung of the ladder: a process that fails for long although the platform answers others makes room for a new
 * one. Everything that could go bad within was made anew long before; what is left is the process itself.
 */
export interface Rung {
  /** The Outage that goes on. */
  readonly outage: number;
  /** When it was first seen, in monotonic milliseconds: a wall clock that is set must not make it longer. */
  readonly since: number;
  /** How things stood when the platform first answered a probe that nothing of ours had answered since; null before. */
  readonly answered: { readonly attempts: number; readonly lastFrameAt: number | null } | null;
}

/** Attempts that must fail while the platform answers probes: one may have begun before it was back. */
export const ATTEMPTS_IN_VAIN = 3;

/** How an app stands on its last rung now; null if it is on none: connected, without an Outage, or in need of a human. */
export function rungOf(before: Rung | null, status: ConnectorStatus, now: number): Rung | null {
  const { outage, connected, lastFailure, receiving } = status;
  if (outage === null) return null;
  const rung = before?.outage === outage.number ? before : { outage: outage.number, since: now, answered: null };
  // A restart mends no secret, and what connects now and then is no process that fails for good.
  const isOurs =
    !connected.is && lastFailure?.verdict === 'retry' && rung.answered?.lastFrameAt === receiving.lastFrameAt;
  return isOurs ? rung : { ...rung, answered: null };
}

/** Whether to probe: it is down for that long, and by nothing that a human must mend. */
export function isProbeDue(rung: Rung, status: ConnectorStatus, afterMs: number, now: number): boolean {
  return now - rung.since >= afterMs && !status.connected.is && status.lastFailure?.verdict === 'retry';
}

/** What an answer to a probe, or none, makes of it. */
export function afterProbe(rung: Rung, status: ConnectorStatus, isAnswered: boolean): Rung {
  if (!isAnswered) return { ...rung, answered: null };
  const { attempts, receiving } = status;
  return { ...rung, answered: rung.answered ?? { attempts: attempts.count, lastFrameAt: receiving.lastFrameAt } };
}

/** Whether a new process may succeed where this one cannot: the platform answered all along, and attempts failed. */
export function isLastRung({ answered }: Rung, { attempts }: ConnectorStatus): boolean {
  if (answered === null) return false;
  const failed = attempts.count - (attempts.isUnderWay ? 1 : 0) - answered.attempts;
  return failed >= ATTEMPTS_IN_VAIN;
}
