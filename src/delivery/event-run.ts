import type { Clock } from '../ports/index.js';
import { answerOf } from './acks.js';
import { Deadlines } from './deadlines.js';
import { type Dispatcher, NO_HANDLER } from './dispatcher.js';
import type { FeishuEvent, HandlerContext } from './event.js';
import { kindOf } from './kind.js';
import { type DeliveryPolicy, deadlineOf } from './policy.js';
import type { DeliveryKind } from './report.js';
import { HandlerRun, type Run, type RunJob, type Running, type RunSetting, type TraceDelivery } from './run.js';

/** Makes the context of one run. What it throws counts as thrown by the handler. */
export type ContextOf<Client = unknown> = (event: FeishuEvent, run: Running) => HandlerContext<Client>;

/** The JSON for the ack, null for none, or that nobody handled the event after all. */
export type Result = string | null | typeof NO_HANDLER;

/** One run of an event, and who hears how it ends. */
export interface EventRun extends RunJob<Result> {
  readonly event: FeishuEvent;
  /** The connection's Attempt that brought it, 0 if none of this process did. */
  readonly connectionAttempt: number;
  readonly payloadBytes: number;
  readonly traceparent: string | null;
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
  /** Starts in a microtask: no user code runs inside the call that brought a frame. */
  start(run: EventRun): Run;
}

const SOON = Promise.resolve();

/** Runs events through the dispatcher, each under its deadline and in its trace. */
export class EventRunner<Client = unknown> implements Runner {
  readonly #dispatcher: Dispatcher<Client>;
  readonly #settings: Readonly<Record<DeliveryKind, RunSetting<EventRun, Result>>>;

  constructor(parts: EventRunnerParts<Client>) {
    this.#dispatcher = parts.dispatcher;
    this.#settings = { event: settingOf('event', parts), callback: settingOf('callback', parts) };
  }

  handles(eventType: string): boolean {
    return this.#dispatcher.handles(eventType);
  }

  start(job: EventRun): Run {
    const run = new HandlerRun(this.#settings[kindOf(job.event.type)], job);
    // One for each: what a handler enters (`AsyncLocalStorage.enterWith`) is not to be the next one's.
    void SOON.then(() => run.begin());
    return run;
  }
}

function settingOf<Client>(
  kind: DeliveryKind,
  { clock, dispatcher, contextOf, trace, policy }: EventRunnerParts<Client>,
): RunSetting<EventRun, Result> {
  const isAnswered = kind === 'callback' || dispatcher.answersEvents;
  return {
    clock,
    deadlines: new Deadlines(clock, deadlineOf(kind, policy)),
    trace: ({ event, connectionAttempt, payloadBytes, traceparent }, run) => {
      const { id, type, source, ageMs } = event;
      trace({ id, type, source, ageMs, attempt: connectionAttempt, payloadBytes, traceparent }, run);
    },
    handle: ({ event }, run) => dispatcher.dispatch(event, contextOf(event, run)),
    resultOf: (_job, returned) => {
      if (returned === NO_HANDLER) return NO_HANDLER;
      // Made here, within the run: an answer that JSON cannot hold is the handler's failure.
      return isAnswered ? answerOf(returned) : null;
    },
  };
}
