import type { FailureCode } from './failure.js';

/** From losing `connected` until a stable `connected`. */
export interface Outage {
  /** Counted from 1 for the life of the Connection. */
  readonly number: number;
  /** What lost the Connection. Later failures do not change it. */
  readonly cause: FailureCode;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  /** Attempts made in it so far. */
  readonly attempts: number;
}

/** An Outage as told to the outside: durations instead of our clock's readings. */
export interface OutageSummary {
  /** Counted from 1 by each connector. */
  readonly number: number;
  /** What lost the connection. Later failures do not change it. */
  readonly cause: FailureCode;
  /** From the loss to the latest `connected`, in milliseconds. */
  readonly durationMs: number;
  /** Attempts made in it so far, the successful one included. */
  readonly attempts: number;
}

export function summarize(outage: Outage, connectedAt: number): OutageSummary {
  const { number, cause, startedAt, attempts } = outage;
  return { number, cause, attempts, durationMs: connectedAt - startedAt };
}
