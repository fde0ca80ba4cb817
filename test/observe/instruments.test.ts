import { Counter, Gauge, type PrometheusContentType, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createRegistry, scrape } from '../../src/observe/index.js';
import { Instruments } from '../../src/observe/instruments.js';
import { samplesOf, scrapedText } from '../support/exposition.js';

const APP = { app: 'a' } as const;
const ERRORS = 'feishu_connector_telemetry_errors_total';
const TRACE = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };

test('trap: one OpenMetrics scrape takes _total from a counter for good; here a registry keeps its format', async () => {
  const raw = new Registry();
  new Counter({ name: 'raw_total', help: 'help', registers: [raw] });
  const other: Registry<never> = raw as never;
  other.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
  await raw.metrics();
  raw.setContentType(Registry.PROMETHEUS_CONTENT_TYPE);
  expect(await raw.metrics()).not.toContain('raw_total');

  const registry = createRegistry() as Registry<PrometheusContentType>;
  Instruments.of(registry).declare('feishu_ws_connect_attempts_total', APP);
  (registry as Registry<never>).setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
  await expect(scrape(registry)).rejects.toThrow('changed its format');
  registry.setContentType(Registry.PROMETHEUS_CONTENT_TYPE);
  expect(await scrapedText(registry)).toContain('\nfeishu_ws_connect_attempts_total{app="a"} 0\n');
});

test('asking for another format than the registry speaks is refused at once', () => {
  expect(() => Instruments.of(createRegistry(), true)).toThrow('make it with createRegistry(true)');
  expect(() => Instruments.of(createRegistry(true), false)).toThrow('make it with createRegistry(false)');
  expect(Instruments.of(createRegistry(true), true).isOpenMetrics).toBe(true);
});

test('trap: with exemplars .labels().inc() hits the unlabelled series; here it hits the right one, with its exemplar', async () => {
  const raw = new Registry();
  (raw as Registry<never>).setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
  const counter = new Counter({
    name: 'raw_total',
    help: 'help',
    labelNames: ['app'],
    registers: [raw],
    enableExemplars: true,
  });
  counter.labels('a').inc();
  expect(await raw.metrics()).toContain('raw_total 1\n');

  const registry = createRegistry(true);
  const instruments = Instruments.of(registry);
  instruments.declare('feishu_ws_reconnect_attempts_total', APP);
  instruments.declare('feishu_ws_session_duration_seconds', APP);
  instruments.add('feishu_ws_reconnect_attempts_total', APP, 1, { ...TRACE, traceFlags: 1 });
  instruments.observe('feishu_ws_session_duration_seconds', APP, 12, { ...TRACE, traceFlags: 1 });
  const body = await scrapedText(registry);
  const exemplar = `# {trace_id="${TRACE.traceId}",span_id="${TRACE.spanId}"}`;
  expect(body).toContain(`feishu_ws_reconnect_attempts_total{app="a"} 1 ${exemplar} 1 `);
  expect(body).toContain(`feishu_ws_session_duration_seconds_bucket{le="30",app="a"} 1 ${exemplar} 12 `);
  expect(body.endsWith('# EOF\n')).toBe(true);
  expect((await samplesOf(registry)).has('feishu_ws_reconnect_attempts_total')).toBe(false);
});

test('a span that is not sampled, or invalid, leaves no exemplar; nor does the text format', async () => {
  for (const isOpenMetrics of [true, false]) {
    const registry = createRegistry(isOpenMetrics);
    const instruments = Instruments.of(registry);
    instruments.declare('feishu_ws_reconnect_attempts_total', APP);
    instruments.add('feishu_ws_reconnect_attempts_total', APP, 1, { ...TRACE, traceFlags: isOpenMetrics ? 0 : 1 });
    instruments.add('feishu_ws_reconnect_attempts_total', APP, 1, {
      traceId: '0'.repeat(32),
      spanId: '0'.repeat(16),
      traceFlags: 1,
    });
    expect(await scrapedText(registry)).not.toContain('trace_id');
    expect((await samplesOf(registry)).get('feishu_ws_reconnect_attempts_total{app="a"}')).toBe(2);
  }
});

