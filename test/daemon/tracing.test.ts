import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Connector, createConnector } from '../../src/connector.js';
import { loadConfig } from '../../src/daemon/config.js';
import { type Daemon, startDaemon } from '../../src/daemon/daemon.js';
import { createSimulator, DEFAULT_APP, messageEvent, type Simulator } from '../../src/simulator/index.js';
import { type OtlpReceiver, otlpReceiver } from '../support/otlp-receiver.js';

const TYPE = 'im.message.receive_v1';
/** Handles messages by doing nothing: names of spans tell only types that have a handler of their own. */
let handler = '';
beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'feishu-tracing-'));
  handler = join(directory, 'handler.mjs');
  await writeFile(handler, `export default { '${TYPE}': async () => {} };`);
});
afterAll(() => rm(dirname(handler), { recursive: true }));

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

interface Scene {
  readonly simulator: Simulator;
  readonly daemon: Daemon;
  readonly connector: Connector;
  readonly collector: OtlpReceiver;
  readonly lines: string[];
  /** Lets the bot hear a message, and waits for its ack. */
  say(eventId: string): Promise<void>;
}

/** The daemon as the environment configures it, between the simulator's real face and a collector, all on loopback. */
async function sceneOf(env: Readonly<Record<string, string>>): Promise<Scene> {
  const collector = await otlpReceiver();
  cleanups.push(() => collector.close());
  const simulator = createSimulator();
  const { url } = await simulator.start();
  cleanups.push(() => simulator.stop());
  const config = await loadConfig({
    cwd: '/',
    env: {
      FEISHU_APP_ID: DEFAULT_APP.appId,
      FEISHU_APP_SECRET: DEFAULT_APP.appSecret,
      FEISHU_APP: 'bot',
      FEISHU_DOMAIN: url,
      FEISHU_LISTEN: '127.0.0.1:0',
      FEISHU_HANDLER: handler,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      ...env,
    },
  });
  const lines: string[] = [];
  let connector: Connector | null = null;
  const daemon = await startDaemon(config, {
    createConnector: (options) => {
      connector = createConnector(options);
      return connector;
    },
    logger: pino({}, { write: (line: string) => void lines.push(line) }),
    stdout: new PassThrough(),
  });
  cleanups.push(() => daemon.stop({ drainMs: 0 }));
  const running = connector as Connector | null;
  if (running === null) throw new Error('no connector was made');
  await running.ready();
  return {
    simulator,
    daemon,
    connector: running,
    collector,
    lines,
    async say(eventId) {
      const acked = new Promise<void>((resolve) => {
        running.on('report', ({ report }) => {
          if (report.type === 'acked' && report.eventId === eventId) resolve();
        });
      });
      simulator.send(messageEvent({ eventId, text: 'hello' }));
      await acked;
    },
  };
}

function ackedIds({ ledger }: Simulator): string[] {
  return ledger.events.filter(({ state }) => state === 'acknowledged').map(({ eventId }) => eventId);
}

async function scrapeOf(daemon: Daemon): Promise<{ readonly contentType: string; readonly text: string }> {
  const answer = await fetch(`${daemon.url}/metrics`);
  return { contentType: answer.headers.get('content-type') ?? '', text: await answer.text() };
}

test('an endpoint in the environment is enough for the spans of the connection and of every event', async () => {
  const { daemon, collector, say } = await sceneOf({});
  await say('event-1');
  await say('event-2');
  await daemon.stop();
  const named = (name: string) => collector.spans.filter((span) => span.name === name);
  const [connect] = named('feishu.ws.connect');
  expect(connect).toBeDefined();
  expect(named('POST /callback/ws/endpoint')[0]).toMatchObject({ traceId: connect?.traceId });
  const acks = named(`ack ${TYPE}`);
  const handled = named(`process ${TYPE}`);
  expect([acks.length, handled.length]).toEqual([2, 2]);
  expect(new Set(acks.map(({ traceId }) => traceId)).size).toBe(2);
  expect(handled.map(({ parentSpanId }) => parentSpanId)).toEqual(acks.map(({ spanId }) => spanId));
  expect(collector.resource()).toMatchObject({ 'service.name': 'feishu-connector' });
});

