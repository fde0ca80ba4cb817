import { type Context, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, Sampler, SamplingDecision, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { isFirstOffer, isSecondOffer } from '../observe/index.js';

/** The three answers of a sampler: given by the SDK, which is not loaded by importing this file. */
export type Decisions = Readonly<Record<'NOT_RECORD' | 'RECORD' | 'RECORD_AND_SAMPLED', SamplingDecision>>;

/**
 * Records what a sampler leaves out, so that {@link keepFailures} can still choose it once it has failed: a ratio is
 * drawn at the start of a span, when nobody knows yet how it ends. Such spans are not sampled: no exemplar names them.
 * The acks of events, which are most of all spans, stay left out: of those that fail we are asked again.
 */
export function recordUnsampled(sampler: Sampler, decisions: Decisions): Sampler {
  return {
    shouldSample: (context, ...span) => {
      const result = sampler.shouldSample(context, ...span);
      if (result.decision !== decisions.NOT_RECORD || isFirstOffer(context)) return result;
      return { ...result, decision: decisions.RECORD };
    },
    toString: () => `RecordUnsampled{${sampler.toString()}}`,
  };
}

/**
 * Passes on sampled spans and, besides, every span that ended as failed. One that stands for a span that was left out
 * takes that one's place: what came of it has named it as its parent.
 */
export function keepFailures(processor: SpanProcessor): SpanProcessor {
  const standIns = new WeakSet<ReadableSpan>();
  return {
    onStart: (span, parent: Context) => {
      if (isSecondOffer(parent)) standIns.add(span);
      processor.onStart(span, parent);
    },
    onEnd: (span) => {
      if (isSampled(span)) processor.onEnd(span);
      else if (span.status.code === SpanStatusCode.ERROR) processor.onEnd(asSampled(span, standIns.has(span)));
    },
    forceFlush: () => processor.forceFlush(),
    shutdown: () => processor.shutdown(),
  };
}

function isSampled(span: ReadableSpan): boolean {
  return (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
}

/** The same span, but processors and exporters take it. */
function asSampled(span: ReadableSpan, isStandIn: boolean): ReadableSpan {
  const { parentSpanContext } = span;
  const own = (isStandIn && parentSpanContext) || span.spanContext();
  const spanContext = { ...own, traceFlags: own.traceFlags | TraceFlags.SAMPLED };
  const changed: PropertyDescriptorMap = { spanContext: { value: () => spanContext } };
  if (isStandIn) changed.parentSpanContext = { value: undefined };
  return Object.create(span, changed) as ReadableSpan;
}
