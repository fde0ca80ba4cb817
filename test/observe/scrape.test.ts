import fc from 'fast-check';
import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client';
import { expect, test, vi } from 'vitest';
import {
  collectProcessMetrics,
  createRegistry,
  type MetricsRegistry,
  type ScrapeOptions,
  SLICE_MS,
  scrape,
} from '../../src/observe/index.js';
import { Instruments } from '../../src/observe/instruments.js';
import { samplesOf, scrapedText } from '../support/exposition.js';

const SEED = 20_261_123;
const TRACE = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
const RTT = 'feishu_ws_heartbeat_rtt_seconds';

/** What may be done to the metrics of an app, as often and in whatever order. */
const anApp = fc.oneof(fc.constantFrom('a', 'b', 'say "hi"', 'C:\\new\n', '飛書 🚀', '{x="1"}', ''), fc.string());
const aNumber = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, -0, 1e21, 5e-7, 0.1 + 0.2, 30, 86_400));
const anAct = fc.record({
  app: anApp,
  what: fc.constantFrom('add', 'set', 'observe', 'forget', 'forgetApp', 'setBare', 'forgetBare'),
  state: fc.constantFrom('idle', 'connected', 'x\\y"z\n'),
  value: aNumber,
  isTraced: fc.boolean(),
});
type Act = typeof anAct extends fc.Arbitrary<infer Value> ? Value : never;

function act(instruments: Instruments, { app, what, state, value, isTraced }: Act): void {
  const trace = isTraced ? TRACE : null;
  switch (what) {
    case 'add':
      instruments.declare('feishu_ws_reconnect_attempts_total', { app });
      instruments.add('feishu_ws_reconnect_attempts_total', { app }, value, trace);
      return;
    case 'set':
      instruments.declare('feishu_ws_state', { app, state });
      instruments.set('feishu_ws_state', { app, state }, value);
      return;
    case 'observe':
      instruments.declare('feishu_ws_connect_duration_seconds', { app, step: state });
      instruments.observe('feishu_ws_connect_duration_seconds', { app, step: state }, value, trace);
      return;
    case 'forget':
      instruments.forget('feishu_ws_state', { app, state });
      return;
    case 'forgetApp':
      instruments.forgetApp(app);
      return;
    case 'setBare':
      instruments.gauge('feishu_connector_certificate_expiry_timestamp_seconds', {}).set(value);
      return;
    case 'forgetBare':
      instruments.forget('feishu_connector_certificate_expiry_timestamp_seconds', {});
      return;
  }
}

/** Metrics of the application, of every type and with every number that the formats have a word for. */
function addTheirs(registry: MetricsRegistry): void {
  const registers = [registry];
  new Counter({ name: 'theirs_total', help: 'Two\nlines and a \\.', registers });
  const gauge = new Gauge({ name: 'theirs', help: 'help', labelNames: ['what'], registers });
  gauge.set({ what: 'nan' }, Number.NaN);
  gauge.set({ what: '+inf' }, Number.POSITIVE_INFINITY);
  gauge.set({ what: '-inf"\n' }, Number.NEGATIVE_INFINITY);
  new Histogram({ name: 'theirs_seconds', help: 'help', labelNames: ['x'], registers }).observe({ x: '1' }, 0.3);
  new Summary({ name: 'theirs_bytes', help: 'help', registers }).observe(7);
  new Gauge({ name: 'theirs_later', help: 'help', registers, collect: async () => {} });
}

test.each([false, true])(
  `the text is byte for byte what prom-client writes, whatever was done before; OpenMetrics: %s (seed ${SEED})`,
  async (isOpenMetrics) => {
    await fc.assert(
      fc.asyncProperty(fc.array(anAct, { maxLength: 40 }), fc.boolean(), async (acts, hasTheirs) => {
        const registry = createRegistry(isOpenMetrics);
        const instruments = Instruments.of(registry);
        if (hasTheirs) addTheirs(registry);
        for (const each of acts) act(instruments, each);
        const first = await scrapedText(registry);
        expect(first).toBe(await registry.metrics());
        // And again, after prom-client has done to its names what it does.
        expect(await scrapedText(registry)).toBe(first);
      }),
      { seed: SEED, numRuns: 150 },
    );
  },
);

test('our own metrics are written here: prom-client is asked for one of them alone, to compare', async () => {
  const registry = createRegistry();
  const instruments = Instruments.of(registry);
  for (const app of ['a', 'b']) {
    instruments.declare(RTT, { app });
    instruments.declare('feishu_ws_enabled', { app });
  }
  const asked = vi.spyOn(registry, 'getSingleMetricAsString');
  await scrape(registry);
  expect(asked.mock.calls).toEqual([['feishu_connector_telemetry_errors_total']]);
});

