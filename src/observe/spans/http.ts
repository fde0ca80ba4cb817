import type { SpanContext, Tracer } from '@opentelemetry/api';
import { ATTRIBUTES } from '../attributes.js';
import { type ApiFailure, apiFailureOf, type HttpCall } from '../http.js';
import { openTelemetry } from '../packages.js';
import { contextOf, fail, hrTimeOf } from './span.js';

/**
 * Writes the span of a finished HTTP call with its true times: a child of its Attempt's span, or a root of its own,
 * since timers and single flights run in the context of whoever happened to start them.
 * @returns Its context; null where nothing traces.
 */
export function writeHttpSpan(
  tracer: Tracer,
  app: string,
  routeOf: (route: string) => string,
  call: HttpCall,
  parent: SpanContext | null,
): SpanContext | null {
  const { ROOT_CONTEXT, SpanKind, trace } = openTelemetry();
  const { wallNow } = call.startedAt;
  const span = tracer.startSpan(
    `${call.method} ${routeOf(call.route)}`,
    { root: parent === null, kind: SpanKind.CLIENT, startTime: hrTimeOf(wallNow) },
    parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent),
  );
  if (span.isRecording()) {
    span.setAttributes({
      [ATTRIBUTES.app]: app,
      [ATTRIBUTES.httpRequestMethod]: call.method,
      [ATTRIBUTES.urlTemplate]: call.route,
      [ATTRIBUTES.serverAddress]: call.address,
    });
    if (call.attempt !== undefined) span.setAttribute(ATTRIBUTES.attempt, call.attempt);
    if (call.status !== null) span.setAttribute(ATTRIBUTES.httpResponseStatusCode, call.status);
    if (call.apiCode !== null) span.setAttribute(ATTRIBUTES.apiCode, call.apiCode);
    const failure = apiFailureOf(call);
    if (failure !== null) fail(span, failure, describe(failure, call));
    span.end(hrTimeOf(wallNow + call.durationMs));
  }
  return contextOf(span);
}

function describe(failure: ApiFailure, call: HttpCall): string {
  switch (failure) {
    case 'api_code':
      return `code ${call.apiCode}`;
    case 'http_status':
      return `HTTP ${call.status}`;
    default:
      return 'no answer';
  }
}
