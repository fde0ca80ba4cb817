import { openTelemetry } from './packages.js';
import { traceparentOf } from './spans/traceparent.js';

/** The trace context of the code that runs, as a header carries it to another process; null where nothing traces. */
export function activeTraceparent(): string | null {
  const { isSpanContextValid, trace } = openTelemetry();
  const spanContext = trace.getActiveSpan()?.spanContext();
  return spanContext !== undefined && isSpanContextValid(spanContext) ? traceparentOf(spanContext) : null;
}
