import { afterEach, expect, test } from 'vitest';
import { startWorker, type WorkerOptions } from '../../examples/worker.js';
import { createSink } from '../../src/connector-sinks.js';
import { eventually } from '../support/eventually.js';
import { NatsServer } from '../support/nats-server.js';
import { contextOf, eventOf } from '../support/sink-stage.js';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function stage(partitions: number) {
  const server = await NatsServer.create();
  cleanups.push(() => server.dispose());
  await server.start();
  const sink = createSink(
    { jetstream: { servers: [server.url], partitions, stream: { name: 'FEISHU', create: true } } },
    { app: 'bot' },
  );
  await sink.start();
  cleanups.push(() => sink.stop());
  await eventually(() => sink.health().state === 'up', 'the sink being up');
  const send = (chat: string, nth: number) =>
    sink.dispatch(
      eventOf({ id: `${chat}-${nth}`, type: 'im.chat.updated_v1', data: { chat_id: chat, nth } }),
      contextOf(),
    );
  const start = async (options: Omit<WorkerOptions, 'servers' | 'stream'>) => {
    const worker = await startWorker({ servers: `127.0.0.1:${server.port}`, stream: 'FEISHU', ...options });
    cleanups.push(worker.stop);
    return worker;
  };
  return { server, send, start };
}

test('two workers share the events of one group, each event once, and another group gets all of them', async () => {
  const { send, start } = await stage(1);
  const shares: string[][] = [[], [], []];
  for (const [index, group] of ['bot', 'bot', 'archive'].entries()) {
    await start({ group, concurrency: 4, handle: async (_event, key) => void shares[index]?.push(key) });
  }
  for (let nth = 0; nth < 60; nth += 1) await send(`oc_${nth % 7}`, nth);
  await eventually(() => shares.flat().length === 120, 'every group having every event');
  const [one = [], two = [], archive = []] = shares;
  expect(new Set([...one, ...two])).toEqual(new Set(archive));
  expect(one.length + two.length).toBe(60);
});

test('a partition keeps the order of its chats, also when an event fails first', async () => {
  const { send, start } = await stage(3);
  const handled: string[] = [];
  let failures = 0;
  for (const partition of [0, 1, 2]) {
    await start({
      group: 'bot',
      partition,
      handle: async ({ id }) => {
        if (id === 'oc_1-2' && failures === 0) {
          failures += 1;
          throw new Error('not yet');
        }
        handled.push(id);
      },
    });
  }
  const chats = ['oc_1', 'oc_2', 'oc_3', 'oc_4', 'oc_5'];
  for (let nth = 0; nth < 8; nth += 1) for (const chat of chats) await send(chat, nth);
  await eventually(() => handled.length === 40, 'every event handled');
  expect(failures).toBe(1);
  for (const chat of chats) {
    expect(handled.filter((id) => id.startsWith(`${chat}-`))).toEqual(
      Array.from({ length: 8 }, (_, nth) => `${chat}-${nth}`),
    );
  }
});

test('a broker that is killed takes no event with it; what it delivers again has the key of the first time', async () => {
  const { server, send, start } = await stage(1);
  // The server writes acks down now and then: a killed one forgets the latest, and delivers those events again.
  const effects = new Set<string>();
  await start({ group: 'bot', handle: async (_event, key) => void effects.add(key) });
  for (let nth = 0; nth < 20; nth += 1) await send('oc_1', nth);
  await eventually(() => effects.size === 20, 'the first events handled');
  await server.kill();
  await server.start();
  const isSent = (nth: number) =>
    send('oc_1', nth).then(
      () => true,
      () => false,
    );
  for (let nth = 20; nth < 40; nth += 1) await eventually(() => isSent(nth), 'the sink being back');
  await eventually(() => effects.size >= 40, 'the other events handled');
  expect([...effects].sort()).toEqual(
    Array.from({ length: 40 }, (_, nth) => `cli_0123456789abcdef:event:oc_1-${nth}`).sort(),
  );
});
