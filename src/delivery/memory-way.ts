import { type Clock, type Moment, momentOf } from '../ports/index.js';
import { type Acks, type AckVerdict, AGAIN, TAKEN } from './acks.js';
import { attemptOf, type EventArrival } from './arrival.js';
import type { Deduplication } from './deduplication.js';
import { type Delivery, NOT_BEGUN } from './delivery.js';
import { NO_HANDLER } from './dispatcher.js';
import type { FeishuEvent } from './event.js';
import type { Result, Runner } from './event-run.js';
import { kindOf } from './kind.js';
import { Line } from './line.js';
import { type DeliveryPolicy, deadlineOf } from './policy.js';
import type { Reporter } from './reporter.js';
import type { RunEnd } from './run.js';
import type { Known, Way } from './way.js';

/** Where finished events are remembered beyond this process. */
export interface DurableMemory {
  knows(eventId: string, contentKeys: readonly string[]): boolean;
  remember(eventId: string, contentKeys: readonly string[]): void;
}

export interface MemoryWayParts {
  readonly clock: Clock;
  readonly policy: DeliveryPolicy;
  /** Deliveries at most. */
  readonly capacity: number;
  readonly reporter: Reporter;
  readonly acks: Acks;
  readonly deduplication: Deduplication<Delivery>;
  readonly runner: Runner;
  /** Null without a journal. */
  readonly durable: DurableMemory | null;
  /** An event was handled. */
  readonly taken: (event: FeishuEvent) => void;
  /** The number of deliveries has changed. */
  readonly changed: () => void;
}

const NEWS: Known = Object.freeze({ is: 'news', attempts: 0 });
const IN_FLIGHT: Known = Object.freeze({ is: 'in_flight' });

// The redelivery ladder has five rungs; a second connection may double them. More copies at once are no redelivery.
export const WAITING_MAX = 16;

/**
 * Handler first, then ack: for callbacks, whose ack is the answer, and for all events where there is no journal.
 *
 * Nothing here is durable, so the handler has to succeed before the ack says 200: whatever is lost with this process
 * was not acked, and comes again. One handler at a time runs for an event, and an event that was handled is handled
 * for good.
 */
export class MemoryWay implements Way {
  readonly #parts: MemoryWayParts;
  /** In the order of arrival: the first one is the oldest. */
  readonly #deliveries = new Line<Delivery>();
  #isDraining = false;

  constructor(parts: MemoryWayParts) {
    this.#parts = parts;
  }

  get depth(): number {
    return this.#deliveries.size;
  }

  get busyCount(): number {
    return this.#deliveries.size;
  }

  get oldestWallAt(): number {
    return this.#deliveries.first?.arrivedWallAt ?? 0;
  }

