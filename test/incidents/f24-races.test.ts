import { expect, test } from 'vitest';
import { messageEvent } from '../../src/simulator/index.js';
import { acknowledged, realConnector, realPlatform } from '../support/real-world.js';
import { virtualWorld } from '../support/world.js';

test('F24: an event in the segment of the 101 is handled and acknowledged on that very connection', async () => {
  const world = virtualWorld();
  world.platform.inject({ fault: 'glue_to_101', times: 1 });
  await world.connect();
  await world.clock.advanceBy(100);
  const [event] = world.platform.ledger.events;
  expect(event?.state).toBe('acknowledged');
  expect(event?.deliveries.map(({ rung, fate }) => [rung, fate])).toEqual([[0, 'sent']]);
  expect(event?.acks.map(({ connectionId, code }) => [connectionId, code])).toEqual([
    [world.connector.status().connected.connectionId, 200],
  ]);
  expect(await world.metric('feishu_events_received_total{app="bot",event_type="im.message.receive_v1"}')).toBe(1);
  expect(await world.reckon()).toEqual({ sent: 1, lost: [], handledTwice: [] });
});

test('F24: right after a reconnect the backlog waits in that segment, and none of it is lost', async () => {
  const world = virtualWorld();
  await world.connect();
  for (let reconnect = 0; reconnect < 20; reconnect++) {
    world.platform.inject({ fault: 'glue_to_101', times: 1 });
    world.platform.inject({ fault: 'drop_socket' });
    // Sent to nobody: the first of them comes with the next 101.
    const sent = world.platform.send(messageEvent());
    await world.clock.advanceBy(70_000);
    expect(sent.state).toBe('acknowledged');
  }
  expect(await world.reckon()).toEqual({ sent: 20, lost: [], handledTwice: [] });
});

test('F24: on a real socket as well, where 101 and frame arrive in one read', async () => {
  const { simulator, url } = await realPlatform();
  for (let round = 0; round < 10; round++) {
    simulator.inject({ fault: 'glue_to_101', times: 1 });
    const bot = realConnector(url);
    await bot.connect();
    const event = simulator.platform.ledger.events[round];
    if (event === undefined) throw new Error('the platform glued no event');
    await acknowledged(event, `the event glued to handshake ${round}`);
    expect(event.deliveries.length).toBe(1);
    expect(bot.handled.map(({ id }) => id)).toEqual([event.eventId]);
    await bot.connector.stop();
  }
});

test('F24: an acknowledgement goes out on the connection that its event came on, or not at all', async () => {
  const pending: (() => void)[] = [];
  const handled: string[] = [];
  const world = virtualWorld({
    connector: {
      handlers: {
        '*': (event) =>
          new Promise<void>((resolve) => {
            pending.push(() => {
              handled.push(event.id);
              resolve();
            });
          }),
      },
    },
  });
  await world.connect();
  await world.clock.advanceBy(60_000);
  const sent = world.platform.send(messageEvent());
  await world.clock.advanceBy(100);
  world.platform.inject({ fault: 'drop_socket' });
  await world.clock.advanceBy(2_500);
  expect(world.connector.status().connected.is).toBe(true);
  // The handler ends only now, with another connection open.
  for (const finish of pending.splice(0)) finish();
  await world.clock.advanceBy(100);
  expect(sent.acks).toEqual([]);
  // The redelivery is recognised, answered on its own connection, and handled by nobody again.
  await world.clock.advanceBy(20_000);
  expect(sent.state).toBe('acknowledged');
  const cameOn = new Map(sent.deliveries.map(({ messageId, connectionId }) => [messageId, connectionId]));
  for (const ack of sent.acks) expect(ack.connectionId).toBe(cameOn.get(ack.messageId));
  expect(handled).toEqual([sent.eventId]);
  expect(await world.metric('feishu_event_duplicates_total{app="bot"}')).toBe(1);
});

test('F24: a drop in every step of an attempt leaves no lock behind that would end the retrying', async () => {
  for (let atMs = 0; atMs <= 60; atMs += 2) {
    const world = virtualWorld();
    await world.connector.start();
    await world.clock.advanceBy(atMs);
    world.platform.inject({ fault: 'drop_socket' });
    await world.untilConnected(10_000);
    await world.clock.advanceBy(5_000);
    world.platform.inject({ fault: 'drop_socket' });
    await world.clock.advanceBy(10);
    await world.untilConnected(10_000);
    await world.chat(2);
    expect(await world.reckon(), `dropped ${atMs} ms after start`).toEqual({ sent: 2, lost: [], handledTwice: [] });
    await world.stop();
  }
});
