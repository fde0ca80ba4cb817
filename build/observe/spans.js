import { trace } from '@opentelemetry/api';
import { readBuild } from './build.js';
import { closedSet } from './closed-set.js';
import { guarded } from './guarded.js';
import { KNOWN_ROUTES } from './http.js';
import { CatchupSpans } from './spans/catchup.js';
import { ConnectSpans } from './spans/connect.js';
import { DeliverySpans } from './spans/delivery.js';
import { writeHttpSpan } from './spans/http.js';
import { hasTracerProvider } from './tracer-provider.js';
/**
 * Turns reports into spans with `@opentelemetry/api` alone. Without an SDK an event is not even looked at, and where it
 * does not sample, no attribute is built. Other subscribers that look spans up must get each report after this one.
 */
export function createSpans(options) {
    const { app, clock, onTelemetryError = () => { } } = options;
    const tracer = (options.tracerProvider ?? trace).getTracer('feishu-connector', readBuild().version);
    const guard = (sink) => guarded(sink, 'spans', onTelemetryError);
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
    const isHeard = options.tracerProvider === undefined ? hasTracerProvider : () => true;
    const calls = new WeakMap();
    return {
        onConnection: guard(connect.onConnection),
        onDelivery: guard((report, moment) => {
            // The commonest, of which no span tells.
            if (report.type === 'pending' || report.type === 'handler_finished')
                delivery.passOver();
            else if (isHeard())
                delivery.onDelivery(report, moment);
        }),
        onCatchup: guard(catchup.onCatchup),
        onHttp: guard((call) => {
            const parent = call.attempt === undefined ? null : connect.contextOf(call.attempt);
            const spanContext = writeHttpSpan(tracer, app, routes.of, call, parent);
            if (spanContext !== null)
                calls.set(call, spanContext);
        }),
        traceDelivery: (event, handle) => (isHeard() ? delivery.traceDelivery(event, handle) : handle()),
        traceparentOf: (eventId) => delivery.traceparentOf(eventId),
        ofAttempt: (attempt) => connect.contextOf(attempt),
        ofEvent: (eventId) => delivery.contextOf(eventId),
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
