import type { Span, SpanContext } from '@opentelemetry/api';
import type { DeliveryReport } from '../../delivery/index.js';
import type { Moment } from '../../ports/index.js';
import { openTelemetry } from '../packages.js';

export type EventReceived = Extract<DeliveryReport, { type: 'event_received' }>;

/** The ack of one arrival, from its reception on. */
export class OwedAck {
  readonly span: Span;
  /** Null where nothing traces. */
  readonly context: SpanContext | null;
  readonly isRecording: boolean;
  readonly received: EventReceived;
  readonly receivedAt: Moment;
  /** Of the same event, the next that came. */
  next: OwedAck | null = null;

  constructor(span: Span, context: SpanContext | null, received: EventReceived, receivedAt: Moment) {
    this.span = span;
    this.context = context;
    this.isRecording = span.isRecording();
    this.received = received;
    this.receivedAt = receivedAt;
  }

  /** Neither sampled nor recorded: nobody will read of it, unless it fails. */
  get isLeftOut(): boolean {
    const { TraceFlags } = openTelemetry();
    return !this.isRecording && this.context !== null && (this.context.traceFlags & TraceFlags.SAMPLED) === 0;
  }
}

/** An event that is owed an ack, or a run of its handler, or both. */
export class OpenEvent {
  readonly id: string;
  /** Of the span that was started last; null where nothing traces. */
  latest: SpanContext | null = null;
  /** The ack that the first run is to follow; null once no run does. */
  followed: OwedAck | null = null;
  /** The event was made durable under that ack: what a redelivery is acked with counts for that one alone. */
  isJournaled = false;
  /** A run has followed that ack at once; any other comes later. */
  hasRun = false;
  #oldest: OwedAck | null = null;

  constructor(id: string) {
    this.id = id;
  }

  /** Nobody will ask for it again. */
  get isClosed(): boolean {
    return this.followed === null && this.#oldest === null;
  }

  /** A redelivery has an ack of its own while the first is still owed. */
  owe(ack: OwedAck): void {
    const newest = this.newest;
    if (newest === null) this.#oldest = ack;
    else newest.next = ack;
    if (ack.context === null) return;
    this.latest = ack.context;
    if (this.isJournaled) return;
    this.followed = ack;
    this.hasRun = false;
  }

  /** Of the acks that are owed the one that came last. */
  get newest(): OwedAck | null {
    let ack = this.#oldest;
    while (ack !== null && ack.next !== null) ack = ack.next;
    return ack;
  }

  /** An ack that was written, or failed: they are owed in the order in which they came. */
  takeOldest(): OwedAck | null {
    const ack = this.#oldest;
    this.#oldest = ack?.next ?? null;
    return ack;
  }

  /** An ack that will not be written, though others before it may. */
  takeNewest(): OwedAck | null {
    const { newest } = this;
    let ack = this.#oldest;
    if (ack === newest) this.#oldest = null;
    while (ack !== null && ack !== newest) {
      if (ack.next === newest) ack.next = null;
      ack = ack.next;
    }
    return newest;
  }

  /** No run follows its ack any more. */
  dismiss(): void {
    this.followed = null;
    this.isJournaled = false;
  }
}
