import { expect, test } from 'vitest';
import type { FeishuEvent } from '../../src/index.js';
import { messageEvent } from '../../src/simulator/index.js';
import { DurableWorld } from '../support/durable-world.js';

const MINUTE = 60_000;

/** Ten commands are given while the bot is away for an hour, and one when it is back. */
async function afterTheOutage(staleEvents: 'tag' | 'hold' | 'drop'): Promise<DurableWorld> {
  const world = new DurableWorld({ connector: { delivery: { maxAgeMs: 10 * MINUTE, staleEvents } } });
  await world.connect();
  await world.stop();
  for (let index = 0; index < 10; index++) world.platform.send(messageEvent({ text: 'deploy' }));
  await world.clock.advanceBy(50 * MINUTE);
  world.store = world.store.crash();
  await world.connect();
  await world.clock.advanceBy(20 * MINUTE);
  world.platform.send(messageEvent({ text: 'status' }));
  await world.clock.advanceBy(MINUTE);
  return world;
}

const staleOf = (events: readonly FeishuEvent[]) => events.filter(({ isStale }) => isStale).length;

test('F36: stale commands are told apart: tagged, with their age and where they come from', async () => {
  const world = await afterTheOutage('tag');
  expect(world.handled).toHaveLength(11);
  expect(staleOf(world.handled)).toBe(10);
  expect(world.handled[0]).toMatchObject({ source: 'redelivery', isStale: true });
  expect(world.handled[0]?.ageMs).toBeGreaterThan(10 * MINUTE);
  expect(world.handled.at(-1)).toMatchObject({ source: 'push', isStale: false });
});

test('F36: or held until a human says what is still wanted', async () => {
  const world = await afterTheOutage('hold');
  expect(world.handled).toHaveLength(1);
  const { letters } = world.connector.deadLetters.list();
  expect(letters).toHaveLength(10);
  expect(new Set(letters.map(({ reason }) => reason))).toEqual(new Set(['held']));
  await Promise.all([world.connector.deadLetters.replay(letters[0]?.eventId ?? ''), world.clock.advanceBy(1_000)]);
  expect(world.handled.at(-1)).toMatchObject({ id: letters[0]?.eventId, isStale: true });
});

test('F36: or dropped, acked and counted', async () => {
  const world = await afterTheOutage('drop');
  expect(world.handled).toHaveLength(1);
  expect(await world.metric('feishu_events_dropped_total{app="bot",reason="too_old"}')).toBe(10);
  expect(world.platform.ledger.events.every(({ state }) => state === 'acknowledged')).toBe(true);
});

test('F36: a command that waited in the journal while the process was down is judged by its age when it runs', async () => {
  let isStuck = true;
  const world: DurableWorld = new DurableWorld({
    handle: () => (isStuck ? new Promise(() => {}) : null),
    connector: { delivery: { maxAgeMs: 10 * MINUTE } },
  });
  await world.connect();
  world.platform.send(messageEvent({ text: 'deploy' }));
  await world.clock.advanceBy(1_000);
  isStuck = false;
  await world.crash(60 * MINUTE);
  await world.clock.advanceBy(1_000);
  expect(world.handled).toMatchObject([{ isStale: true, source: 'push' }]);
  expect(world.handled[0]?.ageMs).toBeGreaterThan(60 * MINUTE);
});
