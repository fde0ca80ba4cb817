import { expect, test } from 'vitest';
import { seededRandom } from '../../src/ports/index.js';
import { inMemoryFace, messageEvent } from '../../src/simulator/index.js';
import { Platform } from '../../src/simulator/platform.js';
import { VirtualClock } from '../../src/simulator/virtual-clock.js';
import { watch } from '../support/watch.js';
import { virtualWorld } from '../support/world.js';

const DAY_MS = 86_400_000;

/** A world behind a link of 20 ms each way, and up to 300 ms more for any message. */
function shakyWorld(seed: number, PingInterval: number) {
  const clock = new VirtualClock();
  const platform = new Platform({ clock, random: seededRandom(seed), clientConfig: { PingInterval } });
  const face = inMemoryFace(platform, { latencyMs: 20, jitterMs: 300, random: seededRandom(seed + 1) });
  const world = virtualWorld({ connector: { seams: { clock, random: seededRandom(seed + 2), ...face } } });
  return { ...world, clock, platform, seen: watch(world.connector, clock) };
}

async function start({ connector, clock }: ReturnType<typeof shakyWorld>): Promise<void> {
  await connector.start();
  expect(await clock.runUntil(() => connector.status().connected.is, 60_000)).toBe(true);
}

test.each([
  [120, 30],
  [30, 3],
  [300, 3],
])(
  'F31: pongs every %i s and nothing else for %i days: no suspicion, no reconnect, no call too many',
  async (pingIntervalS, days) => {
    const world = shakyWorld(days, pingIntervalS);
    await start(world);
    const { connectionId } = world.connector.status().connected;
    await world.clock.advanceBy(days * DAY_MS);
    expect(world.seen.entered.map(({ state }) => state)).toEqual(['discovering', 'dialing', 'proving', 'connected']);
    expect(world.connector.status()).toMatchObject({ connected: { is: true, connectionId }, receiving: { is: true } });
    expect(world.platform.traffic.counts).toMatchObject({ discovery: 1, opened: 1, closed: 0 });
    // The platform's count of our connections is asked for every quarter of an hour, and nothing else is.
    expect(world.platform.traffic.count('api')).toBeLessThanOrEqual(96 * days);
    expect(world.connector.status().serverView).toMatchObject({ verdict: 'agrees', seen: 1, expected: 1 });
    expect(await world.metric('feishu_ws_connect_attempts_total{app="bot"}')).toBe(1);
    expect(await world.metric('feishu_ws_state{app="bot",state="suspect"}')).toBe(0);
    // The protocol's pings keep the pace that the platform asked for: no faster, and none left out.
    const pings = world.platform.traffic.count('ping');
    expect(Math.abs(pings - (days * DAY_MS) / (pingIntervalS * 1_000))).toBeLessThan(0.001 * pings + 3);
    expect(world.said('warn')).toEqual([]);
  },
  60_000,
);

test('F31: kicked every half hour for a week, it reconnects as often as it was kicked, and never by its own doubt', async () => {
  const world = shakyWorld(7, 120);
  await start(world);
  world.platform.inject({ fault: 'kick_every', everyMs: 1_800_000, code: 1000, reason: 'bye' });
  await world.clock.advanceBy(7 * DAY_MS);
  const kicks = world.platform.traffic.count('closed');
  expect(kicks).toBeGreaterThan(330);
  expect(world.seen.entered.map(({ state }) => state)).not.toContain('suspect');
  expect(await world.metric('feishu_ws_disconnects_total{app="bot",failure="closed_by_peer"}')).toBe(kicks);
  expect(await world.metric('feishu_ws_disconnects_total{app="bot",failure="heartbeat_timeout"}')).toBe(0);
  expect(await world.metric('feishu_ws_disconnects_total{app="bot",failure="replaced"}')).toBe(0);
  expect(Math.max(...world.seen.gaps().slice(1))).toBeLessThan(5_000);
});

test('F31: a few events a day with hours of silence between them are no reason for anything', async () => {
  const world = shakyWorld(9, 90);
  await start(world);
  for (let event = 0; event < 12; event++) {
    world.platform.send(messageEvent());
    await world.clock.advanceBy(28 * 3_600_000);
  }
  expect(world.handled.length).toBe(12);
  expect(world.platform.traffic.counts).toMatchObject({ discovery: 1, opened: 1, closed: 0 });
});

test('F31: a gateway that is too busy for pongs but delivers events is alive, and left alone', async () => {
  const world = shakyWorld(5, 120);
  await start(world);
  const { connectionId } = world.connector.status().connected;
  world.platform.inject({ fault: 'silent_pongs', pings: 'both', forMs: 3_600_000 });
  for (let second = 0; second < 3_600; second += 8) {
    world.platform.send(messageEvent());
    await world.clock.advanceBy(8_000);
  }
  // The last word of the hour answers the last question of it.
  world.platform.send(messageEvent());
  await world.clock.advanceBy(600_000);
  expect(world.seen.entered.map(({ state }) => state)).not.toContain('suspect');
  expect(world.connector.status().connected).toMatchObject({ is: true, connectionId });
  expect(world.handled.length).toBe(451);
});