  get abandonedCount(): number {
    let count = 0;
    for (const { stage } of this.#deliveries.items()) if (stage.is === 'abandoned') count += 1;
    return count;
  }

  start(): void {
    this.#isDraining = false;
  }

  recall(eventId: string, contentKeys: readonly string[], now: number): Known {
    const { deduplication, durable } = this.#parts;
    const remembered = deduplication.recall(eventId, now, contentKeys);
    if (remembered?.outcome === 'handled') return { is: 'finished', answer: remembered.answer };
    if (remembered?.outcome === 'in_flight') return IN_FLIGHT;
    if (durable?.knows(eventId, contentKeys)) return { is: 'finished', answer: null };
    return remembered === null ? NEWS : { is: 'news', attempts: remembered.attempts };
  }

  /** Whether an event with this content key was handled, or is under way. */
  knows(key: string): boolean {
    return this.#parts.deduplication.knowsContent(key, this.#parts.clock.now());
  }

  refusal(): string | null {
    return this.depth < this.#parts.capacity ? null : `${this.depth} deliveries are unfinished`;
  }

  take(arrival: EventArrival, _payload: Uint8Array, attempts: number): void {
    const { event, at, contentKeys } = arrival;
    const delivery: Delivery = {
      eventId: event.id,
      eventType: event.type,
      contentKeys,
      kind: kindOf(event.type),
      arrivedWallAt: at.wallNow,
      waiting: [arrival],
      attempt: attempts,
      stage: NOT_BEGUN,
      earlier: null,
      later: null,
    };
    this.#deliveries.push(delivery);
    this.#parts.deduplication.begun(event.id, contentKeys, delivery);
    this.#run(delivery, arrival);
    this.#parts.changed();
  }

  /** The copy gets the same outcome, on its own Session. */
  attach(arrival: EventArrival): void {
    const delivery = this.#deliveryBy(arrival);
    if (delivery === null) throw new Error(`there is no delivery of event ${arrival.event.id}`);
    const { eventId, eventType, waiting } = delivery;
    if (waiting.length >= WAITING_MAX) {
      const detail = `${waiting.length} copies of event ${eventId} wait already`;
      this.#parts.reporter.tell({ type: 'dropped', reason: 'overloaded', eventType, detail });
      if (arrival.origin.by === 'feed') arrival.origin.settle('refused');
      return;
    }
    this.#parts.reporter.tell({ type: 'duplicate', eventType, eventId, of: 'in_flight' });
    waiting.push(arrival);
  }

  drain(): void {
    this.#isDraining = true;
    // Their acks are long written, so there is nothing to wait for.
    for (const delivery of this.#deliveries.items()) {
      if (delivery.stage.is === 'abandoned' && delivery.waiting.length === 0) this.#finish(delivery, AGAIN);
    }
  }

  giveUp(): void {
    for (const delivery of this.#deliveries.items()) {
      if (delivery.stage.is === 'running') delivery.stage.run.abort();
      else this.#finish(delivery, AGAIN);
    }
  }

  #run(delivery: Delivery, arrival: EventArrival): void {
    const { event, payloadBytes } = arrival;
    delivery.attempt += 1;
    const { attempt } = delivery;
    const run = this.#parts.runner.start({
      event,
      attempt,
      connectionAttempt: attemptOf(arrival),
      payloadBytes,
      traceparent: null,
      ended: (end) => this.#ended(delivery, arrival, end),
      settledLate: (late) => this.#settledLate(arrival, attempt, late?.result),
    });
    delivery.stage = { is: 'running', run };
  }

  #ended(delivery: Delivery, arrival: EventArrival, { result, error, at, durationMs }: RunEnd<Result>): void {
    const { reporter, deduplication } = this.#parts;
    const { eventType, eventId, attempt } = delivery;
    if (result === NO_HANDLER) {
      reporter.tell({
        type: 'dropped',
        reason: 'no_handler',
        eventType,
        detail: 'its handler is gone since it arrived',
      });
      delivery.attempt -= 1;
      this.#finish(delivery, TAKEN, at);
      return;
    }
    const failure = error?.failure ?? null;
    const detail = error?.message ?? '';
    reporter.tell({ type: 'handler_finished', eventType, eventId, durationMs, attempt, failure, detail }, at);
    if (error === null) {
      this.#close(delivery, this.#handled(delivery, arrival, result, at), at);
      return;
    }
    // An older run may have succeeded meanwhile, late: then nothing is left to wait for.
    const isHandled = deduplication.recall(eventId, at.now)?.outcome === 'handled';
    const mayStillSucceed = failure === 'timeout' && !this.#isDraining && !isHandled;
    if (mayStillSucceed) this.#abandon(delivery, at);
    else this.#finish(delivery, failure === 'timeout' ? this.#late(delivery) : AGAIN, at);
  }

  /**
   * The handler has outlived its deadline: the ack says so, and it may still succeed. A redelivery is held back for
   * another deadline, since two runs of one event side by side do harm (a message sent twice), then run all the same,
   * since a handler that never settles must not lose the event.
   */
  #abandon(delivery: Delivery, at: Moment): void {
    const { clock, policy } = this.#parts;
    const window = clock.timer(deadlineOf(delivery.kind, policy), () => this.#resume(delivery));
    delivery.stage = { is: 'abandoned', window };
    this.#ackAll(delivery, this.#late(delivery), at);
  }

  /** What the ack says when the handler is late: 500, unless there is a fallback for callbacks. */
  #late({ kind }: Delivery): AckVerdict {
    const { callbackFallback } = this.#parts.policy;
    if (kind !== 'callback' || callbackFallback === null) return AGAIN;
    return { code: 200, answer: JSON.stringify(callbackFallback) };
  }

  /** Nothing holds a redelivery back any longer. Without one the delivery ends; a later one begins anew. */
  #resume(delivery: Delivery): void {
    const redelivery = delivery.waiting.at(-1);
    if (redelivery === undefined || this.#isDraining) {
      this.#finish(delivery, AGAIN);
      return;
    }
    if (delivery.stage.is === 'abandoned') delivery.stage.window.cancel();
    this.#run(delivery, redelivery);
  }

  /** The handler of a run that had ended without it has settled after all; `result` is undefined if it failed. */
  #settledLate(arrival: EventArrival, attempt: number, result: Result | undefined): void {
    const at = momentOf(this.#parts.clock);
    // The delivery it ran for, or the one that a redelivery began since, or none.
    const delivery = this.#deliveryBy(arrival);
    if (result === undefined || result === NO_HANDLER) {
      if (delivery?.stage.is === 'abandoned' && delivery.attempt === attempt) this.#resume(delivery);
      return;
    }
    if (delivery === null) {
      // The answer is not kept: whoever waited for it has long seen an error.
      this.#remember(arrival, null, at);
      return;
    }
    const verdict = this.#handled(delivery, arrival, result, at);
    if (delivery.stage.is === 'abandoned') this.#close(delivery, verdict, at);
    // A newer run is on. Whoever waits for it has the answer now; it ends for nobody.
    else this.#ackAll(delivery, verdict, at);
  }

  #handled(delivery: Delivery, arrival: EventArrival, answer: string | null, at: Moment): AckVerdict {
    const { deduplication } = this.#parts;
    const { eventId, contentKeys, kind } = delivery;
    // A copy was handled in its place, which may go by another id, or by fewer keys.
    if (contentKeys !== arrival.contentKeys) deduplication.handled(eventId, null, at.now, contentKeys);
    this.#remember(arrival, kind === 'callback' ? answer : null, at);
    return answer === null ? TAKEN : { code: 200, answer };
  }

  #remember({ event, contentKeys }: EventArrival, answer: string | null, { now }: Moment): void {
    const { deduplication, durable, taken } = this.#parts;
    deduplication.handled(event.id, answer, now, contentKeys);
    durable?.remember(event.id, contentKeys);
    taken(event);
  }

  /** Ends a delivery that was not handled, unless an older run has done that. */
  #finish(delivery: Delivery, verdict: AckVerdict, at = momentOf(this.#parts.clock)): void {
    const { eventId, attempt, contentKeys } = delivery;
    this.#parts.deduplication.failed(eventId, attempt, at.now, contentKeys);
    this.#close(delivery, verdict, at);
  }

  #close(delivery: Delivery, verdict: AckVerdict, at: Moment): void {
    if (delivery.stage.is === 'abandoned') delivery.stage.window.cancel();
    this.#deliveries.remove(delivery);
    this.#ackAll(delivery, verdict, at);
    this.#parts.changed();
  }

  #ackAll({ waiting, kind }: Delivery, verdict: AckVerdict, at: Moment): void {
    for (const arrival of waiting.splice(0)) {
      const { id: eventId, type: eventType } = arrival.event;
      this.#parts.acks.send(arrival, verdict, { kind, eventType, eventId }, at);
    }
  }

  #deliveryBy({ event, contentKeys }: EventArrival): Delivery | null {
    const { deduplication, clock } = this.#parts;
    const remembered = deduplication.recall(event.id, clock.now(), contentKeys);
    return remembered?.outcome === 'in_flight' ? remembered.flight : null;
  }
}
