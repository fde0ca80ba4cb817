import type { SpanContext } from '@opentelemetry/api';
import type { HttpCall } from './http.js';

/** Which span tells more about something: for exemplars and for the trace of a log line. Null where none is recorded. */
export interface SpanLookup {
  /** The connect span of an Attempt. */
  ofAttempt(attempt: number): SpanContext | null;
  /** The latest span of an event, `process` or `ack`. */
  ofEvent(eventId: string): SpanContext | null;
  /** The span of an HTTP call, once the spans subscriber had it. */
  ofCall(call: HttpCall): SpanContext | null;
  /** The span of the catch-up that runs, or ran last. */
  ofCatchup(): SpanContext | null;
}

/** Without spans. */
export const NO_SPANS: SpanLookup = {
  ofAttempt: () => null,
  ofEvent: () => null,
  ofCall: () => null,
  ofCatchup: () => null,
};
