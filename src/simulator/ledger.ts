import type { EventEnvelope, EventKind } from './event.js';

/**
 * `exhausted`: the platform has given up, every rung of the ladder being spent (callbacks have none: there an answer
 * other than 200 is enough). `timed_out`: a callback that nobody answered in time.
 */
export const EVENT_STATES = ['pending', 'acknowledged', 'exhausted', 'timed_out'] as const;
export type EventState = (typeof EVENT_STATES)[number];

/** One delivery of an event. */
export interface DeliveryRecord {
  readonly messageId: string;
  /** Monotonic milliseconds. */
  readonly at: number;
  /** An acknowledgement after this moment is late. */
  readonly deadlineAt: number;
  /** Null if nobody was online. */
  readonly connectionId: string | null;
  /** Differs from the event's own under the fault `change_event_ids`. */
  readonly eventId: string;
  /** 0 for the first delivery, 1 to 4 for the redeliveries. */
  readonly rung: number;
  /** `swallowed`: by a mute or dead connection. `copy`: beyond the one the ladder asks for. */
  readonly fate: 'sent' | 'swallowed' | 'nobody_online' | 'copy';
}

/** One acknowledgement of an event. */
export interface AckRecord {
  readonly messageId: string;
  readonly at: number;
  /** The connection it came on, which need not be the one the delivery went out on. */
  readonly connectionId: string;
  readonly code: number;
  /** From the delivery it answers, in milliseconds. */
  readonly latencyMs: number;
  /** It came after the platform's deadline: the event is delivered again all the same. */
  readonly isLate: boolean;
  /** The client's own figure; null if it sent none. */
  readonly bizRtMs: number | null;
}

/** One event and everything that became of it. */
export interface LedgerEvent {
  readonly eventId: string;
  readonly eventType: string;
  readonly kind: EventKind;
  readonly appId: string;
  readonly envelope: EventEnvelope;
  readonly sentAt: number;
  readonly sentWallAt: number;
  readonly state: EventState;
  /** When it left `pending`. */
  readonly settledAt: number | null;
  readonly deliveries: readonly DeliveryRecord[];
  readonly acks: readonly AckRecord[];
  /** What a callback's acknowledgement carried; null if nothing. */
  readonly result: unknown;
}

/** The platform's own pen. */
export interface WritableEvent extends LedgerEvent {
  state: EventState;
  settledAt: number | null;
  deliveries: DeliveryRecord[];
  acks: AckRecord[];
  result: unknown;
}

/** A client that acknowledges in a loop must not grow an event without end. */
const MAX_RECORDS_PER_EVENT = 200;

/** Every event sent, in order, with what became of it. The oldest go when the bound is reached. */
export class Ledger {
  readonly #maxEvents: number;
  readonly #events = new Set<WritableEvent>();
  readonly #byMessage = new Map<string, { readonly event: WritableEvent; readonly delivery: DeliveryRecord }>();
  #total = 0;
  readonly #states = new Map<EventState, number>();

  constructor(maxEvents: number) {
    this.#maxEvents = maxEvents;
  }

  /** Oldest first; at most `maxEvents`. */
  get events(): readonly LedgerEvent[] {
    return [...this.#events];
  }

  /** The youngest event of this id, or null if none is kept. */
  find(eventId: string): LedgerEvent | null {
    let found: LedgerEvent | null = null;
    for (const event of this.#events) if (event.eventId === eventId) found = event;
    return found;
  }

  /** The `count` youngest acknowledged events, callbacks left out. */
  latestAcknowledged(count: number, appId?: string): readonly WritableEvent[] {
    const isMeant = (event: WritableEvent) =>
      event.state === 'acknowledged' && event.kind === 'event' && (appId ?? event.appId) === event.appId;
    return [...this.#events].filter(isMeant).slice(-count);
  }

  /** Counts since the start, forgotten events included. */
  get summary(): Readonly<Record<EventState | 'total' | 'kept', number>> {
    const count = (state: EventState) => this.#states.get(state) ?? 0;
    return {
      total: this.#total,
      kept: this.#events.size,
      pending: count('pending'),
      acknowledged: count('acknowledged'),
      exhausted: count('exhausted'),
      timed_out: count('timed_out'),
    };
  }

  open(event: WritableEvent): void {
    this.#events.add(event);
    this.#total++;
    this.#count(event.state, 1);
    if (this.#events.size > this.#maxEvents) this.#forgetOldest();
  }

  delivered(event: WritableEvent, delivery: DeliveryRecord): void {
    if (event.deliveries.length < MAX_RECORDS_PER_EVENT) event.deliveries.push(delivery);
    // An event without a place in the ledger can still be acknowledged until it settles.
    if (!this.#byMessage.has(delivery.messageId)) this.#byMessage.set(delivery.messageId, { event, delivery });
  }

  /** Whose delivery a `message_id` names, or null. */
  answering(messageId: string): { readonly event: WritableEvent; readonly delivery: DeliveryRecord } | null {
    return this.#byMessage.get(messageId) ?? null;
  }

  acked(event: WritableEvent, ack: AckRecord): void {
    if (event.acks.length < MAX_RECORDS_PER_EVENT) event.acks.push(ack);
  }

  settle(event: WritableEvent, state: EventState, at: number): void {
    this.#count(event.state, -1);
    event.state = state;
    event.settledAt = at;
    this.#count(state, 1);
    if (!this.#events.has(event)) this.#forgetMessages(event);
  }

  #forgetOldest(): void {
    for (const event of this.#events) {
      this.#events.delete(event);
      if (event.state !== 'pending') this.#forgetMessages(event);
      return;
    }
  }

  #forgetMessages(event: WritableEvent): void {
    for (const { messageId } of event.deliveries) this.#byMessage.delete(messageId);
  }

  #count(state: EventState, change: number): void {
    this.#states.set(state, (this.#states.get(state) ?? 0) + change);
  }
}
