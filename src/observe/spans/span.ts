import type { HrTime, Link, Span, SpanContext } from '@opentelemetry/api';
import { redact } from '../../ports/index.js';
import { ATTRIBUTES } from '../attributes.js';
import { openTelemetry } from '../packages.js';

const DESCRIPTION_MAX_LENGTH = 200;

/** A Unix time in milliseconds as OpenTelemetry takes it without guessing: small numbers count as monotonic there. */
export function hrTimeOf(wallMs: number): HrTime {
  const seconds = Math.floor(wallMs / 1_000);
  return [seconds, Math.min(Math.round((wallMs - seconds * 1_000) * 1_000_000), 999_999_999)];
}

/** Marks a span as failed. `failure` is from a closed list; `detail` is redacted and cut. */
export function fail(span: Span, failure: string, detail: string): void {
  span.setAttribute(ATTRIBUTES.errorType, failure);
  span.setStatus({
    code: openTelemetry().SpanStatusCode.ERROR,
    message: redact(detail).slice(0, DESCRIPTION_MAX_LENGTH),
  });
}

/** The span's context, or null where nothing traces. A context that is not sampled counts: children follow it. */
export function contextOf(span: Span): SpanContext | null {
  const spanContext = span.spanContext();
  return openTelemetry().isSpanContextValid(spanContext) ? spanContext : null;
}

/** None. Who starts a span reads them, and nobody writes. */
export const NO_LINKS: Link[] = [];

export function linksTo(spanContext: SpanContext | null | undefined): Link[] {
  return spanContext === null || spanContext === undefined ? NO_LINKS : [{ context: spanContext }];
}
