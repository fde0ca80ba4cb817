import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, nkeys } from '@nats-io/transport-node';
import { afterEach, expect, test } from 'vitest';
import { createSink, type JetStreamOptions } from '../../src/connector-sinks.js';
import { RetryLater } from '../../src/delivery/index.js';
import type { CloudEvent, Sink } from '../../src/sinks/index.js';
import { eventually } from '../support/eventually.js';
import { NatsServer } from '../support/nats-server.js';
import { contextOf, eventOf, refusalOf, reportsOf } from '../support/sink-stage.js';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function serverOf(config = ''): Promise<NatsServer> {
  const server = await NatsServer.create(config);
  cleanups.push(() => server.dispose());
  return server;
}

const STREAM = { name: 'FEISHU', create: true };

async function sinkOf(server: NatsServer, changes: Partial<JetStreamOptions> = {}) {
  const sink = createSink({ jetstream: { servers: [server.url], stream: STREAM, ...changes } }, { app: 'bot' });
  const reports = reportsOf(sink);
  await sink.start();
  cleanups.push(() => sink.stop());
  return { sink, reports };
}

const isUp = (sink: Sink) => eventually(() => sink.health().state === 'up', 'the sink being up');
const isDown = (sink: Sink) => eventually(() => sink.health().state === 'down', 'the sink being down');

/** Everything in the stream, oldest first. */
async function storedIn(server: NatsServer): Promise<{ subject: string; event: CloudEvent; id: string }[]> {
  const connection = await connect({ servers: server.url.replace('nats://', '') });
  try {
    const manager = await jetstreamManager(connection);
    const { messages } = (await manager.streams.info('FEISHU')).state;
    if (messages === 0) return [];
    const consumer = await jetstream(connection).consumers.get('FEISHU');
    const stored = [];
    for await (const message of await consumer.fetch({ max_messages: messages, expires: 10_000 })) {
      stored.push({
        subject: message.subject,
        event: message.json<CloudEvent>(),
        id: message.headers?.get('Nats-Msg-Id') ?? '',
      });
    }
    return stored;
  } finally {
    await connection.close();
  }
}

/** Sends as the pipeline does: again, until it is through. Only what is for later may come back. */
async function deliver(sink: Sink, id: string): Promise<void> {
  for (;;) {
    try {
      await sink.dispatch(eventOf({ id, type: 'im.chat.updated_v1', data: { chat_id: 'oc_1' } }), contextOf());
      return;
    } catch (error) {
      if (!(error instanceof RetryLater)) throw error;
      await pause(20);
    }
  }
}

test('an event is in the stream once it is done, and a repeat of it is known', async () => {
  const server = await serverOf();
  await server.start();
  const { sink, reports } = await sinkOf(server);
  await isUp(sink);
  await sink.dispatch(eventOf(), contextOf());
  await sink.dispatch(eventOf({ id: 'ev_pushed_again', source: 'redelivery' }), contextOf());
  await sink.dispatch(eventOf({ id: 'ev_2', type: 'card.action.trigger', data: {} }), contextOf());
  expect(reports.filter(({ type }) => type === 'sent')).toMatchObject([
    { isDuplicate: false },
    { isDuplicate: true },
    { isDuplicate: false },
  ]);
  expect(await storedIn(server)).toMatchObject([
    {
      subject: 'feishu.bot.im.message.receive_v1',
      id: 'cli_0123456789abcdef:message:om_1',
      event: { specversion: '1.0', type: 'cn.feishu.im.message.receive_v1', data: { message: { message_id: 'om_1' } } },
    },
    { subject: 'feishu.bot.card.action.trigger' },
  ]);
});