test('with OpenMetrics, durations name the traces of the collector', async () => {
  const { daemon, collector, say } = await sceneOf({ FEISHU_OPENMETRICS: 'true' });
  await say('event-1');
  const { contentType, text } = await scrapeOf(daemon);
  expect(contentType).toMatch(/^application\/openmetrics-text/);
  expect(text).toMatch(/# EOF\n$/);
  await daemon.stop();
  const spanOf = (series: RegExp) => {
    const [, traceId, spanId] =
      text
        .split('\n')
        .filter((line) => series.test(line))
        .map((line) => /# \{trace_id="([0-9a-f]{32})",span_id="([0-9a-f]{16})"\}/.exec(line))
        .find((match) => match !== null) ?? [];
    return collector.spans.find((span) => span.traceId === traceId && span.spanId === spanId)?.name;
  };
  expect(spanOf(/^feishu_ws_connect_duration_seconds_bucket\{/)).toBe('feishu.ws.connect');
  expect(spanOf(/^feishu_event_handler_duration_seconds_bucket\{/)).toBe(`process ${TYPE}`);
  expect(spanOf(/^feishu_event_ack_duration_seconds_bucket\{/)).toMatch(new RegExp(`^(ack|process) ${TYPE}$`));
  expect(spanOf(/^feishu_api_duration_seconds_bucket\{/)).toMatch(/^POST \//);
});

test('a reconnect attempt carries the exemplar of its span', async () => {
  const { daemon, connector, simulator, collector } = await sceneOf({ FEISHU_OPENMETRICS: 'true' });
  const reconnected = new Promise((resolve) => connector.on('reconnected', resolve));
  simulator.inject({ fault: 'drop_socket' });
  await reconnected;
  const attempts = /^feishu_ws_reconnect_attempts_total\{app="bot"\} 1 # \{trace_id="([0-9a-f]{32})"/m;
  const [, traceId] = attempts.exec((await scrapeOf(daemon)).text) ?? [];
  await daemon.stop();
  expect(collector.spans.filter((span) => span.traceId === traceId).map(({ name }) => name)).toContain(
    'feishu.ws.connect',
  );
});

test('spans that are not sampled give no exemplars', async () => {
  const { daemon, say } = await sceneOf({ FEISHU_OPENMETRICS: 'true', OTEL_TRACES_SAMPLER: 'always_off' });
  await say('event-1');
  expect((await scrapeOf(daemon)).text).not.toContain('trace_id');
});

test('a collector that refuses every span costs a log line, and no event', async () => {
  const { daemon, collector, lines, simulator, say } = await sceneOf({});
  collector.status = 400;
  await say('event-1');
  await say('event-2');
  await daemon.stop();
  expect(ackedIds(simulator)).toEqual(['event-1', 'event-2']);
  expect(lines.filter((line) => /could not be exported/.test(line)).length).toBeGreaterThan(0);
});

test('a reload does not change what is registered for the life of the process, and says so', async () => {
  const { daemon, lines } = await sceneOf({});
  const env = {
    FEISHU_APP_ID: DEFAULT_APP.appId,
    FEISHU_APP_SECRET: DEFAULT_APP.appSecret,
    FEISHU_OPENMETRICS: 'true',
  };
  await daemon.reload(await loadConfig({ cwd: '/', env: { ...env, FEISHU_LISTEN: '127.0.0.1:0' } }));
  const said = lines
    .filter((line) => line.includes('takes effect at the next start'))
    .map((line) => JSON.parse(line).key);
  expect(said).toEqual(['openMetrics', 'tracing']);
  expect((await scrapeOf(daemon)).contentType).toMatch(/^text\/plain/);
});

/** Starts the built program, and answers with the packages of OpenTelemetry that it had loaded when it ended. */
async function loadedBy(env: Record<string, string>): Promise<string[]> {
  const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const child = spawn(
    process.execPath,
    ['--import', path('../support/loaded-packages.mjs'), path('../../dist/cli/main.js'), 'run', '--simulator'],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH, FEISHU_LISTEN: '127.0.0.1:0', ...env } },
  );
  cleanups.push(() => child.kill('SIGKILL'));
  let err = '';
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  await once(child.stdout, 'data'); // the first event
  child.stdout.resume();
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  await ended;
  const loaded = /^loaded: (.*)$/m.exec(err)?.[1];
  if (loaded === undefined) throw new Error(`the program did not say what it loaded: ${err}`);
  return (JSON.parse(loaded) as string[]).filter((name) => name.startsWith('@opentelemetry/'));
}

test('without configuration no package of the SDK is loaded; with it they are', async () => {
  expect(await loadedBy({})).toEqual(['@opentelemetry/api']);
  expect(await loadedBy({ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' })).toEqual([
    '@opentelemetry/api',
  ]);
  const collector = await otlpReceiver();
  cleanups.push(() => collector.close());
  expect(await loadedBy({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })).toEqual(
    expect.arrayContaining([
      '@opentelemetry/context-async-hooks',
      '@opentelemetry/exporter-trace-otlp-http',
      '@opentelemetry/resources',
      '@opentelemetry/sdk-trace-base',
    ]),
  );
  expect(collector.spans.map(({ name }) => name)).toContain('feishu.ws.connect');
});