test.each([false, true])('the metrics of the process are among them; OpenMetrics: %s', async (isOpenMetrics) => {
  const registry = createRegistry(isOpenMetrics);
  Instruments.of(registry).declare('feishu_ws_enabled', { app: 'a' });
  collectProcessMetrics(registry);
  // The process goes on between two looks, and holds other handles then: its numbers are not compared, nor their kinds.
  const shapeOf = (text: string): string => text.replace(/^[^#].*\{.*\n/gm, '').replace(/^([^#]\S*) \S+$/gm, '$1');
  const ours = shapeOf(await scrapedText(registry));
  expect(ours).toBe(shapeOf(await registry.metrics()));
  expect(ours).toContain('process_cpu_seconds_total\n');
});

test('a registry with labels of its own for everything, and one that was emptied, are written as they would', async () => {
  for (const isOpenMetrics of [false, true]) {
    const registry = createRegistry(isOpenMetrics);
    const instruments = Instruments.of(registry);
    instruments.declare(RTT, { app: 'a' });
    instruments.declare('feishu_ws_frame_errors_total', { app: 'a', reason: 'x' });
    registry.setDefaultLabels({ site: 'west', app: 'never' });
    const text = await scrapedText(registry);
    expect(text).toContain('site="west"');
    expect(text).toBe(await registry.metrics());
    registry.clear();
    expect(await scrapedText(registry)).toBe(await registry.metrics());
  }
});

test('whatever else reads a registry finds the values: JSON, one metric, a merged registry', async () => {
  const registry = createRegistry() as Registry;
  const instruments = Instruments.of(registry);
  instruments.counter('feishu_ws_connect_attempts_total', { app: 'a' }).add(3);
  instruments.histogram(RTT, { app: 'a' }).observe(0.02);
  const one = await registry.getSingleMetric('feishu_ws_connect_attempts_total')?.get();
  expect(one?.values).toEqual([{ value: 3, labels: { app: 'a' } }]);
  const json = await registry.getMetricsAsJSON();
  const rtt = json.find(({ name }) => name === RTT);
  expect(rtt?.values).toContainEqual(
    expect.objectContaining({ metricName: `${RTT}_bucket`, labels: { le: 0.025, app: 'a' }, value: 1 }),
  );
  expect(await Registry.merge([registry, new Registry()]).metrics()).toContain(`${RTT}_count{app="a"} 1\n`);
});

test('resetMetrics lets counts begin anew; what is now, is still so', async () => {
  const registry = createRegistry(true);
  const instruments = Instruments.of(registry);
  instruments.counter('feishu_ws_reconnect_attempts_total', { app: 'a' }).add(3, TRACE);
  instruments.histogram('feishu_ws_session_duration_seconds', { app: 'a' }).observe(12, TRACE);
  instruments.gauge('feishu_ws_connected', { app: 'a' }).set(1);
  registry.resetMetrics();
  const samples = await samplesOf(registry);
  expect(samples.get('feishu_ws_reconnect_attempts_total{app="a"}')).toBe(0);
  expect(samples.get('feishu_ws_session_duration_seconds_sum{app="a"}')).toBe(0);
  expect(samples.get('feishu_ws_session_duration_seconds_bucket{le="+Inf",app="a"}')).toBe(0);
  expect(samples.get('feishu_ws_connected{app="a"}')).toBe(1);
  expect(await scrapedText(registry)).not.toContain('trace_id');
});

/** A pace by which everything takes a millisecond. Between two slices `turn` has its turn. */
function slowPace(turn: () => void): { readonly options: ScrapeOptions; readonly turns: () => number } {
  let now = 0;
  let turns = 0;
  const pace = {
    now: () => {
      now += 1;
      return now;
    },
    nextTurn: async () => {
      turns += 1;
      turn();
    },
  };
  return { options: { pace }, turns: () => turns };
}

test('a scrape lets everything else have its turn, and what is counted meanwhile tears no series apart', async () => {
  const registry = createRegistry();
  const instruments = Instruments.of(registry);
  const cells = Array.from({ length: 100 }, (_, index) => instruments.histogram(RTT, { app: `app ${index}` }));
  const { options, turns } = slowPace(() => {
    for (const cell of cells) cell.observe(0.3);
  });
  const { body } = await scrape(registry, options);
  const text = Buffer.concat(body).toString();
  // 100 blocks, a look at the clock for each: one turn in so many milliseconds.
  expect(turns()).toBeGreaterThanOrEqual(Math.floor(100 / SLICE_MS));
  const counts = new Set<string>();
  for (const index of cells.keys()) {
    const of = (suffix: string): string | undefined =>
      new RegExp(`^${RTT}_${suffix},?app="app ${index}"\\} (\\S+)$`, 'm').exec(text)?.[1];
    const count = of('count\\{') ?? 'none';
    expect(of('bucket\\{le="0.5"')).toBe(count);
    expect(of('bucket\\{le="\\+Inf"')).toBe(count);
    expect(Number(of('sum\\{'))).toBeCloseTo(0.3 * Number(count), 6);
    counts.add(count);
  }
  expect(counts.size).toBeGreaterThan(1);
});

test('apps may come and go while they are scraped', async () => {
  const registry = createRegistry();
  const instruments = Instruments.of(registry);
  for (const app of ['old 0', 'reloaded']) instruments.declare(RTT, { app });
  for (let index = 1; index < 50; index += 1) instruments.declare(RTT, { app: `old ${index}` });
  let came = 0;
  const { options } = slowPace(() => {
    instruments.forgetApp(`old ${came}`);
    instruments.forgetApp(`old ${49 - came}`);
    if (came < 10) instruments.declare(RTT, { app: `new ${came}` });
    // As a reload that changes it: it was written before, and is the last one now.
    instruments.forgetApp('reloaded');
    instruments.declare(RTT, { app: 'reloaded' });
    came += 1;
  });
  const { body } = await scrape(registry, options);
  const apps = [
    ...Buffer.concat(body)
      .toString()
      .matchAll(/_count\{app="([^"]+)"\}/g),
  ].map(([, app]) => app);
  expect(new Set(apps).size).toBe(apps.length);
  expect(apps).toContain('old 0');
  expect(apps).toContain('new 0');
  expect(apps).not.toContain('old 49');
});

test('a scrape that nobody waits for any more ends at its next slice', async () => {
  const registry = createRegistry();
  const instruments = Instruments.of(registry);
  for (let index = 0; index < 50; index += 1) instruments.declare(RTT, { app: `${index}` });
  const patience = new AbortController();
  const { options, turns } = slowPace(() => patience.abort(new Error('too late')));
  await expect(scrape(registry, { ...options, signal: patience.signal })).rejects.toThrow('too late');
  expect(turns()).toBe(1);
});
