import { expect, test } from 'vitest';
import { messageEvent } from '../../src/simulator/index.js';
import { DurableWorld } from '../support/durable-world.js';

test('F15: one of three fragments is never acked, expires by name, and the redelivery is handled', async () => {
  const world = new DurableWorld();
  await world.connect();
  world.platform.inject({ fault: 'fragment_events', parts: 3, missingSeq: 1, times: 1 });
  const sent = world.platform.send(messageEvent({ text: '片段'.repeat(200) }));
  await world.clock.advanceBy(10_000);
  expect(sent.acks).toEqual([]);
  expect(world.handled).toEqual([]);

  // The redelivery comes under a message id of its own, so that nothing fills the hole of the first.
  await world.clock.advanceBy(60_000);
  expect(await world.metric('feishu_event_fragments_expired_total{app="bot"}')).toBe(1);
  expect(world.handled.map(({ id }) => id)).toEqual([sent.eventId]);
  expect(sent.state).toBe('acknowledged');
  expect(await world.reckon()).toEqual({ sent: 1, lost: [], handledTwice: [] });
});

test('F15: fragments out of order and twice make one event, whole on the disk after a crash', async () => {
  let isStuck = true;
  const world = new DurableWorld({ handle: () => (isStuck ? new Promise(() => {}) : null) });
  await world.connect();
  world.platform.inject({ fault: 'fragment_events', parts: 4, order: 'reversed', duplicateSeq: 2, times: 1 });
  const text = '片段'.repeat(500);
  world.platform.send(messageEvent({ text }));
  await world.clock.advanceBy(2_000);
  isStuck = false;
  await world.crash();
  await world.clock.advanceBy(1_000);
  const [event] = world.handled;
  const message = event?.data.message as { content: string };
  expect(JSON.parse(message.content)).toEqual({ text });
});
