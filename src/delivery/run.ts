import { type Clock, firstLineOf, type Moment, momentOf } from '../ports/index.js';
import type { Deadline, Deadlines, Limited } from './deadlines.js';
import type { HandlerFailure, Source } from './report.js';

/** What a trace gets to know of the event it is put around. */
export interface TracedEvent {
  readonly id: string;
  readonly type: string;
  readonly source: Source;
  readonly ageMs: number | null;
  /** The connection's Attempt whose Session brought the event. */
  readonly attempt: number;
  readonly payloadBytes: number;
  /** What the journal kept of the trace in which the event was acked, in the W3C format; null without a journal or trace. */
  readonly traceparent: string | null;
}

/** Hears how a run that is traced has ended: null, or why it gave no result; and how long it took. Must not throw. */
export type TraceEnded = (error: HandlerError | null, durationMs: number) => void;

/**
 * Port: wraps one run of a handler, in a span say. It calls `run` once, before it returns, within the context that the
 * handler is to run in, and hears of the end by what it passes on, null if it does not care. No promise is made for it:
 * those of a trace that nobody reads were a tenth of what an event cost.
 */
export type TraceDelivery = (event: TracedEvent, run: (ended: TraceEnded | null) => void) => void;

/** No trace at all. */
export const untraced: TraceDelivery = (_event, run) => run(null);

/** Why a run gave no result. The message is made for reports: one bounded line. */
export class HandlerError extends Error {
  override readonly name = 'HandlerError';
  readonly failure: HandlerFailure;

  constructor(failure: HandlerFailure, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.failure = failure;
  }
}

/** How a run ended, and when. `durationMs` counts from its start. */
export type RunEnd<Result> =
  | { readonly result: Result; readonly error: null; readonly at: Moment; readonly durationMs: number }
  | { readonly result: null; readonly error: HandlerError; readonly at: Moment; readonly durationMs: number };

/** What all runs of one kind have in common. */
export interface RunSetting<Job extends RunJob<Result>, Result> {
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  readonly trace: (job: Job, run: (ended: TraceEnded | null) => void) => void;
  /** The user's code. Whatever it does, throwing and never settling included, stays within the run. */
  readonly handle: (job: Job, run: Running) => unknown;
  /** What came of it. What this throws counts as thrown by the handler. */
  readonly resultOf: (job: Job, returned: unknown) => Result;
}

/** Whom a run is for. */
export interface RunJob<Result> {
  /** Runs begun of the same thing, this one included. */
  readonly attempt: number;
  /** Called exactly once, never before {@link HandlerRun.begin}, unless the run is aborted. */
  readonly ended: (end: RunEnd<Result>) => void;
  /** Called when a handler settles whose run had already ended without it: its result, or null if it failed. */
  readonly settledLate: (late: { readonly result: Result } | null) => void;
}

/** What the user's code may look at while it runs. These are getters: name them, as a spread copies none. */
export interface Running {
  readonly attempt: number;
  /** Aborted when the run ends without the handler. Made when it is first looked at. */
  readonly signal: AbortSignal;
}

/** One run of a handler under its deadline. */
export interface Run {
  /** Ends it as `aborted`, synchronously. Does nothing once it has ended. */
  abort(): void;
}

/**
 * Runs a handler once it is told to {@link begin}. A handler that is done when it returns ends its run there and then; one
 * that returns a promise costs one more, and no other.
 */
export class HandlerRun<Job extends RunJob<Result>, Result> implements Run, Running, Limited {
  readonly #setting: RunSetting<Job, Result>;
  readonly #job: Job;
  readonly #startedAt: number;
  readonly #deadline: Deadline;
  #traceEnded: TraceEnded | null = null;
  #hasBegun = false;
  #hasEnded = false;
  #abortion: AbortController | null = null;
  /** What the signal is aborted with, whether or not anybody has looked at it. */
  #cutWith: HandlerError | null = null;

  constructor(setting: RunSetting<Job, Result>, job: Job) {
    this.#setting = setting;
    this.#job = job;
    this.#startedAt = setting.clock.now();
    this.#deadline = setting.deadlines.add(this, this.#startedAt);
  }

  get attempt(): number {
    return this.#job.attempt;
  }

  get signal(): AbortSignal {
    // Most handlers never look, and a signal for each of them was measured as a tenth of what an event cost.
    if (this.#abortion === null) {
      this.#abortion = new AbortController();
      if (this.#cutWith !== null) this.#abortion.abort(this.#cutWith);
    }
    return this.#abortion.signal;
  }

  /** Runs the handler, unless the run has ended before. What the handler throws does not come out here. */
  begin(): void {
    if (this.#hasEnded) return;
    try {
      this.#setting.trace(this.#job, (ended) => this.#handle(ended));
    } catch (cause) {
      if (this.#hasBegun) throw cause;
      this.#orphaned(firstLineOf(cause), cause);
    }
    if (!this.#hasBegun) this.#orphaned('it returned');
  }

  abort(): void {
    this.#cut('aborted', 'stopped before the handler settled');
  }

  expire(): void {
    this.#cut('timeout', `the handler did not settle within ${this.#setting.deadlines.limitMs} ms`);
  }

  #handle(traceEnded: TraceEnded | null): void {
    if (this.#hasBegun || this.#hasEnded) return;
    this.#hasBegun = true;
    this.#traceEnded = traceEnded;
    let returned: unknown;
    let isPending: boolean;
    try {
      returned = this.#setting.handle(this.#job, this);
      isPending = isThenable(returned);
    } catch (cause) {
      this.#thrown(cause);
      return;
    }
    if (!isPending) {
      this.#settled(returned);
      return;
    }
    Promise.resolve(returned).then(
      (settled) => this.#settled(settled),
      (cause: unknown) => this.#thrown(cause),
    );
  }

  #settled(returned: unknown): void {
    let result: Result;
    try {
      result = this.#setting.resultOf(this.#job, returned);
    } catch (cause) {
      this.#thrown(cause);
      return;
    }
    if (this.#hasEnded) {
      this.#job.settledLate({ result });
      return;
    }
    const at = momentOf(this.#setting.clock);
    this.#end({ result, error: null, at, durationMs: at.now - this.#startedAt });
  }

  #thrown(cause: unknown): void {
    if (this.#hasEnded) this.#job.settledLate(null);
    else this.#fail(new HandlerError('thrown', firstLineOf(cause), { cause }));
  }

  /** A trace that breaks before it has begun the run must not leave the event to the deadline. */
  #orphaned(how: string, cause?: unknown): void {
    this.#fail(new HandlerError('thrown', `the trace did not run the handler: ${how}`, { cause }));
  }

  #cut(failure: HandlerFailure, message: string): void {
    if (this.#hasEnded) return;
    const error = new HandlerError(failure, message);
    this.#cutWith = error;
    this.#fail(error);
    // Last, since the handler's abort listeners run inside this call.
    this.#abortion?.abort(error);
  }

  #fail(error: HandlerError): void {
    if (this.#hasEnded) return;
    const at = momentOf(this.#setting.clock);
    this.#end({ result: null, error, at, durationMs: at.now - this.#startedAt });
  }

  #end(end: RunEnd<Result>): void {
    this.#hasEnded = true;
    this.#deadline.cancel();
    this.#job.ended(end);
    this.#traceEnded?.(end.error, end.durationMs);
  }
}

function isThenable(value: unknown): boolean {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
  return typeof (value as { then?: unknown }).then === 'function';
}
