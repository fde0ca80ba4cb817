import type { Attributes, Span, SpanContext, Tracer } from '@opentelemetry/api';
import type {
  DeliveryReport,
  DropReason,
  HandlerError,
  TraceDelivery,
  TracedEvent,
  TraceEnded,
} from '../../delivery/index.js';
import type { Clock, Moment, ReportSink } from '../../ports/index.js';
import { ATTRIBUTES } from '../attributes.js';
import { BoundedMap } from '../bounded-map.js';
import { openTelemetry } from '../packages.js';
import { RecentMap } from '../recent-map.js';
import type { ConnectSpans } from './connect.js';
import { EventSpans, type ToldEvent } from './event-spans.js';
import { firstOffer, secondOffer } from './offers.js';
import { type EventReceived, OpenEvent, OwedAck } from './open-event.js';
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

/** What went wrong, as its span tells it. */
interface SpanFailure {
  readonly failure: string;
  readonly detail: string;
}

/** An event that the latest report was about. */
interface Received {
  readonly id: string;
  readonly type: string;
  /** Null for what has none. */
  readonly ack: OwedAck | null;
}

/**
 * `ack {event_type}` from reception to the ack written, a root linked to the connect span, and `process {event_type}`
 * around each run of the handler: the first one is its child. One that follows much later, a retry or a run after a
 * restart, is a root linked to it, since a trace should not last for hours. The handler runs with the process span
 * active, and with nothing else of the context that the socket was made in: two events have two traces.
 *
 * An ack that is left out, neither sampled nor recorded, has no child: the handler runs with the span of the ack active,
 * so that samplers that heed a parent leave out what it starts. If it fails, or its ack, the sampler is asked again: the
 * span is then started with its true times, and with `error.type` among the attributes it starts with.
 */
