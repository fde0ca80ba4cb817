import type { FailureCode } from './failure.js';

/** From losing `connected` until a stable `connected`. Numbered for the process's life. */
export interface OutageSummary {
  readonly number: number;
  readonly cause: FailureCode;
  /** From the loss to the latest `connected`, in milliseconds. */
  readonly durationMs: number;
  /** Attempts made in it so far, the successful one included. */
  readonly attempts: number;
}