test('trap: inc(NaN) poisons a counter; here a bad value is refused and counted', async () => {
  const raw = new Registry();
  const counter = new Counter({ name: 'raw_total', help: 'help', registers: [raw] });
  counter.inc(Number.NaN);
  counter.inc();
  expect(await raw.metrics()).toContain('raw_total Nan');

  const registry = createRegistry();
  const instruments = Instruments.of(registry);
  instruments.declare('feishu_ws_connect_attempts_total', APP);
  instruments.declare('feishu_ws_sockets_open', APP);
  instruments.declare('feishu_ws_heartbeat_rtt_seconds', APP);
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    instruments.add('feishu_ws_connect_attempts_total', APP, bad);
    instruments.set('feishu_ws_sockets_open', APP, bad);
    instruments.observe('feishu_ws_heartbeat_rtt_seconds', APP, bad);
  }
  instruments.add('feishu_ws_connect_attempts_total', APP, -1);
  instruments.add('feishu_ws_connect_attempts_total', APP, 2);
  const samples = await samplesOf(registry);
  expect(samples.get(`${ERRORS}{reason="bad_value"}`)).toBe(10);
  expect(samples.get('feishu_ws_connect_attempts_total{app="a"}')).toBe(2);
  expect(samples.get('feishu_ws_sockets_open{app="a"}')).toBe(0);
  expect(samples.get('feishu_ws_heartbeat_rtt_seconds_count{app="a"}')).toBe(0);
});

test('trap: set({}, 1) makes a second series; here a label set that was not declared is refused and counted', async () => {
  const raw = new Registry();
  const gauge = new Gauge({ name: 'raw', help: 'help', labelNames: ['app'], registers: [raw] });
  gauge.set({ app: 'a' }, 1);
  gauge.set({}, 1);
  expect(await raw.metrics()).toContain('raw{app="a"} 1\nraw 1');

  const registry = createRegistry();
  const instruments = Instruments.of(registry);
  instruments.declare('feishu_ws_state', { app: 'a', state: 'idle' });
  const before = (await samplesOf(registry)).size;
  instruments.set('feishu_ws_state', {} as never, 1);
  instruments.set('feishu_ws_state', { app: 'a', state: 'nowhere' }, 1);
  instruments.set('feishu_ws_state', { app: 'a', state: 'idle', extra: 'x' } as never, 1);
  instruments.set('feishu_ws_connected', { app: 'a' }, 1);
  const samples = await samplesOf(registry);
  expect(samples.get(`${ERRORS}{reason="bad_labels"}`)).toBe(4);
  expect(samples.size).toBe(before);
});

test('trap: a throwing collect fails the whole scrape; here it is counted and the scrape goes on', async () => {
  const raw = new Registry();
  new Gauge({ name: 'raw', help: 'help', registers: [raw], collect: () => explode() });
  await expect(raw.metrics()).rejects.toThrow('bang');

  const registry = createRegistry();
  const instruments = Instruments.of(registry);
  instruments.declare('feishu_ws_state', { app: 'a', state: 'idle' });
  instruments.onCollect('feishu_ws_state', explode);
  instruments.onCollect('feishu_ws_state', () => instruments.set('feishu_ws_state', { app: 'a', state: 'idle' }, 1));
  await scrape(registry);
  const samples = await samplesOf(registry);
  expect(samples.get('feishu_ws_state{app="a",state="idle"}')).toBe(1);
  expect(samples.get(`${ERRORS}{reason="collect"}`)).toBeGreaterThanOrEqual(1);
});

test('declaring a series again, as a second connector does, loses nothing', async () => {
  const registry = createRegistry();
  const instruments = Instruments.of(registry);
  for (let i = 0; i < 2; i += 1) {
    Instruments.of(registry).declare('feishu_ws_heartbeat_rtt_seconds', APP);
    instruments.observe('feishu_ws_heartbeat_rtt_seconds', APP, 0.1);
  }
  expect((await samplesOf(registry)).get('feishu_ws_heartbeat_rtt_seconds_count{app="a"}')).toBe(2);
});

test('a value of the wrong metric type is refused', async () => {
  const registry = createRegistry();
  const instruments = Instruments.of(registry);
  instruments.declare('feishu_ws_sockets_open', APP);
  instruments.add('feishu_ws_sockets_open' as never, APP as never);
  expect((await samplesOf(registry)).get(`${ERRORS}{reason="bad_value"}`)).toBe(1);
});

test("a metric of somebody else under our name is an error at creation, and the others' metrics stay", async () => {
  const registry = createRegistry();
  new Counter({ name: 'feishu_ws_connected', help: 'theirs', registers: [registry] });
  expect(() => Instruments.of(registry).declare('feishu_ws_connected', APP)).toThrow("not feishu-connector's");
  expect((await samplesOf(registry)).get('feishu_ws_connected')).toBe(0);
});

function explode(): never {
  throw new Error('bang');
}
