import type { Timer } from '../ports/index.js';
import type { EventArrival } from './arrival.js';
import type { FeishuEvent } from './event.js';
import type { DeadLetterReason } from './report.js';
import type { Run } from './run.js';
import type { Unfinished } from './unfinished.js';

/** An unfinished event of the journal, as this process deals with it. */
export interface Work {
  readonly unfinished: Unfinished;
  /** The parsed event of one that waits near the front; null: it is read back when its turn comes. */
  event: FeishuEvent | null;
  /** Arrivals that wait until it is durable. */
  readonly waiting: EventArrival[];
  /** The connection's Attempt that brought it; 0 if none of this process did. */
  readonly connectionAttempt: number;
  /** A run that was given up has succeeded: nothing is left to do but to let the lane go on. */
  isHandled: boolean;
  /** How often in a row the store did not give it. */
  failedReads: number;
  /** What it was given up for, while the store does not give what is to be set aside. */
  death: { readonly reason: DeadLetterReason; readonly detail: string } | null;
  stage: WorkStage;
}

export type WorkStage =
  /** Not durable yet, or waiting for its turn. */
  | { readonly is: 'waiting' }
  /** The note that it begins is being written. */
  | { readonly is: 'marking' }
  | { readonly is: 'running'; readonly run: Run }
  /** The handler has outlived its deadline and may still settle. It is not run again before `window` closes. */
  | { readonly is: 'abandoned'; readonly window: Timer }
  /** It failed, or the store did not give it; it has its turn again when the timer fires. */
  | { readonly is: 'held'; readonly retry: Timer };

export const WAITING: WorkStage = Object.freeze({ is: 'waiting' });

export function workOf(unfinished: Unfinished, connectionAttempt: number): Work {
  return {
    unfinished,
    event: null,
    waiting: [],
    connectionAttempt,
    isHandled: false,
    failedReads: 0,
    death: null,
    stage: WAITING,
  };
}
