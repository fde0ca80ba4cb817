import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { context, trace } from '@opentelemetry/api';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { FLUSH_DEADLINE_MS, startTelemetry } from '../../src/daemon/telemetry.js';
import { resolveTracing } from '../../src/daemon/tracing-settings.js';
import { HandClock } from '../support/hand-clock.js';
import { type OtlpReceiver, otlpReceiver } from '../support/otlp-receiver.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function receiver(): Promise<OtlpReceiver> {
  const opened = await otlpReceiver();
  cleanups.push(() => opened.close());
  return opened;
}

/** Telemetry under a clock that stands still, with what it counts and logs. */
function stage(env: Record<string, string>) {
  const lines: Record<string, unknown>[] = [];
  const errors: string[] = [];
  const clock = new HandClock();
  const parts = {
    clock,
    logger: pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) }),
    onError: (reason: string) => void errors.push(reason),
  };
  const start = async (load?: Parameters<typeof startTelemetry>[1]['load']) => {
    const telemetry = await startTelemetry(resolveTracing(env).settings, { ...parts, ...(load && { load }) });
    cleanups.push(() => telemetry.stop());
    return telemetry;
  };
  return { clock, lines, errors, start };
}

const tracing = (url: string, more: Record<string, string> = {}) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url, ...more });
const isTracing = () => trace.getTracer('test').startSpan('probe').isRecording();

test('spans reach the collector with the service, its version and the headers; a stop sends the last ones', async () => {
  const collector = await receiver();
  const { start, errors, lines } = stage(
    tracing(collector.url, {
      OTEL_SERVICE_NAME: 'support-bot',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20hunter22',
    }),
  );
  const telemetry = await start();
  trace.getTracer('test').startActiveSpan('outer', (outer) => {
    trace.getTracer('test').startSpan('inner').end();
    outer.end();
  });
  await telemetry.stop();
  const [inner, outer] = collector.spans;
  expect([inner?.name, outer?.name]).toEqual(['inner', 'outer']);
  expect(inner?.parentSpanId).toBe(outer?.spanId);
  expect(collector.requests[0]).toMatchObject({
    path: '/v1/traces',
    headers: { authorization: 'Bearer hunter22', 'content-type': 'application/json' },
  });
  expect(collector.resource()).toMatchObject({
    'service.name': 'support-bot',
    'service.version': expect.stringMatching(/^\d+\./),
    'deployment.environment.name': 'test',
    'telemetry.sdk.language': 'nodejs',
  });
  expect(errors).toEqual([]);
  expect(JSON.stringify(lines)).not.toContain('hunter22');
});

test('after a stop nothing of it is left in the process, and it can be started again', async () => {
  const collector = await receiver();
  const { start } = stage(tracing(collector.url));
  const telemetry = await start();
  expect(isTracing()).toBe(true);
  await telemetry.stop();
  expect(isTracing()).toBe(false);
  await start();
  expect(isTracing()).toBe(true);
});

