import type { Clock, ReportSink } from '../ports/index.js';
import { Acks, type AckVerdict, AGAIN, answerOf, TAKEN } from './acks.js';
import type { EventArrival } from './arrival.js';
import { Deduplication } from './deduplication.js';
import type { Delivery } from './delivery.js';
import { type Dispatcher, NO_HANDLER } from './dispatcher.js';
import { Drain, type Drained } from './drain.js';
import type { FeishuEvent, HandlerContext } from './event.js';
import { Intake } from './intake.js';
import { kindOf } from './kind.js';
import { type DeliveryPolicy, deadlineOf, resolveDeliveryPolicy } from './policy.js';
import type { DeliveryReport, DropReason } from './report.js';
import { Reporter } from './reporter.js';
import { type Run, type RunEnd, startRun, type TraceDelivery, untraced } from './run.js';
import type { Receive } from './session.js';

/** Makes the context of one run. What it throws counts as thrown by the handler. */
export type ContextOf<Client = unknown> = (
  event: FeishuEvent,
  run: { readonly signal: AbortSignal; readonly attempt: number },
) => HandlerContext<Client>;

/** What a {@link Pipeline} is made of. */
export interface PipelineParts<Client = unknown> {
  readonly clock: Clock;
  readonly report: ReportSink<DeliveryReport>;
  readonly dispatcher: Dispatcher<Client>;
  readonly contextOf: ContextOf<Client>;
  /** Wraps every run of a handler. Default: nothing does. */
  readonly trace?: TraceDelivery;
  /** Whatever is left out keeps its default. */
  readonly policy?: Partial<DeliveryPolicy>;
}

/** The pipeline at one instant, as plain data. */
export interface PipelineSnapshot {
  /** Unfinished deliveries, those with an abandoned handler included. */
  readonly depth: number;
  readonly capacity: number;
  /** Arrival of the oldest unfinished one, milliseconds since the epoch; 0 if there is none. */
  readonly oldestWallMs: number;
  /** Deliveries whose handler has outlived its deadline and is still waited for. */
  readonly abandonedCount: number;
  /** Messages of which fragments are still to come. */
  readonly openMessageCount: number;
  /** Event ids that deduplication knows. */
  readonly rememberedCount: number;
  /** Reports that the sink threw on. */
  readonly reportFailureCount: number;
  readonly isStopping: boolean;
}

/** The JSON for the ack, null for none, or that nobody handled the event after all. */
type Result = string | null | typeof NO_HANDLER;

// The redelivery ladder has five rungs; a second connection may double them. More copies at once are no redelivery.
const WAITING_MAX = 16;

/**
 * Brings events to their handlers and acks to the platform: fragments, envelope, deduplication, handler, ack.
 *
 * Nothing here is durable, so the handler has to succeed before the ack says 200: whatever is lost with this process
 * was not acked, and comes again. One handler at a time runs for an event, and an event that was handled is handled
 * for good.
 */
export class Pipeline<Client = unknown> {
  readonly #clock: Clock;
  readonly #dispatcher: Dispatcher<Client>;
  readonly #contextOf: ContextOf<Client>;
  readonly #trace: TraceDelivery;
  readonly #policy: DeliveryPolicy;
  readonly #reporter: Reporter;
  readonly #acks: Acks;
  readonly #intake: Intake;
  readonly #deduplication: Deduplication;
  // By event id, in the order of arrival: the first one is the oldest.
  readonly #deliveries = new Map<string, Delivery>();
  #drain: Drain | null = null;
  #unfinished = 0;

  /** @throws RangeError for a policy out of bounds. */
  constructor(parts: PipelineParts<Client>) {
    this.#clock = parts.clock;
    this.#dispatcher = parts.dispatcher;
    this.#contextOf = parts.contextOf;
    this.#trace = parts.trace ?? untraced;
    this.#policy = resolveDeliveryPolicy(parts.policy);
    this.#reporter = new Reporter(parts.clock, parts.report);
    this.#acks = new Acks(parts.clock, this.#reporter);
    this.#intake = new Intake(parts.clock, this.#reporter, this.#acks);
    const { deduplicationMaxCount: maxCount, deduplicationMaxAgeMs: maxAgeMs } = this.#policy;
    this.#deduplication = new Deduplication({ maxCount, maxAgeMs });
  }

  /** Takes a data frame of a Session. Handlers run later: no code of theirs is called in here. */
  readonly receive: Receive = (frame, session) => {
    if (this.#drain !== null) {
      this.#drop('stopping', null, 'it came after stop');
      return;
    }
    const arrival = this.#intake.take(frame, session);
    if (arrival !== null) this.#accept(arrival);
  };