export class DeliverySpans {
  readonly #spans: EventSpans;
  readonly #clock: Clock;
  readonly #connect: ConnectSpans;
  readonly #onError: () => void;
  readonly #open = new BoundedMap<string, OpenEvent>(MAX_EVENTS, (event) => {
    const tooMany = { failure: 'abandoned', detail: 'too many events await their ack' };
    const wallMs = this.#clock.wallNow();
    for (let ack = event.takeOldest(); ack !== null; ack = event.takeOldest()) {
      // Of those that were left out nothing is told: it is we who lose sight of them.
      if (ack.isRecording) endSpan(ack.span, tooMany, wallMs);
    }
  });
  /** Of spans that may be read of, and longer than the event is open: exemplars and log lines. */
  readonly #latest = new RecentMap<string, SpanContext>(MAX_EVENTS);
  readonly #firstOffer = firstOffer();
  #justReceived: Received | null = null;

  constructor(parts: {
    readonly tracer: Tracer;
    readonly app: string;
    readonly clock: Clock;
    readonly typeOf: (eventType: string) => string;
    readonly connect: ConnectSpans;
    readonly onError: () => void;
  }) {
    this.#spans = new EventSpans(parts.tracer, parts.app, parts.typeOf);
    this.#clock = parts.clock;
    this.#connect = parts.connect;
    this.#onError = parts.onError;
  }

  contextOf(eventId: string): SpanContext | null {
    return this.#open.get(eventId)?.latest ?? this.#latest.get(eventId) ?? null;
  }

  /** The event's ack span, as the journal keeps it; null once its handler ran, and where nothing traces. */
  traceparentOf(eventId: string): string | null {
    const open = this.#open.get(eventId);
    const ack = open === undefined || open.hasRun ? null : (open.followed?.context ?? null);
    return ack === null ? null : traceparentOf(ack);
  }

  /** A report that is no news here, but the latest. */
  passOver(): void {
    this.#justReceived = null;
  }

  readonly onDelivery: ReportSink<DeliveryReport> = (report, moment) => {
    const { wallNow } = moment;
    const justReceived = this.#justReceived;
    this.#justReceived = null;
    switch (report.type) {
      case 'event_received':
        this.#justReceived = {
          id: report.eventId,
          type: report.eventType,
          // What catch-up found has no ack to write.
          ack: report.source === 'catchup' ? null : this.#startAck(report, moment),
        };
        return;
      case 'duplicate':
        this.#open.get(report.eventId)?.newest?.span.setAttribute(ATTRIBUTES.eventDuplicate, true);
        if (report.of === 'finished' && justReceived?.id === report.eventId) this.#dismiss(justReceived);
        return;
      case 'journaled': {
        const open = this.#open.get(report.eventId);
        if (open !== undefined) open.isJournaled = open.followed !== null;
        return;
      }
      case 'dropped': {
        if (justReceived === null || justReceived.type !== report.eventType) return;
        const open = this.#dismiss(justReceived);
        if (open === undefined || !NOT_ACKED.includes(report.reason)) return;
        this.#settle(open, open.takeNewest(), { failure: report.reason, detail: 'not acked' }, wallNow);
        return;
      }
      case 'acked':
      case 'ack_failed': {
        const open = this.#open.get(report.eventId);
        if (open !== undefined) this.#settle(open, open.takeOldest(), failureOf(report), wallNow);
        return;
      }
      default:
        return;
    }
  };

  readonly traceDelivery: TraceDelivery = (event, run) => {
    const { context } = openTelemetry();
    const open = this.#open.get(event.id);
    const ack = event.source === 'catchup' || open === undefined ? null : open.followed;
    const kept = event.traceparent === null ? null : spanContextOf(event.traceparent);
    // The first run after that ack, and of the event that was journaled under it, if any was.
    const isFirst = ack !== null && open?.hasRun === false && (kept === null || kept.spanId === ack.context?.spanId);
    if (open !== undefined && ack !== null) open.hasRun = true;
    if (isFirst && ack.isLeftOut) {
      // Most events of a sampled process. A span of its own would be left out as its parent was, and would cost as much.
      context.with(new SpanScope(ack.span), run, undefined, this.#endOfLeftOut(event, open, ack));
      return;
    }
    const span = this.#startProcess(event, open, isFirst ? ack.context : null, kept ?? ack?.context ?? null);
    if (span === null) run(null);
    else context.with(new SpanScope(span), run, undefined, span.isRecording() ? this.#endOf(span, open) : null);
  };

  /** Ends what is open, as stopped by us. */
  endAll(wallMs: number): void {
    const aborted = { failure: 'aborted', detail: 'stopped before the ack' };
    for (const open of this.#open.drain()) {
      for (let ack = open.takeOldest(); ack !== null; ack = open.takeOldest()) this.#end(ack, aborted, wallMs);
    }
  }

  #startAck(received: EventReceived, at: Moment): OwedAck {
    const { eventId: id, eventType: type, source } = received;
    const links = this.#connect.connected?.links ?? NO_LINKS;
    const span = this.#spans.startAck(type, { wallMs: at.wallNow, links, parent: this.#firstOffer });
    const ack = new OwedAck(span, contextOf(span), received, at);
    // Of a first push nothing is known.
    const open = (source === 'push' ? undefined : this.#open.get(id)) ?? new OpenEvent(id);
    open.owe(ack);
    this.#open.set(id, open);
    if (!ack.isLeftOut) this.#record(ack);
    return ack;
  }

  /** An ack that is not left out. Few are: in a function of its own this burdens the others with nothing. */
  #record({ span, context: spanContext, isRecording, received }: OwedAck): void {
    if (spanContext !== null) this.#latest.set(received.eventId, spanContext);
    if (isRecording) span.setAttributes(this.#spans.ackAttributes(toldOf(received), this.#connect.connected));
  }

  /** No handler will run for it. */
  #dismiss({ id, ack }: Received): OpenEvent | undefined {
    const open = this.#open.get(id);
    if (open !== undefined && ack !== null && open.followed === ack) open.dismiss();
    return open;
  }

  /** An ack is owed no more. */
  #settle(open: OpenEvent, ack: OwedAck | null, failure: SpanFailure | null, wallMs: number): void {
    this.#close(open);
    if (ack !== null) this.#end(ack, failure, wallMs);
  }

  #close(open: OpenEvent): void {
    // It may have been forgotten meanwhile, and its id have come again.
    if (open.isClosed) this.#open.delete(open.id, open);
  }

  #end(ack: OwedAck, failure: SpanFailure | null, wallMs: number): void {
    const { span, isRecording, isLeftOut } = ack;
    if (isRecording) endSpan(span, failure, wallMs);
    else if (isLeftOut && failure !== null) this.#offerAck(ack, failure, wallMs);
  }

  #endOf(span: Span, open: OpenEvent | undefined): TraceEnded {
    return (error) => {
      this.#quietly(() => {
        // No run follows a success.
        if (error === null && open !== undefined) this.#forget(open);
        endSpan(span, error && failureOfRun(error), this.#clock.wallNow());
      });
    };
  }

  #endOfLeftOut(event: TracedEvent, open: OpenEvent, ack: OwedAck): TraceEnded {
    return (error, durationMs) => {
      // A later run has nothing to be linked to but what the journal kept.
      // No run at all follows a success, whatever copies came meanwhile.
      if (error === null || open.followed === ack) this.#forget(open);
      if (error !== null) this.#quietly(() => this.#offerProcess(event, ack, failureOfRun(error), durationMs));
    };
  }

  #forget(open: OpenEvent): void {
    open.dismiss();
    this.#close(open);
  }

  /** As the child of an ack, or as a root that is linked to something earlier. Null where the tracer fails. */
  #startProcess(
    event: TracedEvent,
    open: OpenEvent | undefined,
    ack: SpanContext | null,
    earlier: SpanContext | null,
  ): Span | null {
    try {
      const { ROOT_CONTEXT, trace } = openTelemetry();
      const span = this.#spans.startProcess(event.type, {
        wallMs: this.#clock.wallNow(),
        links: ack === null ? linksTo(earlier ?? this.#connect.contextOf(event.attempt)) : NO_LINKS,
        parent: ack === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, ack),
      });
      const latest = contextOf(span);
      if (latest !== null) {
        this.#latest.set(event.id, latest);
        if (open !== undefined) open.latest = latest;
      }
      if (span.isRecording()) span.setAttributes(this.#processAttributes(event));
      else if (open !== undefined) this.#forget(open);
      return span;
    } catch {
      // The event is handled all the same.
      this.#onError();
      return null;
    }
  }

  /** A run that failed where its ack was left out. */
  #offerProcess(event: TracedEvent, ack: OwedAck, failure: SpanFailure, durationMs: number): void {
    const wallMs = this.#clock.wallNow();
    const attributes = { ...this.#processAttributes(event), [ATTRIBUTES.errorType]: failure.failure };
    const { ROOT_CONTEXT, trace } = openTelemetry();
    const parent = trace.setSpan(ROOT_CONTEXT, ack.span);
    const start = { wallMs: wallMs - durationMs, links: NO_LINKS, parent, attributes };
    const span = this.#spans.startProcess(event.type, start);
    this.#tellOf(event.id, span, contextOf(span), failure, wallMs);
  }

  /** An ack that was left out, and failed. */
  #offerAck({ span, context, received, receivedAt }: OwedAck, failure: SpanFailure, wallMs: number): void {
    const { connected } = this.#connect;
    const told = this.#spans.ackAttributes(toldOf(received), connected);
    const attributes = { ...told, [ATTRIBUTES.errorType]: failure.failure };
    const links = connected?.links ?? NO_LINKS;
    const start = { wallMs: receivedAt.wallNow, links, parent: secondOffer(span), attributes };
    const standIn = this.#spans.startAck(received.eventType, start);
    const own = contextOf(standIn);
    // Unless a sampler took it by its own name, it goes by that of the ack that it stands for, if anybody keeps it.
    this.#tellOf(received.eventId, standIn, own !== null && isSampled(own) ? own : context, failure, wallMs);
  }

  #tellOf(eventId: string, span: Span, known: SpanContext | null, failure: SpanFailure, wallMs: number): void {
    if (!span.isRecording()) return;
    if (known !== null) this.#latest.set(eventId, known);
    endSpan(span, failure, wallMs);
  }

  #processAttributes(event: TracedEvent): Attributes {
    return this.#spans.processAttributes(event, this.#connect.connectionOf(event.attempt));
  }

  #quietly(work: () => void): void {
    try {
      work();
    } catch {
      this.#onError();
    }
  }
}

function toldOf({ eventId: id, eventType: type, source, ageMs, payloadBytes }: EventReceived): ToldEvent {
  return { id, type, source, ageMs, payloadBytes };
}

/** Why an ack failed; null if it did not. */
function failureOf(report: Extract<DeliveryReport, { type: 'acked' | 'ack_failed' }>): SpanFailure | null {
  if (report.type === 'ack_failed') return { failure: report.failure, detail: 'not acked' };
  // We told the platform that it went wrong; why is in the process span, if a handler ran.
  return report.code === 200 ? null : { failure: `ack_${report.code}`, detail: `acked with code ${report.code}` };
}

function failureOfRun({ failure, message }: HandlerError): SpanFailure {
  return { failure, detail: message };
}

function isSampled({ traceFlags }: SpanContext): boolean {
  return (traceFlags & openTelemetry().TraceFlags.SAMPLED) !== 0;
}

function endSpan(span: Span, failure: SpanFailure | null, wallMs: number): void {
  if (failure !== null) fail(span, failure.failure, failure.detail);
  span.end(hrTimeOf(wallMs));
}