test('a broker that is killed and restarted in the middle loses nothing and gets nothing twice', async () => {
  const server = await serverOf();
  await server.start();
  const { sink, reports } = await sinkOf(server, { timeoutMs: 1_000 });
  await isUp(sink);
  const ids = Array.from({ length: 400 }, () => randomUUID());
  let done = 0;
  const sends = (async () => {
    const rest = [...ids];
    const workers = Array.from({ length: 16 }, async () => {
      for (let id = rest.shift(); id !== undefined; id = rest.shift()) {
        await deliver(sink, id);
        done += 1;
      }
    });
    await Promise.all(workers);
  })();
  for (const part of [100, 250]) {
    await eventually(() => done >= part, `${part} events through`);
    await server.kill();
    await isDown(sink);
    await server.start();
  }
  await sends;
  const stored = await storedIn(server);
  expect(stored.map(({ event }) => event.id).sort()).toEqual([...ids].sort());
  expect(reports.filter(({ type }) => type === 'sink_up')).toHaveLength(3);
  expect(reports.filter(({ type }) => type === 'sink_down')).toHaveLength(2);
});

test('a broker that is not there at the start is waited for', async () => {
  const server = await serverOf();
  const { sink, reports } = await sinkOf(server);
  await isDown(sink);
  expect(await refusalOf(sink.dispatch(eventOf(), contextOf()))).toBe('later');
  await server.start();
  await isUp(sink);
  expect(await refusalOf(sink.dispatch(eventOf(), contextOf()))).toBe('answered undefined');
  expect(reports).toContainEqual(expect.objectContaining({ type: 'connect_failed', failure: 'unreachable' }));
});

test('a broker that freezes confirms nothing, and the sink knows; thawed, it has every event once', async () => {
  const server = await serverOf();
  await server.start();
  const { sink } = await sinkOf(server, { timeoutMs: 200 });
  await isUp(sink);
  await deliver(sink, 'before');
  server.freeze();
  const sends = ['a', 'b', 'c'].map((id) => deliver(sink, id));
  await isDown(sink);
  server.resume();
  await Promise.all(sends);
  expect((await storedIn(server)).map(({ event }) => event.id).sort()).toEqual(['a', 'b', 'before', 'c']);
});

test('a stream that is missing is the configuration that needs a human; made by somebody, it is found', async () => {
  const server = await serverOf();
  await server.start();
  const { sink } = await sinkOf(server, { stream: { name: 'FEISHU' } });
  await isDown(sink);
  expect(sink.health().lastError).toMatchObject({
    failure: 'misconfigured',
    detail: 'there is no stream FEISHU: make it, or set create: true for it',
  });
  const { sink: maker } = await sinkOf(server, {
    stream: { ...STREAM, maxBytes: 10_485_760, duplicateWindowMs: 1_000 },
  });
  await isUp(maker);
  await isUp(sink);
});

test('a stream is made with what was asked for, and left alone when it exists', async () => {
  const server = await serverOf();
  await server.start();
  const { sink } = await sinkOf(server, { stream: { ...STREAM, maxAgeMs: 3_600_000, duplicateWindowMs: 120_000 } });
  await isUp(sink);
  const { sink: other } = await sinkOf(server, { stream: { ...STREAM, maxAgeMs: 60_000, duplicateWindowMs: 60_000 } });
  await isUp(other);
  const connection = await connect({ servers: `127.0.0.1:${server.port}` });
  cleanups.push(() => connection.close());
  const { config } = await (await jetstreamManager(connection)).streams.info('FEISHU');
  expect(config).toMatchObject({
    subjects: ['feishu.>'],
    retention: 'limits',
    storage: 'file',
    discard: 'new',
    num_replicas: 1,
    max_age: 3_600_000_000_000,
    duplicate_window: 120_000_000_000,
  });
});

test('a stream that is full makes events wait instead of dropping what nobody has read', async () => {
  const server = await serverOf();
  await server.start();
  const { sink, reports } = await sinkOf(server, { stream: { ...STREAM, maxBytes: 1_048_576 } });
  await isUp(sink);
  const data = { chat_id: 'oc_1', text: 'x'.repeat(200_000) };
  const send = (id: string) => refusalOf(sink.dispatch(eventOf({ id, type: 'x', data }), contextOf()));
  const answers = [];
  for (let nth = 0; nth < 7; nth += 1) answers.push(await send(`ev_${nth}`));
  expect(answers[0]).toBe('answered undefined');
  expect(answers.at(-1)).toBe('later');
  expect(reports.at(-1)).toMatchObject({ type: 'send_failed', failure: 'busy' });
  expect((await storedIn(server))[0]?.event.id).toBe('ev_0');
});

