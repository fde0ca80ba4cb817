import { expect, test } from 'vitest';
import { NOTES_TABLE } from '../../src/catchup/index.js';
import type { CatchupOptions, CatchupReport } from '../../src/index.js';
import { messageEvent } from '../../src/simulator/index.js';
import { DurableWorld } from '../support/durable-world.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Pongs go on, events vanish, and the platform believes that they were taken: nothing on the socket tells. */
const ZOMBIE = { fault: 'mute', isCountedDelivered: true } as const;
const REPLACED = 'feishu_ws_disconnects_total{app="bot",failure="replaced"}';

async function zombieWorld(catchup: CatchupOptions, eventsPerHour: number | null, heartbeatMs = 20 * SECOND) {
  const world = new DurableWorld({ connector: { catchup, connection: { heartbeatMs } } });
  if (eventsPerHour !== null) {
    const hours = Array.from({ length: 168 }, () => eventsPerHour);
    const value = new TextEncoder().encode(JSON.stringify({ hours }));
    const written = world.store.commit([{ table: NOTES_TABLE, key: 'baseline', value }]);
    await world.clock.advanceBy(SECOND);
    await written;
  }
  const told: CatchupReport[] = [];
  world.connector.on('report', ({ room, report }) => {
    if (room === 'catchup') told.push(report);
  });
  await world.connect();
  return { world, told };
}

/** Somebody writes every so often, until it is over or the time is up. */
async function talk(world: DurableWorld, everyMs: number, limitMs: number, isOver: () => boolean): Promise<boolean> {
  const endsAt = world.clock.now() + limitMs;
  while (!isOver() && world.clock.now() < endsAt) {
    world.platform.send(messageEvent());
    await world.clock.advanceBy(everyMs);
  }
  return isOver();
}

const idOf = (world: DurableWorld) => world.connector.status().connected.connectionId;

test('F04: a zombie of a busy bot is proven and replaced within two minutes, and nothing is lost', async () => {
  const everyMs = 3 * SECOND;
  const { world, told } = await zombieWorld({}, HOUR / everyMs);
  await talk(world, everyMs, 5 * MINUTE, () => false);
  const zombie = idOf(world);
  world.platform.inject(ZOMBIE);
  const isReplaced = () => world.connector.status().connected.is && idOf(world) !== zombie;
  expect(await talk(world, everyMs, 2 * MINUTE, isReplaced)).toBe(true);
  // Make before break: there was no outage.
  expect(world.connector.status()).toMatchObject({ outage: null, attempts: { count: 2 } });
  expect(await world.metric('feishu_ws_outage_duration_seconds_count{app="bot"}')).toBe(0);
  const advised = told.filter(({ type }) => type === 'replace_advised');
  expect(advised).toMatchObject([{ proofs: expect.arrayContaining(['silence', 'unseen_message']) }]);

  await talk(world, everyMs, 2 * MINUTE, () => false);
  expect(world.connector.status()).toMatchObject({ receiving: { is: true, isDeaf: false }, gaps: { openCount: 0 } });
  expect(world.connector.status().gaps?.latest).toMatchObject([{ cause: 'deaf', recovered: 'yes' }]);
  const sent = world.platform.ledger.events.length;
  expect(new Set(world.handled.map(({ data }) => (data.message as { message_id: string }).message_id)).size).toBe(sent);
  expect(world.handled).toHaveLength(sent);
  await world.stop();
});

test('F04: as long as no other connection can be had, status says what proves it deaf, and since when', async () => {
  const everyMs = 3 * SECOND;
  const { world } = await zombieWorld({}, HOUR / everyMs);
  await talk(world, everyMs, 5 * MINUTE, () => false);
  world.platform.inject(ZOMBIE);
  world.platform.inject({ fault: 'discovery_hang' });
  const isKnown = () => world.connector.status().receiving.isDeaf;
  expect(await talk(world, everyMs, 2 * MINUTE, isKnown)).toBe(true);
  await world.clock.advanceBy(SECOND);
  const { connected, receiving } = world.connector.status();
  expect(connected.is).toBe(true);
  expect(receiving).toMatchObject({ is: false, evidence: expect.stringContaining('never arrived') });
  expect(receiving.ageMs).toBeGreaterThanOrEqual(SECOND);
  world.platform.clear();
  expect(await world.clock.runUntil(() => !isKnown(), HOUR)).toBe(true);
  await world.stop();
});

test('F04: a zombie of a quiet bot is proven and replaced within twenty minutes where history is compared every quarter', async () => {
  for (const sentAfterMs of [SECOND, MINUTE]) {
    const { world } = await zombieWorld({ reconcile: { everyMs: 15 * MINUTE } }, null);
    await talk(world, 10 * MINUTE, HOUR, () => false);
    const zombie = idOf(world);
    world.platform.inject(ZOMBIE);
    await world.clock.advanceBy(sentAfterMs);
    const lost = world.platform.send(messageEvent({ messageId: 'om_lost' }));
    expect(lost.state).toBe('acknowledged');
    const isReplaced = () => world.connector.status().connected.is && idOf(world) !== zombie;
    expect(await world.clock.runUntil(isReplaced, 20 * MINUTE)).toBe(true);
    await world.clock.advanceBy(2 * MINUTE);
    expect(world.handled.at(-1)).toMatchObject({ source: 'catchup', data: { message: { message_id: 'om_lost' } } });
    await world.stop();
  }
});

test('F04: a platform that counts fewer connections than we hold is believed at its second word', async () => {
  const { world, told } = await zombieWorld({}, null);
  await talk(world, MINUTE, 3 * MINUTE, () => false);
  const zombie = idOf(world);
  world.platform.inject({ ...ZOMBIE, isUncounted: true });
  expect(await world.clock.runUntil(() => idOf(world) !== zombie, 20 * MINUTE)).toBe(true);
  expect(told.filter(({ type }) => type === 'replace_advised')).toHaveLength(1);
  await world.clock.advanceBy(10 * MINUTE);
  expect(world.connector.status().serverView).toMatchObject({ verdict: 'agrees', seen: 1, expected: 1 });
  expect(await world.metric(REPLACED)).toBe(1);
  await world.stop();
});

test('F31: thirty healthy days of an idle bot: no suspicion, nothing replaced, and no more than a hundred calls a day', {
  timeout: 60_000,
}, async () => {
  const { world, told } = await zombieWorld({}, null, 2 * MINUTE);
  const { connectionId } = world.connector.status().connected;
  for (let day = 0; day < 30; day++) {
    const before = world.platform.traffic.count('api');
    world.platform.send(messageEvent());
    await world.clock.advanceBy(24 * HOUR);
    expect(world.platform.traffic.count('api') - before).toBeLessThanOrEqual(100);
  }
  expect(idOf(world)).toBe(connectionId);
  expect(
    told.filter(({ type }) => type === 'suspected' || type === 'replace_advised' || type === 'gap_opened'),
  ).toEqual([]);
  expect(world.connector.status()).toMatchObject({
    attempts: { count: 1 },
    receiving: { is: true },
    serverView: { verdict: 'agrees' },
    budget: { level: 'free' },
  });
  expect(world.handled).toHaveLength(30);
  await world.stop();
});
