import {
  type Attributes,
  context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { DeliveryReport, DropReason, TraceDelivery, TracedEvent, TraceEnded } from '../../delivery/index.js';
import type { Clock, ReportSink } from '../../ports/index.js';
import { ATTRIBUTES } from '../attributes.js';
import { BoundedMap } from '../bounded-map.js';
import { RecentMap } from '../recent-map.js';
import type { ConnectedSpan, ConnectSpans } from './connect.js';
import { contextOf, fail, hrTimeOf, linksTo, NO_LINKS } from './span.js';
import { SpanScope } from './span-scope.js';
import { spanContextOf, traceparentOf } from './traceparent.js';

/**
 * Events between reception and ack, and acked ones whose handler may still start. With a journal more may wait for
 * their handler than that: those that were forgotten here have a link to their ack all the same.
 */
const MAX_EVENTS = 1_000;

/** Drops that end a whole event without an ack; it was received a moment before, in the same call. */
const NOT_ACKED: readonly DropReason[] = ['overloaded', 'stopping'];

/** What is known of the trace of an event. */
interface EventTrace {
  /** The span of the ack that the first run of the handler is to follow; null for none, and once it has no more to say. */
  ack: SpanContext | null;
  /** That span, where it is neither sampled nor recorded: then it is the handler's as well. */
  unread: Span | null;
  /** The event was made durable under that ack: what a redelivery is acked with counts for that one alone. */
  isJournaled: boolean;
  /** A run has followed that ack at once; any other comes later. */
  hasRun: boolean;
  /** Of the latest span. */
  latest: SpanContext;
}

type EventReceived = Extract<DeliveryReport, { type: 'event_received' }>;

/** An event that the latest report was about. */
interface Received {
  readonly id: string;
  readonly type: string;
  /** Null where nothing traces, and for what has no ack. */
  readonly ack: SpanContext | null;
}

/** What the spans of a type are called. */
interface SpanNames {
  readonly ack: string;
  readonly process: string;
}

const NOTHING_KNOWN = Object.freeze({ ack: null, unread: null, isJournaled: false, hasRun: false });

/**
 * `ack {event_type}` from reception to the ack written, a root linked to the connect span, and `process {event_type}`
 * around each run of the handler: the first one is its child. One that follows much later, a retry or a run after a
 * restart, is a root linked to it, since a trace should not last for hours. The handler runs with the process span
 * active, and with nothing else of the context that the socket was made in: two events have two traces.
 *
 * An ack that is neither sampled nor recorded has no child: the handler runs with the span of the ack active, so that
 * samplers that heed a parent leave out what it starts. One that does not is not asked about `process` either.
 */
export class DeliverySpans {
  readonly #tracer: Tracer;
  readonly #app: string;
  readonly #clock: Clock;
  readonly #typeOf: (eventType: string) => string;
  readonly #connect: ConnectSpans;
  readonly #onError: () => void;
  /** Per event id, oldest first: a Redelivery has an ack of its own while the first is still owed. */
  readonly #acks = new BoundedMap<string, Span[]>(MAX_EVENTS, (spans) => {
    for (const span of spans) {
      fail(span, 'abandoned', 'too many events await their ack');
      span.end(hrTimeOf(this.#clock.wallNow()));
    }
  });
  /** Outlive the spans: parents of handlers that run after the ack, and exemplars. */
  readonly #traces = new RecentMap<string, EventTrace>(MAX_EVENTS);
  readonly #names = new Map<string, SpanNames>();
  #justReceived: Received | null = null;

  constructor(parts: {
    readonly tracer: Tracer;
    readonly app: string;
    readonly clock: Clock;
    readonly typeOf: (eventType: string) => string;
    readonly connect: ConnectSpans;
    readonly onError: () => void;
  }) {
    this.#tracer = parts.tracer;
    this.#app = parts.app;
    this.#clock = parts.clock;
    this.#typeOf = parts.typeOf;
    this.#connect = parts.connect;
    this.#onError = parts.onError;
  }

  contextOf(eventId: string): SpanContext | null {
    return this.#traces.get(eventId)?.latest ?? null;
  }

  /** The event's ack span, as the journal keeps it; null once its handler ran, and where nothing traces. */
  traceparentOf(eventId: string): string | null {
    const { ack = null, hasRun = false } = this.#traces.get(eventId) ?? {};
    return ack === null || hasRun ? null : traceparentOf(ack);
  }

  /** A report that is no news here, but the latest. */
  passOver(): void {
    this.#justReceived = null;
  }

  readonly onDelivery: ReportSink<DeliveryReport> = (report, { wallNow }) => {
    const justReceived = this.#justReceived;
    this.#justReceived = null;
    switch (report.type) {
      case 'event_received':
        this.#justReceived = {
          id: report.eventId,
          type: report.eventType,
          // What catch-up found has no ack to write.
          ack: report.source === 'catchup' ? null : this.#startAck(report, wallNow),
        };
        return;
      case 'duplicate':
        this.#acks.get(report.eventId)?.at(-1)?.setAttribute(ATTRIBUTES.eventDuplicate, true);
        if (report.of === 'finished' && justReceived?.id === report.eventId) this.#dismiss(justReceived);
        return;
      case 'journaled': {
        const known = this.#traces.get(report.eventId);
        if (known !== undefined) known.isJournaled = known.ack !== null;
        return;
      }
      case 'dropped': {
        if (justReceived === null || justReceived.type !== report.eventType) return;
        this.#dismiss(justReceived);
        if (!NOT_ACKED.includes(report.reason)) return;
        const span = this.#takeAck(justReceived.id, 'newest');
        if (span === undefined) return;
        fail(span, report.reason, 'not acked');
        span.end(hrTimeOf(wallNow));
        return;
      }
      case 'acked': {
        const span = this.#takeAck(report.eventId, 'oldest');
        if (span === undefined) return;
        // We told the platform that it went wrong; why is in the process span, if a handler ran.
        if (report.code !== 200) fail(span, `ack_${report.code}`, `acked with code ${report.code}`);
        span.end(hrTimeOf(wallNow));
        return;
      }
      case 'ack_failed': {
        const span = this.#takeAck(report.eventId, 'oldest');
        if (span === undefined) return;
        fail(span, report.failure, 'not acked');
        span.end(hrTimeOf(wallNow));
        return;
      }
      default:
        return;
    }
  };

  readonly traceDelivery: TraceDelivery = (event, run) => {
    const span = this.#begin(event);
    if (span === null) run(null);
    else context.with(new SpanScope(span), run, undefined, span.isRecording() ? this.#endOf(span, event.id) : null);
  };

  /** The span that the handler is to run in. Null where the tracer fails: the event is handled all the same. */
  #begin(event: TracedEvent): Span | null {
    try {
      const known = this.#traces.get(event.id);
      const kept = event.traceparent === null ? null : spanContextOf(event.traceparent);
      const acked = event.source === 'catchup' || known === undefined || known.ack === null ? null : known;
      if (acked === null) return this.#startProcess(event, known, null, kept);
      const { ack, unread } = acked;
      if (!followsAtOnce(acked, kept)) return this.#startProcess(event, known, null, kept ?? ack);
      if (unread === null) return this.#startProcess(event, known, ack, null);
      // Most events of a sampled process. A span of its own would be left out as its parent was, and would cost as much
      // again: what belongs to the handler belongs to the trace that is there.
      forgetAck(acked);
      return unread;
    } catch {
      this.#onError();
      return null;
    }
  }

  #endOf(span: Span, eventId: string): TraceEnded {
    return (error) => {
      // No run follows a success.
      if (error === null) forgetAck(this.#traces.get(eventId));
      this.#quietly(() => {
        if (error !== null) fail(span, error.failure, error.message);
        span.end(hrTimeOf(this.#clock.wallNow()));
      });
    };
  }

  /** Ends what is open, as stopped by us. */
  endAll(wallMs: number): void {
    for (const span of this.#acks.drain().flat()) {
      fail(span, 'aborted', 'stopped before the ack');
      span.end(hrTimeOf(wallMs));
    }
  }

  #startAck(report: EventReceived, wallMs: number): SpanContext | null {
    const { eventId, eventType } = report;
    // The root context has no parent for it: `root` would say the same again, and the SDK would copy the context for it.
    const span = this.#tracer.startSpan(
      this.#namesOf(eventType).ack,
      { kind: SpanKind.CLIENT, links: this.#connect.connected?.links ?? NO_LINKS, startTime: hrTimeOf(wallMs) },
      ROOT_CONTEXT,
    );
    const ack = contextOf(span);
    const isRecording = span.isRecording();
    if (ack !== null) {
      const unread = isRecording || (ack.traceFlags & TraceFlags.SAMPLED) !== 0 ? null : span;
      // Of a first push nothing is known.
      const known = report.source === 'push' ? undefined : this.#traces.get(eventId);
      if (known?.isJournaled === true) known.latest = ack;
      else this.#traces.set(eventId, { ack, unread, isJournaled: false, hasRun: false, latest: ack });
    }
    if (isRecording) this.#owe(span, report);
    return ack;
  }

  /** An ack that is recorded. Few are: in a function of its own this burdens the others with nothing. */
  #owe(span: Span, report: EventReceived): void {
    const { eventId: id, eventType: type, source, ageMs, payloadBytes } = report;
    this.#acks.set(id, [...(this.#acks.get(id) ?? []), span]);
    const attributes = this.#messaging({ id, type, source, ageMs, payloadBytes }, 'ack', 'settle');
    setAll(span, attributes, this.#connect.connected);
  }

  /** No handler will run for it. */
  #dismiss({ id, ack }: Received): void {
    const known = this.#traces.get(id);
    if (known !== undefined && ack !== null && known.ack === ack) forgetAck(known);
  }

  /** The span of an ack that is owed no more; undefined if none is recorded. */
  #takeAck(eventId: string, which: 'oldest' | 'newest'): Span | undefined {
    const spans = this.#acks.get(eventId);
    if (spans === undefined) return undefined;
    const span = which === 'oldest' ? spans.shift() : spans.pop();
    if (spans.length === 0) this.#acks.delete(eventId);
    return span;
  }

  #namesOf(eventType: string): SpanNames {
    const type = this.#typeOf(eventType);
    let names = this.#names.get(type);
    if (names === undefined) {
      names = { ack: `ack ${type}`, process: `process ${type}` };
      this.#names.set(type, names);
    }
    return names;
  }

  /** As the child of an ack, or as a root that is linked to something earlier. */
  #startProcess(
    event: TracedEvent,
    known: EventTrace | undefined,
    ack: SpanContext | null,
    earlier: SpanContext | null,
  ): Span {
    if (known !== undefined && event.source !== 'catchup') known.hasRun = true;
    const span = this.#tracer.startSpan(
      this.#namesOf(event.type).process,
      {
        kind: SpanKind.CONSUMER,
        links: ack === null ? linksTo(earlier ?? this.#connect.contextOf(event.attempt)) : NO_LINKS,
        startTime: hrTimeOf(this.#clock.wallNow()),
      },
      ack === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, ack),
    );
    const latest = contextOf(span);
    if (latest !== null) this.#traces.set(event.id, { ...(known ?? NOTHING_KNOWN), latest });
    if (span.isRecording()) {
      const attributes = this.#messaging(event, 'process', 'process');
      attributes[ATTRIBUTES.eventDuplicate] = false;
      setAll(span, attributes, this.#connect.connectionOf(event.attempt));
    } else {
      // A later run has nothing to be linked to but what the journal kept.
      forgetAck(this.#traces.get(event.id));
    }
    return span;
  }

  #messaging(
    event: Omit<TracedEvent, 'attempt' | 'traceparent'>,
    operation: string,
    operationType: string,
  ): Attributes {
    const attributes: Attributes = {
      [ATTRIBUTES.app]: this.#app,
      [ATTRIBUTES.messagingSystem]: 'feishu',
      [ATTRIBUTES.messagingOperationName]: operation,
      [ATTRIBUTES.messagingOperationType]: operationType,
      [ATTRIBUTES.messagingDestinationName]: event.type,
      [ATTRIBUTES.messagingMessageId]: event.id,
      [ATTRIBUTES.messagingMessageBodySize]: event.payloadBytes,
      [ATTRIBUTES.eventSource]: event.source,
    };
    if (event.ageMs !== null) attributes[ATTRIBUTES.eventAgeS] = event.ageMs / 1_000;
    return attributes;
  }

  #quietly(work: () => void): void {
    try {
      work();
    } catch {
      this.#onError();
    }
  }
}

/** Whether this is the first run after that ack, and of the event that was journaled under it, if any was. */
function followsAtOnce({ ack, hasRun }: EventTrace, kept: SpanContext | null): boolean {
  return !hasRun && (kept === null || kept.spanId === ack?.spanId);
}

function setAll(span: Span, attributes: Attributes, bringer: ConnectedSpan | null): void {
  if (bringer !== null) attributes[ATTRIBUTES.messagingClientId] = bringer.connectionId;
  span.setAttributes(attributes);
}

/** No run follows it any more. */
function forgetAck(known: EventTrace | undefined): void {
  if (known === undefined) return;
  known.ack = null;
  known.unread = null;
  known.isJournaled = false;
}
