import type { Link, Span, SpanContext, Tracer } from '@opentelemetry/api';
import type { ConnectionReport } from '../../connection/index.js';
import type { ReportSink } from '../../ports/index.js';
import { ATTRIBUTES } from '../attributes.js';
import { BoundedMap } from '../bounded-map.js';
import { openTelemetry } from '../packages.js';
import { contextOf, fail, hrTimeOf, linksTo } from './span.js';

/** Attempts that may be under way at a time: one for each of ten connections, and one more for each that replaces another. */
const MAX_OPEN = 20;
/** Attempts whose span is remembered for children, links and exemplars. */
const MAX_REMEMBERED = 64;

/** A connection that brings events, or brought the latest. */
export interface ConnectedSpan {
  readonly attempt: number;
  readonly connectionId: string;
  readonly spanContext: SpanContext | null;
  /** To that span: what every ack has. */
  readonly links: Link[];
}

/** `feishu.ws.connect`: one span per Attempt, from its start to `connected`, failure or stop; none waits in a Backoff. */
export class ConnectSpans {
  readonly #tracer: Tracer;
  readonly #app: string;
  readonly #open = new BoundedMap<number, Span>(MAX_OPEN, (span) => span.end());
  readonly #contexts = new BoundedMap<number, SpanContext>(MAX_REMEMBERED);
  readonly #live = new BoundedMap<number, ConnectedSpan>(MAX_OPEN);
  #latest: ConnectedSpan | null = null;
  /** What the app has lost, until it is connected again. */
  #lost: SpanContext | null = null;
  #regained: SpanContext | null = null;

  constructor(tracer: Tracer, app: string) {
    this.#tracer = tracer;
    this.#app = app;
  }

  /** The one connection, or the latest; null where several bring events, for it may be any of them. */
  get connected(): ConnectedSpan | null {
    return this.#live.size > 1 ? null : this.#latest;
  }

  /** The Attempt that last ended an outage, the first one included; null before it. */
  get regained(): SpanContext | null {
    return this.#regained;
  }

  /** The connection that an Attempt brought, as long as it lives; then the latest alone. */
  connectionOf(attempt: number): ConnectedSpan | null {
    return this.#live.get(attempt) ?? (this.#latest?.attempt === attempt ? this.#latest : null);
  }

  contextOf(attempt: number): SpanContext | null {
    return this.connectionOf(attempt)?.spanContext ?? this.#contexts.get(attempt) ?? null;
  }

  readonly onConnection: ReportSink<ConnectionReport> = (report, { wallNow }) => {
    switch (report.type) {
      case 'attempt_started':
        this.#start(report, wallNow);
        return;
      case 'step_finished': {
        const { gateway } = report;
        if (gateway === null) return;
        this.#open.get(report.attempt)?.setAttributes({
          [ATTRIBUTES.serverAddress]: gateway.address,
          [ATTRIBUTES.serverPort]: gateway.port,
          [ATTRIBUTES.urlPath]: gateway.path,
          [ATTRIBUTES.connectionId]: gateway.connectionId,
        });
        return;
      }
      case 'attempt_failed':
        this.#end(report.attempt, wallNow, (span) =>
          fail(span, report.failure.code, `${report.step}: ${report.failure.detail}`),
        );
        return;
      case 'attempt_abandoned':
        // It was not needed any more: that is no failure.
        this.#end(report.attempt, wallNow, () => {});
        return;
      case 'connected': {
        const { attempt, connectionId, outage } = report;
        // One that stands beside others, or in place of one that lived, ended no outage.
        if (this.#live.size === 0) this.#regained = this.#contexts.get(attempt) ?? null;
        const spanContext = this.#contexts.get(attempt) ?? null;
        this.#latest = { attempt, connectionId, spanContext, links: linksTo(spanContext) };
        this.#live.set(attempt, this.#latest);
        this.#lost = null;
        this.#end(attempt, wallNow, (span) => {
          span.setAttribute(ATTRIBUTES.connectionId, connectionId);
          if (outage === null) return;
          span.setAttribute(ATTRIBUTES.outageId, outage.number);
          span.setAttribute(ATTRIBUTES.outageDurationS, outage.durationMs / 1_000);
          span.setAttribute(ATTRIBUTES.outageAttempts, outage.attempts);
        });
        return;
      }
      case 'disconnected': {
        const { attempt, isStandby } = report;
        const ended = this.connectionOf(attempt);
        this.#live.delete(attempt);
        const [left] = this.#live.values();
        // One that another took over from, or that leaves others behind, is nothing that the app has lost.
        if (left !== undefined) this.#latest = left;
        else if (!isStandby) this.#lost = ended?.spanContext ?? null;
        return;
      }
      case 'state_changed':
        // An Attempt that stop() cuts off reports no failure of its own.
        if (report.to === 'stopped') this.endAll(wallNow);
        return;
      default:
        return;
    }
  };

  /** Ends what is under way, as stopped by us. */
  endAll(wallMs: number): void {
    for (const span of this.#open.drain()) {
      fail(span, 'local_stop', 'stop() was called');
      span.end(hrTimeOf(wallMs));
    }
  }

  #start(report: Extract<ConnectionReport, { type: 'attempt_started' }>, wallMs: number): void {
    const { ROOT_CONTEXT, SpanKind } = openTelemetry();
    const span = this.#tracer.startSpan(
      'feishu.ws.connect',
      { root: true, kind: SpanKind.CLIENT, links: linksTo(this.#lost), startTime: hrTimeOf(wallMs) },
      ROOT_CONTEXT,
    );
    const spanContext = contextOf(span);
    if (spanContext !== null) this.#contexts.set(report.attempt, spanContext);
    if (!span.isRecording()) return;
    this.#open.set(report.attempt, span);
    span.setAttributes({
      [ATTRIBUTES.app]: this.#app,
      [ATTRIBUTES.networkProtocolName]: 'websocket',
      [ATTRIBUTES.attempt]: report.attempt,
    });
    if (report.outage !== null) span.setAttribute(ATTRIBUTES.outageId, report.outage);
  }

  #end(attempt: number, wallMs: number, finish: (span: Span) => void): void {
    const span = this.#open.get(attempt);
    if (span === undefined) return;
    this.#open.delete(attempt);
    finish(span);
    span.end(hrTimeOf(wallMs));
  }
}
