import type { SpanContext, TracerProvider } from '@opentelemetry/api';
import type { CatchupReport } from '../catchup/index.js';
import type { ConnectionReport } from '../connection/index.js';
import type { DeliveryReport, TraceDelivery } from '../delivery/index.js';
import type { Clock, ReportSink } from '../ports/index.js';
import { readBuild } from './build.js';
import type { OnTelemetryError } from './catalogue.js';
import { closedSet } from './closed-set.js';
import { guarded } from './guarded.js';
import { type HttpCall, KNOWN_ROUTES, type OnHttpCall } from './http.js';
import { openTelemetry } from './packages.js';
import type { SpanLookup } from './span-lookup.js';
import { CatchupSpans } from './spans/catchup.js';
import { ConnectSpans } from './spans/connect.js';
import { DeliverySpans } from './spans/delivery.js';
import { writeHttpSpan } from './spans/http.js';
import { hasTracerProvider } from './tracer-provider.js';

export interface SpansOptions {
  /** The operator's alias of the Feishu app. */
  readonly app: string;
  /** Event types that have a handler; in span names all others are `other`. */
  readonly eventTypes: Iterable<string>;
  /** Route templates the application calls besides our own; in span names all others are `other`. Default: none. */
  readonly routes?: Iterable<string>;
  readonly clock: Clock;
  /** Default: whatever the application registered with `@opentelemetry/api`, now or later. */
  readonly tracerProvider?: TracerProvider;
  /** Takes note of our own failures. Default: nobody does. */
  readonly onTelemetryError?: OnTelemetryError;
}

/** One app's spans: subscribers to the rooms' reports, and the wrapper of handlers. No method throws. */
export interface Spans extends SpanLookup {
  readonly onConnection: ReportSink<ConnectionReport>;
  readonly onDelivery: ReportSink<DeliveryReport>;
  readonly onCatchup: ReportSink<CatchupReport>;
  readonly onHttp: OnHttpCall;
  readonly traceDelivery: TraceDelivery;
  /**
   * What a journal keeps of the trace of an event that was just received, in the W3C format: a run after a restart is
   * linked to it. Null where nothing traces.
   */
  traceparentOf(eventId: string): string | null;
  /** Ends the spans that are still open. */
  dispose(): void;
}

/**
 * Turns reports into spans with `@opentelemetry/api` alone. Without an SDK an event is not even looked at, and where it
 * does not sample, no attribute is built. Other subscribers that look spans up must get each report after this one.
 */
export function createSpans(options: SpansOptions): Spans {
  const { app, clock, onTelemetryError = () => {} } = options;
  const tracer = (options.tracerProvider ?? openTelemetry().trace).getTracer('feishu-connector', readBuild().version);
  const guard = <Args extends readonly unknown[]>(sink: (...args: Args) => void): ((...args: Args) => void) =>
    guarded(sink, 'spans', onTelemetryError);
  const routes = closedSet([...KNOWN_ROUTES, ...(options.routes ?? [])]);
  const connect = new ConnectSpans(tracer, app);
  const delivery = new DeliverySpans({
    tracer,
    app,
    clock,
    typeOf: closedSet(options.eventTypes).of,
    connect,
    onError: () => onTelemetryError('spans'),
  });
  const catchup = new CatchupSpans(tracer, app, connect);
  // Events come often, and an SDK seldom: without one they cost a look, and no object is made for them. The rarer
  // reports of the connection are followed all the same, so that one that is registered later knows what it joins.
  let wasHeard = options.tracerProvider !== undefined;
  const isHeard = (): boolean => {
    // For good: what an SDK made of the tracer stays, whatever becomes of its registration.
    wasHeard ||= hasTracerProvider();
    return wasHeard;
  };
  const calls = new WeakMap<HttpCall, SpanContext>();

  return {
    onConnection: guard(connect.onConnection),
    onDelivery: guard((report, moment) => {
      // The commonest, of which no span tells.
      if (report.type === 'pending' || report.type === 'handler_finished') delivery.passOver();
      // To ask costs more than most reports: once for an event, when it comes.
      else if (report.type === 'event_received' ? isHeard() : wasHeard) delivery.onDelivery(report, moment);
    }),
    onCatchup: guard(catchup.onCatchup),
    onHttp: guard((call) => {
      const parent = call.attempt === undefined ? null : connect.contextOf(call.attempt);
      const spanContext = writeHttpSpan(tracer, app, routes.of, call, parent);
      if (spanContext !== null) calls.set(call, spanContext);
    }),
    traceDelivery: (event, run) => {
      if (isHeard()) delivery.traceDelivery(event, run);
      else run(null);
    },
    traceparentOf: (eventId) => delivery.traceparentOf(eventId),
    ofAttempt: (attempt) => connect.contextOf(attempt),
    // Asked several times for each event.
    ofEvent: (eventId) => (wasHeard ? delivery.contextOf(eventId) : null),
    ofCall: (call) => calls.get(call) ?? null,
    ofCatchup: () => catchup.spanContext,
    dispose: guard(() => {
      const wallMs = clock.wallNow();
      catchup.end(wallMs);
      connect.endAll(wallMs);
      delivery.endAll(wallMs);
    }),
  };
}