test('a share is sampled, and what fails outside of it is kept', async () => {
  const collector = await receiver();
  const env = tracing(collector.url, { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' });
  const telemetry = await stage(env).start();
  const tracer = trace.getTracer('test');
  tracer.startSpan('well').end();
  const failed = tracer.startSpan('badly');
  failed.setStatus({ code: 2 });
  failed.end();
  await telemetry.stop();
  expect(collector.spans.map(({ name }) => name)).toEqual(['badly']);
});

test.each(['always_off', 'parentbased_always_off'])('%s exports nothing', async (sampler) => {
  const collector = await receiver();
  const telemetry = await stage(tracing(collector.url, { OTEL_TRACES_SAMPLER: sampler })).start();
  const failed = trace.getTracer('test').startSpan('badly');
  failed.setStatus({ code: 2 });
  failed.end();
  await telemetry.stop();
  expect(collector.requests).toEqual([]);
});

test.each(['always_on', 'parentbased_always_on', 'parentbased_traceidratio'])('%s exports all', async (sampler) => {
  const collector = await receiver();
  const telemetry = await stage(tracing(collector.url, { OTEL_TRACES_SAMPLER: sampler })).start();
  trace.getTracer('test').startSpan('well').end();
  await telemetry.stop();
  expect(collector.spans.map(({ name }) => name)).toEqual(['well']);
});

test('an SDK that is registered already stays in charge, and is not unregistered', async () => {
  const theirs = new BasicTracerProvider();
  trace.setGlobalTracerProvider(theirs);
  cleanups.push(() => trace.disable());
  const collector = await receiver();
  const { start, lines } = stage(tracing(collector.url));
  const load = () => Promise.reject(new Error('nothing is to be loaded'));
  const telemetry = await start(load);
  await telemetry.stop();
  expect(isTracing()).toBe(true);
  expect(collector.requests).toEqual([]);
  expect(lines).toEqual([expect.objectContaining({ msg: expect.stringContaining('stays in charge') })]);
});

test('without its packages the daemon runs, and the log has the command that installs them', async () => {
  const missing = Object.assign(new Error("Cannot find package '@opentelemetry/resources'"), {
    code: 'ERR_MODULE_NOT_FOUND',
  });
  const { start, errors, lines } = stage(tracing('http://127.0.0.1:9'));
  await start(() => Promise.reject(missing));
  const { optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    optionalDependencies: Record<string, string>;
  };
  const [line] = lines;
  for (const name of ['sdk-trace-base', 'exporter-trace-otlp-http', 'resources', 'context-async-hooks']) {
    expect(optionalDependencies).toHaveProperty([`@opentelemetry/${name}`]);
    expect(line?.reason).toContain(` @opentelemetry/${name}@^`);
  }
  expect(line).toMatchObject({ level: 50, reason: expect.stringMatching(/not installed: npm install /) });
  expect(errors).toEqual(['export']);
  expect(isTracing()).toBe(false);
});

test('a collector that refuses is counted each time, logged rarely, and told of when it is back', async () => {
  const collector = await receiver();
  collector.status = 400; // none that the exporter retries
  const { start, errors, lines } = stage(tracing(collector.url));
  await start();
  const provider = trace.getTracerProvider() as unknown as { getDelegate(): BasicTracerProvider };
  const send = async () => {
    trace.getTracer('test').startSpan('one').end();
    await provider.getDelegate().forceFlush();
  };
  for (let batch = 0; batch < 4; batch += 1) await send();
  expect(errors).toEqual(['export', 'export', 'export', 'export']);
  const warned = () => lines.filter(({ level }) => level === 40).map(({ failures, spans }) => [failures, spans]);
  expect(warned()).toEqual([
    [1, 1],
    [2, 1],
    [4, 1],
  ]);
  collector.status = 200;
  await send();
  await send();
  expect(lines.filter(({ msg }) => String(msg).includes('exported again'))).toEqual([
    expect.objectContaining({ failures: 4 }),
  ]);
});

test('a collector that answers nothing holds up a stop only until the deadline', async () => {
  const deaf = createServer();
  await new Promise<void>((listening) => deaf.listen(0, '127.0.0.1', listening));
  const connected = new Promise<void>((resolve) => {
    deaf.on('connection', (socket) => {
      cleanups.push(() => socket.destroy());
      resolve();
    });
  });
  cleanups.push(() => deaf.close());
  const address = deaf.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { start, clock, errors, lines } = stage(tracing(`http://127.0.0.1:${port}`));
  const telemetry = await start();
  trace.getTracer('test').startSpan('one').end();
  const stopped = telemetry.stop();
  await connected;
  await clock.advanceBy(FLUSH_DEADLINE_MS);
  await stopped;
  expect(errors).toEqual(['export']);
  expect(lines.at(-1)).toMatchObject({ reason: `not finished within ${FLUSH_DEADLINE_MS} ms` });
  expect(isTracing()).toBe(false);
});

test("somebody else's context is used and left in place", async () => {
  const collector = await receiver();
  const { AsyncLocalStorageContextManager } = await import('@opentelemetry/context-async-hooks');
  const theirs = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(theirs);
  cleanups.push(() => context.disable());
  const telemetry = await stage(tracing(collector.url)).start();
  await telemetry.stop();
  const isActive = trace
    .getTracer('test')
    .startActiveSpan('probe', (span) => context.active() !== undefined && trace.getActiveSpan() === span);
  expect(isActive).toBe(true);
});
