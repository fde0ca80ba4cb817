import {
  type Attributes,
  type Context,
  context,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import {
  type DeliveryReport,
  type DropReason,
  HANDLER_FAILURES,
  type HandlerFailure,
  type TraceDelivery,
  type TracedEvent,
} from '../../delivery/index.js';
import type { Clock, ReportSink } from '../../ports/index.js';
import { ATTRIBUTES } from '../attributes.js';
import { BoundedMap } from '../bounded-map.js';
import type { ConnectSpans } from './connect.js';
import { contextOf, fail, hrTimeOf } from './span.js';

/** Events between reception and ack, and acked ones whose handler may still start. */
const MAX_EVENTS = 1_000;

/** Drops that end a whole event without an ack; it was received a moment before, in the same call. */
const NOT_ACKED: readonly DropReason[] = ['overloaded', 'stopping'];

/**
 * `ack {event_type}` from reception to the ack written, a root linked to the connect span, and `process {event_type}`
 * around the handler, its child. The handler runs with the process span active, and with nothing else of the context
 * that the socket was made in: two events have two traces.
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
  /** Outlives the spans: parents of handlers that run after the ack, and exemplars. */
  readonly #ackContexts = new BoundedMap<string, SpanContext>(MAX_EVENTS);
  readonly #latestContexts = new BoundedMap<string, SpanContext>(MAX_EVENTS);
  #justReceived: { readonly id: string; readonly type: string } | null = null;

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
    return this.#latestContexts.get(eventId) ?? null;
  }

  readonly onDelivery: ReportSink<DeliveryReport> = (report, { wallNow }) => {
    const justReceived = this.#justReceived;
    this.#justReceived = null;
    switch (report.type) {
      case 'event_received':
        // What catch-up found has no ack to write.
        if (report.source !== 'catchup') this.#startAck(report, wallNow);
        this.#justReceived = { id: report.eventId, type: report.eventType };
        return;
      case 'duplicate':
        this.#acks.get(report.eventId)?.at(-1)?.setAttribute(ATTRIBUTES.eventDuplicate, true);
        return;
      case 'dropped':
        if (justReceived === null || justReceived.type !== report.eventType) return;
        if (!NOT_ACKED.includes(report.reason)) return;
        this.#endAck(justReceived.id, 'newest', wallNow, (span) => fail(span, report.reason, 'not acked'));
        return;
      case 'acked':
        this.#endAck(report.eventId, 'oldest', wallNow, (span) => {
          // We told the platform that it went wrong; why is in the process span, if a handler ran.
          if (report.code !== 200) fail(span, `ack_${report.code}`, `acked with code ${report.code}`);
        });
        return;
      case 'ack_failed':
        this.#endAck(report.eventId, 'oldest', wallNow, (span) => fail(span, report.failure, 'not acked'));
        return;
      default:
        return;
    }
  };

  readonly traceDelivery: TraceDelivery = async (event, handle) => {
    const begun = this.#quietly(() => this.#startProcess(event));
    if (begun === null) return handle();
    const { span, active } = begun;
    try {
      const result = await context.with(active, handle);
      this.#quietly(() => span.end(hrTimeOf(this.#clock.wallNow())));
      return result;
    } catch (error) {
      this.#quietly(() => {
        if (span.isRecording()) fail(span, handlerFailureOf(error), error instanceof Error ? error.message : '');
        span.end(hrTimeOf(this.#clock.wallNow()));
      });
      throw error;
    }
  };

  /** Ends what is open, as stopped by us. */
  endAll(wallMs: number): void {
    for (const span of this.#acks.drain().flat()) {
      fail(span, 'aborted', 'stopped before the ack');
      span.end(hrTimeOf(wallMs));
    }
  }

  #startAck(report: Extract<DeliveryReport, { type: 'event_received' }>, wallMs: number): void {
    const { eventId, eventType } = report;
    const span = this.#tracer.startSpan(
      `ack ${this.#typeOf(eventType)}`,
      {
        root: true,
        kind: SpanKind.CLIENT,
        links: linksTo(this.#connect.connected?.spanContext),
        startTime: hrTimeOf(wallMs),
      },
      ROOT_CONTEXT,
    );
    const spanContext = contextOf(span);
    if (spanContext !== null) {
      this.#ackContexts.set(eventId, spanContext);
      this.#latestContexts.set(eventId, spanContext);
    }
    if (!span.isRecording()) return;
    this.#acks.set(eventId, [...(this.#acks.get(eventId) ?? []), span]);
    span.setAttributes(this.#messaging({ ...report, id: eventId, type: eventType }, 'ack', 'settle'));
    const connectionId = this.#connect.connected?.connectionId;
    if (connectionId !== undefined) span.setAttribute(ATTRIBUTES.messagingClientId, connectionId);
  }

  #endAck(eventId: string, which: 'oldest' | 'newest', wallMs: number, finish: (span: Span) => void): void {
    const spans = this.#acks.get(eventId);
    if (spans === undefined) return;
    const span = which === 'oldest' ? spans.shift() : spans.pop();
    if (spans.length === 0) this.#acks.delete(eventId);
    if (span === undefined) return;
    finish(span);
    span.end(hrTimeOf(wallMs));
  }

  #startProcess(event: TracedEvent): { span: Span; active: Context } {
    const ack = event.source !== 'catchup' ? (this.#ackContexts.get(event.id) ?? null) : null;
    this.#ackContexts.delete(event.id);
    const parent = ack === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, ack);
    const links = ack === null ? linksTo(this.#connect.contextOf(event.attempt)) : [];
    const span = this.#tracer.startSpan(
      `process ${this.#typeOf(event.type)}`,
      { root: ack === null, kind: SpanKind.CONSUMER, links, startTime: hrTimeOf(this.#clock.wallNow()) },
      parent,
    );
    const spanContext = contextOf(span);
    if (spanContext !== null) this.#latestContexts.set(event.id, spanContext);
    if (span.isRecording()) {
      span.setAttributes(this.#messaging(event, 'process', 'process'));
      span.setAttribute(ATTRIBUTES.eventDuplicate, false);
      const { connected } = this.#connect;
      if (connected?.attempt === event.attempt) span.setAttribute(ATTRIBUTES.messagingClientId, connected.connectionId);
    }
    return { span, active: trace.setSpan(parent, span) };
  }

  #messaging(event: Omit<TracedEvent, 'attempt'>, operation: string, operationType: string): Attributes {
    return {
      [ATTRIBUTES.app]: this.#app,
      [ATTRIBUTES.messagingSystem]: 'feishu',
      [ATTRIBUTES.messagingOperationName]: operation,
      [ATTRIBUTES.messagingOperationType]: operationType,
      [ATTRIBUTES.messagingDestinationName]: event.type,
      [ATTRIBUTES.messagingMessageId]: event.id,
      [ATTRIBUTES.messagingMessageBodySize]: event.payloadBytes,
      [ATTRIBUTES.eventSource]: event.source,
      ...(event.ageMs === null ? {} : { [ATTRIBUTES.eventAgeS]: event.ageMs / 1_000 }),
    };
  }

  #quietly<T>(work: () => T): T | null {
    try {
      return work();
    } catch {
      this.#onError();
      return null;
    }
  }
}

function linksTo(spanContext: SpanContext | null | undefined): Link[] {
  return spanContext === null || spanContext === undefined ? [] : [{ context: spanContext }];
}

/** The delivery room says on its error why a run failed; any other error was thrown by the handler. */
function handlerFailureOf(error: unknown): HandlerFailure {
  const named = typeof error === 'object' && error !== null && 'failure' in error ? error.failure : null;
  return HANDLER_FAILURES.find((failure) => failure === named) ?? 'thrown';
}
