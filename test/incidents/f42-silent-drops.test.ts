import { expect, test } from 'vitest';
import { DROP_REASONS } from '../../src/delivery/index.js';
import { customEvent, messageEvent } from '../../src/simulator/index.js';
import { DurableWorld } from '../support/durable-world.js';

const MINUTE = 60_000;

test('F42: whatever is not handled is counted under its reason and said in the log', async () => {
  const world: DurableWorld = new DurableWorld({
    connector: {
      handlers: { 'im.message.receive_v1': () => new Promise<void>((resolve) => world.clock.timer(MINUTE, resolve)) },
      delivery: { maxPending: 2, maxAgeMs: 10 * MINUTE, staleEvents: 'drop' },
    },
  });
  await world.connect();
  world.platform.send(customEvent('im.chat.disbanded_v1', {})); // nobody registered for it
  world.platform.send(messageEvent({ createTime: world.clock.wallNow() - 11 * MINUTE })); // too old
  for (let index = 0; index < 4; index++) world.platform.send(messageEvent()); // two more than there is room for
  world.platform.inject({ fault: 'card_frame' });
  world.platform.inject({ fault: 'unknown_type_frame' });
  await world.clock.advanceBy(1_000);

  const dropped = new Map<string, number>();
  for (const reason of DROP_REASONS) {
    const count = await world.metric(`feishu_events_dropped_total{app="bot",reason="${reason}"}`);
    if (count > 0) dropped.set(reason, count);
  }
  expect(Object.fromEntries(dropped)).toEqual({
    no_handler: 1,
    too_old: 1,
    overloaded: 2,
    card_frame: 1,
    unknown_type: 1,
  });
  const said = new Set(
    world.logs.filter(({ event, level }) => event === 'dropped' && Number(level) >= 30).map(({ reason }) => reason),
  );
  expect(said).toEqual(new Set(dropped.keys()));
  // Two were not acked, so that they come again; none of the others does.
  const acknowledged = world.platform.ledger.events.filter(({ state }) => state === 'acknowledged');
  expect(acknowledged).toHaveLength(4);
});

test('F42: every event that arrived is accounted for: handled, dead, dropped by name, or known before', async () => {
  let calls = 0;
  const world = new DurableWorld({
    handle: () => {
      calls += 1;
      if (calls % 3 === 0) throw new Error('now and then');
    },
    connector: { delivery: { maxAttempts: 2 } },
  });
  await world.connect();
  world.platform.inject({ fault: 'duplicate_events', copies: 1, forMs: 20_000 });
  for (let index = 0; index < 100; index++) {
    world.platform.send(messageEvent({ chatId: `oc_${index}` }));
    await world.clock.advanceBy(200);
  }
  await world.clock.advanceBy(10 * MINUTE);
  const received = await world.metric('feishu_events_received_total{app="bot",event_type="im.message.receive_v1"}');
  const duplicates = await world.metric('feishu_event_duplicates_total{app="bot"}');
  expect(received).toBe(200);
  expect(world.handled.length + world.connector.status().delivery.deadLetters + duplicates).toBe(received);
});