  /**
   * Takes work again after a {@link stop} that has ended; what was handled before stays known. A new pipeline takes work
   * from the start, and for one that runs this does nothing.
   * @throws Error while a stop is under way.
   */
  start(): void {
    if (this.#drain === null) return;
    if (this.#deliveries.size > 0) throw new Error('a stop is under way: await it before the next start');
    this.#drain = null;
    this.#unfinished = 0;
  }

  /**
   * Takes no new work, waits for the handlers that run, and aborts those that have not settled after `drainMs`. Frames
   * that come from now on get no ack: the platform pushes them again, to another connection or to our successor.
   * A further call sets a new limit, from then on.
   * @returns How many deliveries were given up. No timer is left then.
   */
  stop({ drainMs }: { readonly drainMs: number }): Promise<Drained> {
    const drain = this.#drain ?? this.#beginDrain();
    drain.limitTo(drainMs);
    this.#endDrain();
    return drain.drained;
  }

  snapshot(): PipelineSnapshot {
    let abandonedCount = 0;
    for (const { stage } of this.#deliveries.values()) if (stage.is === 'abandoned') abandonedCount += 1;
    return {
      ...this.#pending(),
      abandonedCount,
      openMessageCount: this.#intake.openCount,
      rememberedCount: this.#deduplication.size,
      reportFailureCount: this.#reporter.failureCount,
      isStopping: this.#drain !== null,
    };
  }

  #accept(arrival: EventArrival): void {
    const { event, payloadBytes } = arrival;
    const { id: eventId, type: eventType, source, ageMs } = event;
    this.#reporter.tell({ type: 'event_received', eventType, eventId, source, ageMs, payloadBytes });
    const remembered = this.#deduplication.recall(eventId, this.#clock.now());
    // Asked again, as whoever was just told of the event may have called stop.
    if (this.#drain !== null) {
      this.#drop('stopping', eventType, 'stop came while it was taken in');
      return;
    }
    if (remembered?.outcome === 'handled') {
      this.#reporter.tell({ type: 'duplicate', eventType, eventId, of: 'finished' });
      this.#ack(arrival, { code: 200, answer: remembered.answer });
      return;
    }
    const delivery = this.#deliveries.get(eventId);
    if (delivery !== undefined) {
      this.#attach(delivery, arrival);
    } else if (!this.#dispatcher.handles(eventType)) {
      this.#dropUnhandled(arrival);
    } else if (this.#deliveries.size >= this.#policy.maxPending) {
      this.#drop('overloaded', eventType, `${this.#deliveries.size} deliveries are unfinished`);
    } else {
      // With a journal the event would be appended here and acked at once. Without one the ack waits for the handler.
      this.#begin(arrival, remembered?.attempts ?? 0);
    }
  }

  #begin(arrival: EventArrival, attempts: number): void {
    const { event, at } = arrival;
    const kind = kindOf(event.type);
    const run = this.#run(arrival, attempts + 1);
    this.#deliveries.set(event.id, {
      eventId: event.id,
      eventType: event.type,
      kind,
      arrivedWallAt: at.wallNow,
      waiting: [arrival],
      attempt: attempts + 1,
      stage: { is: 'running', run },
    });
    this.#tellPending();
  }

  /** A copy of an event that is not finished: it gets the same outcome, on its own Session. */
  #attach(delivery: Delivery, arrival: EventArrival): void {
    const { eventId, eventType, waiting } = delivery;
    if (waiting.length >= WAITING_MAX) {
      this.#drop('overloaded', eventType, `${waiting.length} copies of event ${eventId} wait already`);
      return;
    }
    this.#reporter.tell({ type: 'duplicate', eventType, eventId, of: 'in_flight' });
    waiting.push(arrival);
  }

  #run({ event, session, payloadBytes }: EventArrival, attempt: number): Run {
    const { id, type, source, ageMs } = event;
    const kind = kindOf(type);
    const traced = { id, type, source, ageMs, attempt: session.attempt, payloadBytes, traceparent: null };
    return startRun<Result>({
      clock: this.#clock,
      deadlineMs: deadlineOf(kind, this.#policy),
      trace: (handle) => this.#trace(traced, handle),
      handle: async (signal) => {
        const result = await this.#dispatcher.dispatch(event, this.#contextOf(event, { signal, attempt }));
        if (result === NO_HANDLER) return NO_HANDLER;
        // Made here, within the run: an answer that JSON cannot hold is the handler's failure.
        return kind === 'callback' || this.#dispatcher.answersEvents ? answerOf(result) : null;
      },
      ended: (end) => this.#ended(id, attempt, end),
      settledLate: (late) => this.#settledLate(id, attempt, late?.result),
    });
  }

  #ended(eventId: string, attempt: number, { result, error, durationMs }: RunEnd<Result>): void {
    const delivery = this.#deliveryOf(eventId);
    const { eventType } = delivery;
    if (result === NO_HANDLER) {
      this.#drop('no_handler', eventType, 'its handler is gone since it arrived');
      this.#finish(delivery, TAKEN);
      return;
    }
    const failure = error?.failure ?? null;
    const detail = error?.message ?? '';
    this.#reporter.tell({ type: 'handler_finished', eventType, eventId, durationMs, attempt, failure, detail });
    if (error === null) {
      this.#finish(delivery, this.#handled(delivery, result));
      return;
    }
    this.#deduplication.failed(eventId, attempt, this.#clock.now());
    // An older run may have succeeded meanwhile, late: then nothing is left to wait for.
    const mayStillSucceed = failure === 'timeout' && this.#drain === null && !this.#isHandled(eventId);
    if (mayStillSucceed) this.#abandon(delivery);
    else this.#finish(delivery, AGAIN);
  }

  /**
   * The handler has outlived its deadline: the ack says 500, and it may still succeed. A redelivery is held back for
   * another deadline, since two runs of one event side by side do harm (a message sent twice), then run all the same,
   * since a handler that never settles must not lose the event.
   */
  #abandon(delivery: Delivery): void {
    const window = this.#clock.timer(deadlineOf(delivery.kind, this.#policy), () => this.#resume(delivery));
    delivery.stage = { is: 'abandoned', window };
    this.#ackAll(delivery, AGAIN);
  }

  /** Nothing holds a redelivery back any longer. Without one the delivery ends; a later one begins anew. */
  #resume(delivery: Delivery): void {
    const redelivery = delivery.waiting.at(-1);
    if (redelivery === undefined || this.#drain !== null) {
      this.#finish(delivery, AGAIN);
      return;
    }
    if (delivery.stage.is === 'abandoned') delivery.stage.window.cancel();
    delivery.attempt += 1;
    delivery.stage = { is: 'running', run: this.#run(redelivery, delivery.attempt) };
  }

  /** The handler of a run that had ended without it has settled after all; `result` is undefined if it failed. */
  #settledLate(eventId: string, attempt: number, result: Result | undefined): void {
    // The delivery it ran for, or the one that a redelivery began since, or none.
    const delivery = this.#deliveries.get(eventId);
    if (result === undefined || result === NO_HANDLER) {
      if (delivery?.stage.is === 'abandoned' && delivery.attempt === attempt) this.#resume(delivery);
      return;
    }
    if (delivery === undefined) {
      // The answer is not kept: whoever waited for it has long seen an error.
      this.#deduplication.handled(eventId, null, this.#clock.now());
      return;
    }
    const verdict = this.#handled(delivery, result);
    if (delivery.stage.is === 'abandoned') this.#finish(delivery, verdict);
    // A newer run is on. Whoever waits for it has the answer now; it ends for nobody.
    else this.#ackAll(delivery, verdict);
  }

  #handled({ eventId, kind }: Delivery, answer: string | null): AckVerdict {
    this.#deduplication.handled(eventId, kind === 'callback' ? answer : null, this.#clock.now());
    return { code: 200, answer };
  }

  #isHandled(eventId: string): boolean {
    return this.#deduplication.recall(eventId, this.#clock.now())?.outcome === 'handled';
  }

  #finish(delivery: Delivery, verdict: AckVerdict): void {
    if (delivery.stage.is === 'abandoned') delivery.stage.window.cancel();
    this.#deliveries.delete(delivery.eventId);
    this.#ackAll(delivery, verdict);
    this.#tellPending();
    this.#endDrain();
  }

  #ackAll({ waiting }: Delivery, verdict: AckVerdict): void {
    for (const arrival of waiting.splice(0)) this.#ack(arrival, verdict);
  }

  #ack(arrival: EventArrival, verdict: AckVerdict): void {
    const { id: eventId, type: eventType } = arrival.event;
    this.#acks.send(arrival, verdict, { kind: kindOf(eventType), eventType, eventId });
  }

  #dropUnhandled(arrival: EventArrival): void {
    this.#drop('no_handler', arrival.event.type, 'nobody registered for this type');
    // 200, since a repeat would find no handler either; the platform would only repeat it, and hold back what it
    // delivers in order after this event.
    this.#ack(arrival, TAKEN);
  }

  #drop(reason: DropReason, eventType: string | null, detail: string): void {
    this.#reporter.tell({ type: 'dropped', reason, eventType, detail });
  }

  #beginDrain(): Drain {
    // Set before anything is told: a sink may call stop.
    const drain = new Drain(this.#clock, () => this.#giveUp());
    this.#drain = drain;
    this.#intake.close();
    // Their acks are long written, so there is nothing to wait for.
    for (const delivery of [...this.#deliveries.values()]) {
      if (delivery.stage.is === 'abandoned' && delivery.waiting.length === 0) this.#finish(delivery, AGAIN);
    }
    return drain;
  }

  #giveUp(): void {
    this.#unfinished = this.#deliveries.size;
    for (const delivery of [...this.#deliveries.values()]) {
      if (delivery.stage.is === 'running') delivery.stage.run.abort();
      else this.#finish(delivery, AGAIN);
    }
  }

  #endDrain(): void {
    if (this.#deliveries.size === 0) this.#drain?.end(this.#unfinished);
  }

  #deliveryOf(eventId: string): Delivery {
    const delivery = this.#deliveries.get(eventId);
    if (delivery === undefined) throw new Error(`a run ended for an event without a delivery: ${eventId}`);
    return delivery;
  }

  #pending(): { depth: number; capacity: number; oldestWallMs: number } {
    const [oldest] = this.#deliveries.values();
    const oldestWallMs = oldest?.arrivedWallAt ?? 0;
    return { depth: this.#deliveries.size, capacity: this.#policy.maxPending, oldestWallMs };
  }

  #tellPending(): void {
    this.#reporter.tell({ type: 'pending', ...this.#pending() });
  }
}
