import { SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  type Sampler,
  SamplingDecision,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { expect, test } from 'vitest';
import { keepFailures, recordUnsampled } from '../../src/daemon/failure-keeper.js';

function stage(sampler: Sampler) {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    sampler: recordUnsampled(sampler, SamplingDecision),
    spanProcessors: [keepFailures(new SimpleSpanProcessor(exporter))],
  });
  return { exporter, tracer: provider.getTracer('test') };
}

test('of spans that the ratio leaves out, those that failed are exported all the same, whole', () => {
  const { exporter, tracer } = stage(new AlwaysOffSampler());
  tracer.startSpan('well').end();
  const failed = tracer.startSpan('badly', { attributes: { attempt: 3 } });
  expect(failed.spanContext().traceFlags).toBe(TraceFlags.NONE); // so that no exemplar names it before its end
  failed.setStatus({ code: SpanStatusCode.ERROR, message: 'closed' }).end();
  const [span, ...others] = exporter.getFinishedSpans();
  expect(others).toEqual([]);
  expect(span).toMatchObject({ name: 'badly', attributes: { attempt: 3 }, status: { message: 'closed' } });
  expect(span?.spanContext()).toMatchObject({
    traceId: failed.spanContext().traceId,
    traceFlags: TraceFlags.SAMPLED,
  });
  expect(span?.duration).toHaveLength(2);
});

test('sampled spans are exported however they end', () => {
  const { exporter, tracer } = stage(new AlwaysOnSampler());
  tracer.startSpan('well').end();
  tracer.startSpan('badly').setStatus({ code: SpanStatusCode.ERROR }).end();
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['well', 'badly']);
});
