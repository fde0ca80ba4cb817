import { expect, test } from 'vitest';
import { messageEvent } from '../../src/simulator/index.js';
import { stage } from './stage.js';

test('the oldest events are forgotten, the counts are not', async () => {
  const { clock, platform, visitor } = stage({ maxEvents: 3 });
  const client = await visitor().connect();
  client.acks = { code: 200 };
  await clock.advanceBy(10);
  for (const eventId of ['a', 'b', 'c', 'd', 'e']) platform.send(messageEvent({ eventId }));
  await clock.advanceBy(10);
  expect(platform.ledger.events.map(({ eventId }) => eventId)).toEqual(['c', 'd', 'e']);
  expect(platform.ledger.summary).toEqual({
    total: 5,
    kept: 3,
    pending: 0,
    acknowledged: 5,
    exhausted: 0,
    timed_out: 0,
  });
  expect(platform.ledger.find('a')).toBeNull();
  expect(platform.ledger.find('e')?.state).toBe('acknowledged');
});

test('an event that was forgotten while it was pending is still redelivered and acknowledged', async () => {
  const { clock, platform, visitor } = stage({ maxEvents: 1 });
  const forgotten = platform.send(messageEvent({ eventId: 'forgotten' }));
  platform.send(messageEvent());
  const client = await visitor().connect();
  client.acks = { code: 200 };
  await clock.advanceBy(20_000);
  expect(forgotten.state).toBe('acknowledged');
  expect(platform.ledger.summary).toMatchObject({ kept: 1, acknowledged: 2 });
});

test('the traffic counts for ever and remembers the latest thousand of each kind', async () => {
  const { clock, platform, visitor } = stage();
  const client = await visitor().connect();
  for (let count = 0; count < 1500; count++) client.sendPing();
  await clock.advanceBy(5);
  expect(platform.traffic.count('ping')).toBe(1500);
  const recent = platform.traffic.recent('ping');
  expect(recent).toHaveLength(1000);
  expect(recent[0]).toEqual({ at: 25, wallAt: clock.wallNow(), appId: expect.any(String), outcome: 'answered' });
  expect(platform.traffic.counts).toMatchObject({ discovery: 1, handshake: 1, opened: 1, closed: 0 });
});

test("the platform's wall clock does not follow when the host's is moved", async () => {
  const { clock, platform } = stage();
  const trueTime = clock.wallNow();
  clock.stepWall(7_200_000);
  expect(platform.send(messageEvent()).sentWallAt).toBe(trueTime);
});
