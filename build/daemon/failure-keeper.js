import { SpanStatusCode, TraceFlags } from '@opentelemetry/api';
/**
 * Records what a sampler leaves out, so that {@link keepFailures} can still choose it once it has failed: a ratio is
 * drawn at the start of a span, when nobody knows yet how it ends. Such spans are not sampled: no exemplar names them.
 */
export function recordUnsampled(sampler, decisions) {
    return {
        shouldSample: (...span) => {
            const result = sampler.shouldSample(...span);
            return result.decision === decisions.NOT_RECORD ? { ...result, decision: decisions.RECORD } : result;
        },
        toString: () => `RecordUnsampled{${sampler.toString()}}`,
    };
}
/** Passes on sampled spans and, besides, every span that ended as failed. */
export function keepFailures(processor) {
    return {
        onStart: (span, parent) => processor.onStart(span, parent),
        onEnd: (span) => {
            if (isSampled(span))
                processor.onEnd(span);
            else if (span.status.code === SpanStatusCode.ERROR)
                processor.onEnd(asSampled(span));
        },
        forceFlush: () => processor.forceFlush(),
        shutdown: () => processor.shutdown(),
    };
}
function isSampled(span) {
    return (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
}
/** The same span, but processors and exporters take it. */
function asSampled(span) {
    const spanContext = { ...span.spanContext(), traceFlags: span.spanContext().traceFlags | TraceFlags.SAMPLED };
    return Object.create(span, { spanContext: { value: () => spanContext } });
}
