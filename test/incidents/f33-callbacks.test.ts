import { expect, test } from 'vitest';
import { cardActionEvent, messageEvent } from '../../src/simulator/index.js';
import { DurableWorld } from '../support/durable-world.js';

const TOAST = { toast: { type: 'success', content: 'done' } };

test('F33: a click is answered in its ack within the three seconds, however many events wait', async () => {
  const world: DurableWorld = new DurableWorld({
    handle: (event) =>
      event.type === 'card.action.trigger' ? TOAST : new Promise<void>((resolve) => world.clock.timer(30_000, resolve)),
    connector: { delivery: { concurrency: 4, maxPending: 100 } },
  });
  await world.connect();
  // More than the queue takes.
  for (let index = 0; index < 150; index++) world.platform.send(messageEvent());
  await world.clock.advanceBy(1_000);
  expect(world.connector.status().delivery.pending).toBe(100);
  const click = world.platform.send(cardActionEvent());
  await world.clock.advanceBy(500);
  expect(click).toMatchObject({ state: 'acknowledged', result: TOAST });
});

test('F33: a click whose handler is late is answered with the fallback, where there is one', async () => {
  const fallback = { toast: { type: 'info', content: 'working on it' } };
  const handle = () => new Promise<void>(() => {});
  const world = new DurableWorld({ handle, connector: { delivery: { callbackFallback: fallback } } });
  await world.connect();
  const click = world.platform.send(cardActionEvent());
  await world.clock.advanceBy(2_900);
  expect(click).toMatchObject({ state: 'acknowledged', result: fallback });

  const plain = new DurableWorld({ handle });
  await plain.connect();
  const other = plain.platform.send(cardActionEvent());
  await plain.clock.advanceBy(2_900);
  expect(other.acks).toMatchObject([{ code: 500 }]);
});

test('F33: a copy of a click is answered alike and handled once, and not again after a restart', async () => {
  const world = new DurableWorld({ handle: () => TOAST });
  await world.connect();
  world.platform.inject({ fault: 'duplicate_events', copies: 2, times: 1 });
  const click = world.platform.send(cardActionEvent());
  await world.clock.advanceBy(1_000);
  expect(click.acks.map(({ code }) => code)).toEqual([200, 200, 200]);
  expect(world.handled).toHaveLength(1);
  await world.crash();
  world.platform.inject({ fault: 'replay_events', count: 1 });
  await world.clock.advanceBy(1_000);
  expect(world.handled).toHaveLength(1);
});

test('F33: a click is answered though the disk takes nothing', async () => {
  const world = new DurableWorld({ handle: () => TOAST });
  await world.connect();
  world.store.hang();
  const click = world.platform.send(cardActionEvent());
  await world.clock.advanceBy(1_000);
  expect(click).toMatchObject({ state: 'acknowledged', result: TOAST });
});
