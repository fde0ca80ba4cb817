import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { createConnector } from '../../src/connector.js';
import type { ConnectorStatus } from '../../src/connector-status.js';
import { type AppConfig, type Daemon, startDaemon } from '../../src/daemon/index.js';
import { createSimulator, DEFAULT_APP, messageEvent } from '../../src/simulator/index.js';
import { type CloudEvent, verifyWebhook } from '../../src/sinks/index.js';
import { eventually } from '../support/eventually.js';
import { serveHttp } from '../support/loopback.js';
import { NatsServer } from '../support/nats-server.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

const FAST = { retry: { initialMs: 20, maxMs: 100, factor: 2, jitter: 'equal' } } as const;

/** The platform, and a daemon with a journal whose one app has this sink. */
async function stage(sink: NonNullable<AppConfig['sink']>) {
  const simulator = createSimulator();
  const { url: domain } = await simulator.start();
  cleanups.push(() => simulator.stop());
  const directory = mkdtempSync(join(tmpdir(), 'feishu-connector-'));
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  const app: AppConfig = {
    ...DEFAULT_APP,
    app: 'bot',
    domain,
    sink,
    journal: { directory: join(directory, 'journal') },
    connection: {},
    token: {},
    delivery: FAST,
  };
  const start = async (): Promise<Daemon> => {
    const daemon = await startDaemon(
      {
        listen: { host: '127.0.0.1', port: 0 },
        logLevel: 'silent',
        drainMs: 1_000,
        openMetrics: false,
        tracing: null,
        apps: [app],
        warnings: [],
      },
      { createConnector, logger: pino({ level: 'silent' }), stdout: new PassThrough() },
    );
    cleanups.push(() => daemon.stop({ drainMs: 0 }));
    await eventually(async () => (await fetch(`${daemon.url}/readyz`)).status === 200, 'the daemon being ready');
    return daemon;
  };
  return { simulator, start };
}

async function statusOf(daemon: Daemon): Promise<ConnectorStatus | undefined> {
  const { apps } = (await (await fetch(`${daemon.url}/status`)).json()) as { apps: ConnectorStatus[] };
  return apps[0];
}

const sinkIs = (daemon: Daemon, state: 'up' | 'down') =>
  eventually(async () => (await statusOf(daemon))?.sink?.state === state, `the sink being ${state}`);

test('a receiver that is down for a while, and a restart of the daemon meanwhile, lose no event and repeat none', async () => {
  let code = 200;
  const received: string[] = [];
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const receiver = await serveHttp(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    if (!verifyWebhook({ secrets: [secret], headers: request.headers, body })) response.writeHead(401).end();
    else {
      if (code === 200) received.push((JSON.parse(body) as CloudEvent).id);
      response.writeHead(code).end();
    }
  });
  cleanups.push(() => receiver.close());
  const { simulator, start } = await stage({ webhook: { url: receiver.url, secret } });
  const first = await start();
  const sent = [simulator.send(messageEvent({ text: 'one' })).eventId];
  await eventually(() => received.length === 1, 'the first event');
  await sinkIs(first, 'up');

  code = 503;
  for (const text of ['two', 'three', 'four']) sent.push(simulator.send(messageEvent({ text })).eventId);
  await sinkIs(first, 'down');
  // With a journal the app stays ready: events are taken, kept and acked while nobody receives them.
  expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
  expect(await (await fetch(`${first.url}/metrics`)).text()).toMatch(/feishu_sink_up\{[^}]*sink="webhook"[^}]*\} 0/);
  await first.stop();

  const second = await start();
  code = 200;
  await eventually(() => received.length === 4, 'the events that waited');
  sent.push(simulator.send(messageEvent({ text: 'five' })).eventId);
  await eventually(() => received.length === 5, 'the last event');
  expect([...received].sort()).toEqual([...sent].sort());
  await sinkIs(second, 'up');
});

test('a broker that is killed under load, and comes back, has every event of the platform exactly once', async () => {
  const server = await NatsServer.create();
  cleanups.push(() => server.dispose());
  await server.start();
  const { simulator, start } = await stage({
    jetstream: { servers: [server.url], timeoutMs: 1_000, stream: { name: 'FEISHU', create: true } },
  });
  const daemon = await start();
  await sinkIs(daemon, 'up');
  const sent: string[] = [];
  const send = (count: number) => {
    for (let nth = 0; nth < count; nth += 1) {
      sent.push(simulator.send(messageEvent({ text: `${nth}`, chatId: `oc_${nth % 5}` })).eventId);
    }
  };
  send(100);
  await server.kill();
  await sinkIs(daemon, 'down');
  send(100);
  await server.start();
  send(100);
  await eventually(async () => (await statusOf(daemon))?.delivery.pending === 0, 'nothing being left over', {
    deadlineMs: 60_000,
  });
  const connection = await connect({ servers: `127.0.0.1:${server.port}` });
  cleanups.push(() => connection.close());
  const { state } = await (await jetstreamManager(connection)).streams.info('FEISHU');
  expect(state.messages).toBe(300);
  const stored: string[] = [];
  const consumer = await jetstream(connection).consumers.get('FEISHU');
  for await (const message of await consumer.fetch({ max_messages: 300, expires: 10_000 })) {
    stored.push(message.json<CloudEvent>().id);
  }
  expect([...stored].sort()).toEqual([...sent].sort());
});
