import { isSpanContextValid, trace } from '@opentelemetry/api';
import { traceparentOf } from './spans/traceparent.js';
/** The trace context of the code that runs, as a header carries it to another process; null where nothing traces. */
export function activeTraceparent() {
    const spanContext = trace.getActiveSpan()?.spanContext();
    return spanContext !== undefined && isSpanContextValid(spanContext) ? traceparentOf(spanContext) : null;
}
