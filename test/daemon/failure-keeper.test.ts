import { type SpanContext, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
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
import { HandlerError } from '../../src/delivery/index.js';
import { createSpans } from '../../src/observe/index.js';
import { HandClock } from '../support/hand-clock.js';

const TYPE = 'im.message.receive_v1';

const SEEN = { onEnd: () => {}, forceFlush: async () => {}, shutdown: async () => {} };

function stage(sampler: Sampler, onStart: (name: string) => void = () => {}) {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    sampler: recordUnsampled(sampler, SamplingDecision),
    spanProcessors: [
      { ...SEEN, onStart: ({ name }) => onStart(name) },
      keepFailures(new SimpleSpanProcessor(exporter)),
    ],
  });
  return { exporter, provider, tracer: provider.getTracer('test') };
}

/** An event as it passes, from its reception to its ack. */
function pass(provider: BasicTracerProvider, error: HandlerError | null): SpanContext | null {
  const spans = createSpans({ app: 'a', eventTypes: [TYPE], clock: new HandClock(), tracerProvider: provider });
  const moment = { now: 0, wallNow: 1_000 };
  const subject = { eventType: TYPE, eventId: 'e1' };
  spans.onDelivery({ type: 'event_received', ...subject, source: 'push', ageMs: 5, payloadBytes: 321 }, moment);
  const traced = { id: 'e1', type: TYPE, source: 'push', ageMs: 5, attempt: 1, payloadBytes: 321 } as const;
  const ack = spans.ofEvent('e1');
  spans.traceDelivery({ ...traced, traceparent: null }, (ended) => ended?.(error, 40));
  const told = { kind: 'event', latencyMs: 40, isLate: false } as const;
  spans.onDelivery({ type: 'acked', ...subject, ...told, code: error === null ? 200 : 500 }, moment);
  return ack;
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

test('events that the ratio leaves out are not recorded while they go well', () => {
  const started: string[] = [];
  const { exporter, provider } = stage(new AlwaysOffSampler(), (name) => started.push(name));
  pass(provider, null);
  expect(started).toEqual([]);
  expect(exporter.getFinishedSpans()).toEqual([]);
});

test('an ack that failed outside of the ratio is known by the span that is exported of it', () => {
  const { exporter, provider } = stage(new AlwaysOffSampler());
  const spans = createSpans({ app: 'a', eventTypes: [TYPE], clock: new HandClock(), tracerProvider: provider });
  const moment = { now: 0, wallNow: 1_000 };
  const subject = { eventType: TYPE, eventId: 'e1' };
  spans.onDelivery({ type: 'event_received', ...subject, source: 'push', ageMs: 5, payloadBytes: 321 }, moment);
  spans.onDelivery({ type: 'ack_failed', ...subject, kind: 'event', failure: 'socket_gone' }, moment);
  const [ack] = exporter.getFinishedSpans();
  expect(ack?.attributes['error.type']).toBe('socket_gone');
  // What a log line names.
  expect(spans.ofEvent('e1')?.spanId).toBe(ack?.spanContext().spanId);
});

test('of an event that failed the trace is as if it had been recorded from the start', () => {
  const { exporter, provider } = stage(new AlwaysOffSampler());
  const given = pass(provider, new HandlerError('thrown', 'no database'));
  const [run, ack] = exporter.getFinishedSpans();
  expect([run?.name, ack?.name]).toEqual([`process ${TYPE}`, `ack ${TYPE}`]);
  // What the handler and the log knew it by.
  expect(ack?.spanContext()).toMatchObject({ ...given, traceFlags: TraceFlags.SAMPLED });
  expect(ack?.parentSpanContext).toBeUndefined();
  expect(run?.parentSpanContext?.spanId).toBe(given?.spanId);
  expect(run?.spanContext()).toMatchObject({ traceId: given?.traceId, traceFlags: TraceFlags.SAMPLED });
  expect([run, ack].map((span) => span?.attributes['error.type'])).toEqual(['thrown', 'ack_500']);
});