test('an event that the broker can never take is a dead letter at once', async () => {
  const server = await serverOf('max_payload: 10000');
  await server.start();
  const { sink, reports } = await sinkOf(server);
  await isUp(sink);
  const data = { text: 'x'.repeat(20_000) };
  expect(await refusalOf(sink.dispatch(eventOf({ type: 'x', data }), contextOf()))).toBe('never');
  expect(reports.at(-1)).toMatchObject({ type: 'send_failed', failure: 'rejected' });
  expect(sink.health().state).toBe('up');
});

test('a stream that is deleted under way is told as what it is, and not as a lost event', async () => {
  const server = await serverOf();
  await server.start();
  const { sink, reports } = await sinkOf(server);
  await isUp(sink);
  const connection = await connect({ servers: `127.0.0.1:${server.port}` });
  cleanups.push(() => connection.close());
  await (await jetstreamManager(connection)).streams.delete('FEISHU');
  expect(await refusalOf(sink.dispatch(eventOf(), contextOf()))).toBe('later');
  expect(reports.at(-1)).toMatchObject({ type: 'send_failed', failure: 'failing' });
});

test('credentials are read anew for each connection: mended ones need no restart', async () => {
  const server = await serverOf('authorization { token: "the right token" }');
  await server.start();
  const tokenFile = join(server.folder, 'token');
  writeFileSync(tokenFile, 'a wrong token\n');
  const { sink, reports } = await sinkOf(server, { tokenFile });
  // The official client by itself gives up after the second refusal.
  await eventually(
    () => reports.filter(({ type }) => type === 'connect_failed').length >= 3,
    'the third refusal of the credentials',
  );
  expect(sink.health()).toMatchObject({ state: 'down', lastError: { failure: 'misconfigured' } });
  rmSync(tokenFile);
  await eventually(() => sink.health().lastError?.detail.includes(tokenFile) === true, 'the missing file being told');
  writeFileSync(tokenFile, 'the right token\n');
  await isUp(sink);
  expect(JSON.stringify(reports)).not.toMatch(/(right|wrong) token/);
});

test.each(['password', 'nkey'] as const)('it identifies itself with a %s', async (kind) => {
  const seed = nkeys.createUser();
  const user = kind === 'password' ? '{ user: "connector", password: "hush" }' : `{ nkey: ${seed.getPublicKey()} }`;
  const server = await serverOf(`authorization { users: [ ${user} ] }`);
  await server.start();
  const file = join(server.folder, 'secret');
  writeFileSync(file, kind === 'password' ? 'hush\n' : `${new TextDecoder().decode(seed.getSeed())}\n`);
  const { sink } = await sinkOf(
    server,
    kind === 'password' ? { user: 'connector', passwordFile: file } : { nkeyFile: file },
  );
  await isUp(sink);
});

test('a right to publish that is missing is no lost connection, and no event of its own fault', async () => {
  const server = await serverOf(
    'authorization { users: [ { user: a, password: hush, permissions: { publish: ["$JS.API.STREAM.>"] } } ] }',
  );
  await server.start();
  const passwordFile = join(server.folder, 'password');
  writeFileSync(passwordFile, 'hush');
  const { sink, reports } = await sinkOf(server, { user: 'a', passwordFile });
  await isUp(sink);
  expect(await refusalOf(sink.dispatch(eventOf(), contextOf()))).toBe('later');
  expect(reports.at(-1)).toMatchObject({ type: 'send_failed', failure: 'misconfigured' });
});

test('an account without JetStream is told as that', async () => {
  const server = await serverOf('accounts { PLAIN { users: [ { user: a, password: hush } ] } }');
  await server.start();
  const passwordFile = join(server.folder, 'password');
  writeFileSync(passwordFile, 'hush');
  const { sink } = await sinkOf(server, { user: 'a', passwordFile });
  await isDown(sink);
  expect(sink.health().lastError).toMatchObject({ failure: 'misconfigured' });
  expect(sink.health().lastError?.detail).toContain('JetStream');
});
