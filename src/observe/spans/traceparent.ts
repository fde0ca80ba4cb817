import type { SpanContext } from '@opentelemetry/api';
import { openTelemetry } from '../packages.js';

/** The only version of the format that we write, and so the only one that a journal of ours holds. */
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** A span's context as one line of text, to be read by another process. @see https://www.w3.org/TR/trace-context/#traceparent-header */
export function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${(traceFlags & 0xff).toString(16).padStart(2, '0')}`;
}

/** The context that {@link traceparentOf} wrote; null for anything else. */
export function spanContextOf(traceparent: string | null): SpanContext | null {
  const [, traceId = '', spanId = '', flags = ''] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  const spanContext = { traceId, spanId, traceFlags: Number.parseInt(flags || '0', 16), isRemote: true };
  return openTelemetry().isSpanContextValid(spanContext) ? spanContext : null;
}
