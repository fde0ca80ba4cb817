import { expect, test } from 'vitest';
import { messageEvent } from '../../src/simulator/index.js';
import { stage } from './stage.js';

test('half-open: nothing comes in, nothing goes out, and the socket looks open', async () => {
  const { clock, platform, visitor } = stage();
  const client = await visitor().connect();
  platform.inject({ fault: 'half_open' });
  expect(client.sendPing()).toBe(true);
  client.socket?.ping();
  platform.send(messageEvent());
  await clock.advanceBy(60_000);
  expect(client.log).toEqual(['opened']);
  expect(platform.traffic.count('ping')).toBe(0);
});

test('a new connection is not frozen unless the fault says so', async () => {
  const { clock, platform, visitor } = stage();
  await visitor().connect();
  const id = platform.inject({ fault: 'half_open' });
  const fresh = await visitor().connect();
  fresh.sendPing();
  await clock.advanceBy(10);
  expect(fresh.pongs).toHaveLength(1);
  platform.clear(id);
  platform.inject({ fault: 'half_open', sockets: 'all' });
  const frozen = await visitor().connect();
  frozen.sendPing();
  await clock.advanceBy(60_000);
  expect(frozen.log).toEqual(['opened']);
});

test('when the network remembers, everything held back flows, in order', async () => {
  const { clock, platform, visitor } = stage();
  const client = await visitor().connect();
  client.acks = { code: 200 };
  await clock.advanceBy(10);
  platform.inject({ fault: 'half_open', forMs: 2000 });
  const first = platform.send(messageEvent({ eventId: 'first' }));
  platform.send(messageEvent({ eventId: 'second' }));
  client.sendPing();
  await clock.advanceBy(1999);
  expect(client.log).toEqual(['opened']);
  await clock.advanceBy(20);
  expect(client.eventIds).toEqual(['first', 'second']);
  expect(client.pongs).toHaveLength(1);
  expect(first.state).toBe('acknowledged');
});

test('a client that gives up is not noticed: the platform keeps routing to the frozen connection', async () => {
  const { clock, platform, visitor } = stage();
  const lost = await visitor().connect();
  platform.inject({ fault: 'half_open' });
  lost.socket?.terminate();
  await clock.advanceBy(10_000);
  expect(lost.end).toMatchObject({ error: 'reset' });
  expect(platform.connections()).toHaveLength(1);
  const event = platform.send(messageEvent());
  expect(event.deliveries[0]).toMatchObject({ connectionId: lost.id, fate: 'sent' });
});

test('pings that do not get through end the connection for the platform, and the client hears nothing of it', async () => {
  const { clock, platform, visitor } = stage({ clientConfig: { PingInterval: 10 } });
  const client = await visitor().connect();
  const id = platform.inject({ fault: 'half_open' });
  await clock.advanceBy(31_000);
  expect(platform.connections()).toHaveLength(0);
  expect(client.isOpen).toBe(true);
  platform.clear(id);
  await clock.advanceBy(5);
  expect(client.end).toMatchObject({ how: 'failed', error: 'reset' });
});

test('a close frame is not answered by a frozen peer: the deadline ends it', async () => {
  const { clock, platform, visitor } = stage();
  const client = await visitor().connect();
  platform.inject({ fault: 'half_open' });
  client.socket?.close(1000, 'bye', 1500);
  await clock.advanceBy(1499);
  expect(client.end).toBeNull();
  await clock.advanceBy(1);
  expect(client.end).toMatchObject({ how: 'failed', error: 'reset' });
});

test('one of three freezes, the others live', async () => {
  const { clock, platform, visitor } = stage();
  const clients = [await visitor().connect(), await visitor().connect(), await visitor().connect()];
  platform.inject({ fault: 'half_open', which: clients[1]?.id ?? '' });
  for (const client of clients) client.sendPing();
  await clock.advanceBy(10);
  expect(clients.map((client) => client.pongs.length)).toEqual([1, 0, 1]);
});

test('two overlapping freezes end with the later one', async () => {
  const { clock, platform, visitor } = stage();
  const client = await visitor().connect();
  platform.inject({ fault: 'half_open', forMs: 1000 });
  platform.inject({ fault: 'half_open', forMs: 5000 });
  client.sendPing();
  await clock.advanceBy(4999);
  expect(client.pongs).toHaveLength(0);
  await clock.advanceBy(20);
  expect(client.pongs).toHaveLength(1);
});

test('connections that both sides have given up leave nothing behind', async () => {
  const { clock, platform, visitor } = stage({ clientConfig: { PingInterval: 1 } });
  platform.inject({ fault: 'half_open', sockets: 'all' });
  for (let count = 0; count < 5; count++) (await visitor().connect()).socket?.terminate();
  await clock.advanceBy(10_000);
  expect(platform.connections()).toHaveLength(0);
  expect(clock.pendingTimers).toBe(0);
});
