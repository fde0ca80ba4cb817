import { type Clock, firstLineOf } from '../ports/index.js';
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

/**
 * Port: wraps one run of a handler, in a span say. It calls `handle` once, synchronously or later, and passes on what
 * becomes of it: the handler's answer, or a {@link HandlerError} at the latest when the deadline has passed.
 */
export type TraceDelivery = <T>(event: TracedEvent, handle: () => Promise<T>) => Promise<T>;

/** No trace at all. */
export const untraced: TraceDelivery = (_event, handle) => handle();

/** Why a run gave no result. The message is made for reports: one bounded line. */
export class HandlerError extends Error {
  override readonly name = 'HandlerError';
  readonly failure: HandlerFailure;

  constructor(failure: HandlerFailure, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.failure = failure;
  }
}

/** How a run ended. `durationMs` counts from its start. */
export type RunEnd<Result> =
  | { readonly result: Result; readonly error: null; readonly durationMs: number }
  | { readonly result: null; readonly error: HandlerError; readonly durationMs: number };

/** What a Run needs. */
export interface RunParts<Result> {
  readonly clock: Clock;
  readonly deadlineMs: number;
  readonly trace: (handle: () => Promise<Result>) => Promise<Result>;
  /** The user's code. Whatever it does, throwing and never settling included, stays within the run. */
  readonly handle: (signal: AbortSignal) => Promise<Result>;
  /** Called exactly once, never before {@link startRun} has returned. */
  readonly ended: (end: RunEnd<Result>) => void;
  /** Called when a handler settles whose run had already ended without it: its result, or null if it failed. */
  readonly settledLate: (late: { readonly result: Result } | null) => void;
}

/** One run of a handler under its deadline. */
export interface Run {
  /** Ends it as `aborted`, synchronously. Does nothing once it has ended. */
  abort(): void;
}

/** Runs the handler, starting in a microtask: no user code runs inside the call that brought a frame. */
export function startRun<Result>(parts: RunParts<Result>): Run {
  const { clock, deadlineMs } = parts;
  const startedAt = clock.now();
  const abortion = new AbortController();
  const outcome = deferred<Result>();
  let hasEnded = false;
  let hasBegun = false;

  const end = (settle: (durationMs: number) => RunEnd<Result>): void => {
    if (hasEnded) return;
    hasEnded = true;
    deadline.cancel();
    const ended = settle(clock.now() - startedAt);
    if (ended.error === null) outcome.resolve(ended.result);
    else outcome.reject(ended.error);
    parts.ended(ended);
  };
  const fail = (error: HandlerError): void => {
    end((durationMs) => ({ result: null, error, durationMs }));
  };
  const cut = (error: HandlerError): void => {
    if (hasEnded) return;
    fail(error);
    // Last, since the handler's abort listeners run inside this call.
    abortion.abort(error);
  };
  const deadline = clock.timer(deadlineMs, () =>
    cut(new HandlerError('timeout', `the handler did not settle within ${deadlineMs} ms`)),
  );

  const begin = (): Promise<Result> => {
    if (hasBegun || hasEnded) return outcome.promise;
    hasBegun = true;
    parts.handle(abortion.signal).then(
      (result) => {
        if (hasEnded) parts.settledLate({ result });
        else end((durationMs) => ({ result, error: null, durationMs }));
      },
      (cause: unknown) => {
        if (hasEnded) parts.settledLate(null);
        else fail(new HandlerError('thrown', firstLineOf(cause), { cause }));
      },
    );
    return outcome.promise;
  };
  // A trace that breaks before it has begun the run must not leave the event to the deadline.
  const orphaned = (cause: unknown): void => {
    if (!hasBegun)
      fail(new HandlerError('thrown', `the trace did not run the handler: ${firstLineOf(cause)}`, { cause }));
  };
  Promise.resolve()
    .then(() => (hasEnded ? undefined : parts.trace(begin)))
    .then(() => orphaned('it returned'), orphaned);

  return { abort: () => cut(new HandlerError('aborted', 'stopped before the handler settled')) };
}

interface Deferred<Result> {
  readonly promise: Promise<Result>;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: HandlerError) => void;
}

function deferred<Result>(): Deferred<Result> {
  let resolve: Deferred<Result>['resolve'] = () => {};
  let reject: Deferred<Result>['reject'] = () => {};
  const promise = new Promise<Result>((...settlers) => {
    [resolve, reject] = settlers;
  });
  // A trace may drop the promise it gets from `handle`; a rejection is told through `ended` all the same.
  promise.catch(() => {});
  return { promise, resolve, reject };
}
