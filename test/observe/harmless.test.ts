import {
  context,
  INVALID_SPAN_CONTEXT,
  type Span,
  type SpanOptions,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { type Logger, pino } from 'pino';
import { Gauge } from 'prom-client';
import { afterEach, expect, test, vi } from 'vitest';
import { HistogramCell } from '../../src/observe/cells.js';
import { type MetricsRegistry, scrape } from '../../src/observe/index.js';
import { type VirtualWorld, virtualWorld } from '../support/world.js';

afterEach(() => {
  vi.restoreAllMocks();
  trace.disable();
  context.disable();
});

/** A span that records nothing, and writes down whoever tells it something all the same. */
class SpySpan {
  readonly told: string[] = [];
  readonly options: SpanOptions[] = [];
  readonly names: string[] = [];

  readonly span = new Proxy({} as Span, {
    get: (_target, method) => {
      if (method === 'isRecording') return () => false;
      if (method === 'spanContext') return () => INVALID_SPAN_CONTEXT;
      return () => this.told.push(String(method));
    },
  });

  readonly provider: TracerProvider = {
    getTracer: (): Tracer => ({
      startSpan: (name, options = {}) => {
        this.names.push(name);
        this.options.push(options);
        return this.span;
      },
      startActiveSpan: () => {
        throw new Error('spans of reports are never made active by the tracer');
      },
    }),
  };
}

/** Fifteen messages, with an outage in between. */
async function eventfulLife(world: VirtualWorld): Promise<void> {
  await world.connect();
  await world.chat(5);
  world.platform.inject({ fault: 'drop_socket' });
  await world.chat(5);
  await world.untilConnected(60_000);
  await world.chat(5);
}

async function expectNothingLost(world: VirtualWorld): Promise<void> {
  expect(await world.reckon()).toEqual({ sent: 15, lost: [], handledTwice: [] });
  expect(world.platform.ledger.events.map(({ state }) => state)).toEqual(Array(15).fill('acknowledged'));
}

test('where nothing records, spans are begun without an attribute and told nothing', async () => {
  const spy = new SpySpan();
  trace.setGlobalTracerProvider(spy.provider);
  const world = virtualWorld();
  await eventfulLife(world);
  await expectNothingLost(world);
  await world.stop();
  expect(new Set(spy.names.map((name) => name.split(' ')[0]))).toEqual(
    new Set(['feishu.ws.connect', 'POST', 'GET', 'ack', 'process']),
  );
  expect(spy.options.filter((options) => 'attributes' in options)).toEqual([]);
  expect(spy.told).toEqual([]);
});

test('a tracer that throws is counted, and no event is lost for it', async () => {
  trace.setGlobalTracerProvider({
    getTracer: () => ({ startSpan: explode, startActiveSpan: explode }) as unknown as Tracer,
  });
  const world = virtualWorld();
  await eventfulLife(world);
  await expectNothingLost(world);
  expect(await world.metric('feishu_connector_telemetry_errors_total{reason="spans"}')).toBe(68);
});

test('spans that throw once they are begun are counted, and no event is lost for it', async () => {
  const span = new Proxy({} as Span, {
    get: (_target, method) => {
      if (method === 'isRecording') return () => true;
      if (method === 'spanContext') return () => INVALID_SPAN_CONTEXT;
      return explode;
    },
  });
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan: () => span }) as unknown as Tracer });
  const world = virtualWorld();
  await eventfulLife(world);
  await expectNothingLost(world);
  expect(await world.metric('feishu_connector_telemetry_errors_total{reason="spans"}')).toBe(87);
});

test('a metric of the application that cannot be collected fails the scrape, and no event', async () => {
  const world = virtualWorld();
  const registry: MetricsRegistry = world.connector.registry;
  new Gauge({ name: 'theirs', help: 'Not ours.', registers: [registry], collect: explode });
  await world.connect();
  await expect(scrape(registry)).rejects.toThrow('bang');
  await world.chat(3);
  await expect(scrape(registry)).rejects.toThrow('bang');
  expect(await world.reckon()).toEqual({ sent: 3, lost: [], handledTwice: [] });
});

test('metrics whose instruments throw are counted, and no event is lost for it', async () => {
  const world = virtualWorld();
  vi.spyOn(HistogramCell.prototype, 'observe').mockImplementation(explode);
  await eventfulLife(world);
  await expectNothingLost(world);
  expect(await world.metric('feishu_connector_telemetry_errors_total{reason="metrics"}')).toBeGreaterThan(15);
});

test.each<[string, () => Logger]>([
  ['whose destination throws', () => pino({ level: 'debug' }, { write: explode })],
  ['whose every method throws', () => pino({ level: 'debug', hooks: { logMethod: explode } }, { write: () => {} })],
])('a logger %s is counted, and no event is lost for it', async (_what, createLogger) => {
  const world = virtualWorld({ connector: { logger: createLogger() } });
  await eventfulLife(world);
  await expectNothingLost(world);
  expect(await world.metric('feishu_connector_telemetry_errors_total{reason="logs"}')).toBeGreaterThan(0);
});

function explode(): never {
  throw new Error('bang');
}
