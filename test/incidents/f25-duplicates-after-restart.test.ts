import { expect, test } from 'vitest';
import { messageEvent } from '../../src/simulator/index.js';
import { DurableWorld } from '../support/durable-world.js';

const HOUR = 3_600_000;

test('F25: what the platform replays after a restart is recognised, hours later too', async () => {
  const world = new DurableWorld();
  await world.connect();
  for (let index = 0; index < 10; index++) {
    world.platform.send(messageEvent());
    await world.clock.advanceBy(100);
  }
  await world.crash();
  world.platform.inject({ fault: 'replay_events', count: 10 });
  await world.clock.advanceBy(7 * HOUR + 5 * 60_000);
  await world.restart();
  world.platform.inject({ fault: 'replay_events', count: 10 });
  expect(await world.reckon()).toEqual({ sent: 10, lost: [], handledTwice: [] });
});

test('F25: an ack that was lost brings the whole ladder, under new event ids, and one run', async () => {
  const world = new DurableWorld();
  await world.connect();
  world.platform.inject({ fault: 'change_event_ids' });
  // Durable, but the socket is gone before the ack: the platform knows of nothing.
  world.store.commitDelayMs = 50;
  const sent = world.platform.send(messageEvent());
  await world.clock.advanceBy(20);
  world.platform.inject({ fault: 'drop_socket' });
  await world.clock.advanceBy(HOUR);
  expect(sent.deliveries.length).toBeGreaterThan(1);
  expect(sent.deliveries.at(-1)?.eventId).not.toBe(sent.eventId);
  expect(world.handled).toHaveLength(1);
  expect(sent.state).toBe('acknowledged');
});

test('F25: two copies thirteen milliseconds apart are one event', async () => {
  const world = new DurableWorld({ store: { commitDelayMs: 30 } });
  await world.connect();
  world.platform.inject({ fault: 'duplicate_events', copies: 3 });
  for (let index = 0; index < 20; index++) {
    world.platform.send(messageEvent());
    await world.clock.advanceBy(13);
  }
  expect(await world.reckon()).toEqual({ sent: 20, lost: [], handledTwice: [] });
});

test('F25: killed again and again under traffic, it loses nothing that it acked', async () => {
  const world: DurableWorld = new DurableWorld({
    handle: () => new Promise<void>((resolve) => world.clock.timer(700, resolve)),
  });
  await world.connect();
  for (let kill = 0; kill < 8; kill++) {
    for (let index = 0; index < 15; index++) {
      world.platform.send(messageEvent({ chatId: `oc_${index % 4}` }));
      await world.clock.advanceBy(97);
    }
    await world.crash(3_000);
  }
  const { sent, lost } = await world.reckon();
  expect({ sent, lost }).toEqual({ sent: 120, lost: [] });
  // What ran when the process was killed runs again; nothing else does.
  const times = new Map<string, number>();
  for (const { id } of world.handled) times.set(id, (times.get(id) ?? 0) + 1);
  expect([...times.values()].every((count) => count === 1)).toBe(true);
});
