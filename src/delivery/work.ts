import type { Timer } from '../ports/index.js';
import type { EventArrival } from './arrival.js';
import type { FeishuEvent } from './event.js';
import type { InLine } from './line.js';
import type { DeadLetterReason } from './report.js';
import type { Run } from './run.js';
import type { Unfinished } from './unfinished.js';

export const WAITING: WorkStage = Object.freeze({ is: 'waiting' });

const NOBODY: readonly EventArrival[] = Object.freeze([]);

/** An unfinished event of the journal, as this process deals with it. */
export class Work implements InLine<Work> {
  readonly unfinished: Unfinished;
  /** The parsed event of one that waits near the front; null: it is read back when its turn comes. */
  event: FeishuEvent | null = null;
  /** The arrival that waits until it is durable, and copies that came meanwhile. */
  waiting: readonly EventArrival[] = NOBODY;
  /** The connection's Attempt that brought it; 0 if none of this process did. */
  readonly connectionAttempt: number;
  /** A run that was given up has succeeded: nothing is left to do but to let the lane go on. */
  isHandled = false;
  /** How often in a row the store did not give it. */
  failedReads = 0;
  /** What it was given up for, while the store does not give what is to be set aside. */
  death: { readonly reason: DeadLetterReason; readonly detail: string } | null = null;
  stage: WorkStage = WAITING;
  earlier: Work | null = null;
  later: Work | null = null;

  constructor(unfinished: Unfinished, connectionAttempt: number) {
    this.unfinished = unfinished;
    this.connectionAttempt = connectionAttempt;
  }

  /** Those that have waited; nobody does any more. */
  release(): readonly EventArrival[] {
    const { waiting } = this;
    this.waiting = NOBODY;
    return waiting;
  }
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
