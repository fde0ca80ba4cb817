import { type Context, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, Sampler, SamplingDecision, SpanProcessor } from '@opentelemetry/sdk-trace-base';

/** The three answers of a sampler: given by the SDK, which is not loaded by importing this file. */
export type Decisions = Readonly<Record<'NOT_RECORD' | 'RECORD' | 'RECORD_AND_SAMPLED', SamplingDecision>>;

/**
 * Records what a sampler leaves out, so that {@link keepFailures} can still choose it once it has failed: a ratio is
 * drawn at the start of a span, when nobody knows yet how it ends. Such spans are not sampled: no exemplar names them.
 */
export function recordUnsampled(sampler: Sampler, decisions: Decisions): Sampler {
  return {
    shouldSample: (...span) => {
      const result = sampler.shouldSample(...span);
      return result.decision === decisions.NOT_RECORD ? { ...result, decision: decisions.RECORD } : result;
    },
    toString: () => `RecordUnsampled{${sampler.toString()}}`,
  };
}

/** Passes on sampled spans and, besides, every span that ended as failed. */
export function keepFailures(processor: SpanProcessor): SpanProcessor {
  return {
    onStart: (span, parent: Context) => processor.onStart(span, parent),
    onEnd: (span) => {
      if (isSampled(span)) processor.onEnd(span);
      else if (span.status.code === SpanStatusCode.ERROR) processor.onEnd(asSampled(span));
    },
    forceFlush: () => processor.forceFlush(),
    shutdown: () => processor.shutdown(),
  };
}

function isSampled(span: ReadableSpan): boolean {
  return (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
}

/** The same span, but processors and exporters take it. */
function asSampled(span: ReadableSpan): ReadableSpan {
  const spanContext = { ...span.spanContext(), traceFlags: span.spanContext().traceFlags | TraceFlags.SAMPLED };
  return Object.create(span, { spanContext: { value: () => spanContext } }) as ReadableSpan;
}
