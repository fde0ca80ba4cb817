import { expect, test } from 'vitest';
import { messageEvent } from '../../src/simulator/index.js';
import { DurableWorld } from '../support/durable-world.js';
import { virtualWorld } from '../support/world.js';

const SLOW_MS = 20_000;

test('F13: with a journal the ack goes out when the event is durable, and a slow handler causes no redelivery', async () => {
  const world: DurableWorld = new DurableWorld({
    handle: () => new Promise<void>((resolve) => world.clock.timer(SLOW_MS, resolve)),
  });
  await world.connect();
  for (let index = 0; index < 50; index++) {
    world.platform.send(messageEvent({ chatId: `oc_${index % 5}` }));
    await world.clock.advanceBy(1_000);
  }
  expect(await world.reckon()).toEqual({ sent: 50, lost: [], handledTwice: [] });
  for (const { deliveries, acks } of world.platform.ledger.events) {
    expect(deliveries).toHaveLength(1);
    expect(acks.map(({ code, latencyMs }) => [code, latencyMs < 100])).toEqual([[200, true]]);
  }
});

test('F13: without one a slow handler costs a redelivery, which is recognised and waits for it', async () => {
  const world = virtualWorld({
    connector: { handlers: { '*': () => new Promise<void>((resolve) => world.clock.timer(SLOW_MS, resolve)) } },
  });
  await world.connect();
  const sent = world.platform.send(messageEvent());
  await world.clock.advanceBy(60_000);
  expect(sent.deliveries.length).toBeGreaterThan(1);
  expect(
    await world.metric('feishu_event_handler_duration_seconds_count{app="bot",event_type="im.message.receive_v1"}'),
  ).toBe(1);
});

test('F13: a disk that is full is no ack, and the event is handled when the platform pushes it again', async () => {
  const world = new DurableWorld();
  await world.connect();
  world.store.failNext(1, 'disk_full');
  const sent = world.platform.send(messageEvent());
  await world.clock.advanceBy(5_000);
  expect(sent.acks).toEqual([]);
  expect(world.handled).toEqual([]);
  expect(await world.reckon()).toEqual({ sent: 1, lost: [], handledTwice: [] });
  expect(sent.deliveries.map(({ rung }) => rung)).toEqual([0, 1]);
});
