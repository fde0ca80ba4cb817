import type { Clock } from '../ports/index.js';
import { answerOf } from './acks.js';
import { type Dispatcher, NO_HANDLER } from './dispatcher.js';
import type { FeishuEvent, HandlerContext } from './event.js';
import { kindOf } from './kind.js';
import { type DeliveryPolicy, deadlineOf } from './policy.js';
import { type Run, type RunEnd, startRun, type TraceDelivery } from './run.js';

/** Makes the context of one run. What it throws counts as thrown by the handler. */
export type ContextOf<Client = unknown> = (
  event: FeishuEvent,
  run: { readonly signal: AbortSignal; readonly attempt: number },
) => HandlerContext<Client>;

/** The JSON for the ack, null for none, or that nobody handled the event after all. */
export type Result = string | null | typeof NO_HANDLER;

/** One run of an event, and who hears how it ends. */
export interface EventRun {
  readonly event: FeishuEvent;
  readonly attempt: number;
  /** The connection's Attempt that brought it, 0 if none of this process did. */
  readonly connectionAttempt: number;
  readonly payloadBytes: number;
  readonly traceparent: string | null;
  readonly ended: (end: RunEnd<Result>) => void;
  readonly settledLate: (late: { readonly result: Result } | null) => void;
}

export interface EventRunnerParts<Client> {
  readonly clock: Clock;
  readonly dispatcher: Dispatcher<Client>;
  readonly contextOf: ContextOf<Client>;
  readonly trace: TraceDelivery;
  readonly policy: DeliveryPolicy;
}

/** What the ways know of it; they never see a client. */
export interface Runner {
  handles(eventType: string): boolean;
  start(run: EventRun): Run;
}

/** Runs events through the dispatcher, each under its deadline and in its trace. */
export class EventRunner<Client = unknown> implements Runner {
  readonly #parts: EventRunnerParts<Client>;

  constructor(parts: EventRunnerParts<Client>) {
    this.#parts = parts;
  }

  handles(eventType: string): boolean {
    return this.#parts.dispatcher.handles(eventType);
  }

  start({ event, attempt, connectionAttempt, payloadBytes, traceparent, ended, settledLate }: EventRun): Run {
    const { clock, dispatcher, contextOf, trace, policy } = this.#parts;
    const { id, type, source, ageMs } = event;
    const kind = kindOf(type);
    const traced = { id, type, source, ageMs, attempt: connectionAttempt, payloadBytes, traceparent };
    return startRun<Result>({
      clock,
      deadlineMs: deadlineOf(kind, policy),
      trace: (handle) => trace(traced, handle),
      handle: async (signal) => {
        const result = await dispatcher.dispatch(event, contextOf(event, { signal, attempt }));
        if (result === NO_HANDLER) return NO_HANDLER;
        // Made here, within the run: an answer that JSON cannot hold is the handler's failure.
        return kind === 'callback' || dispatcher.answersEvents ? answerOf(result) : null;
      },
      ended,
      settledLate,
    });
  }
}
