import { expect, test } from 'vitest';
import { watch } from '../support/watch.js';
import { virtualWorld, type WorldOptions } from '../support/world.js';

const HOUR_MS = 3_600_000;
const SILENCE_LIMIT_MS = 45_000;
const DISCONNECTS = (failure: string) => `feishu_ws_disconnects_total{app="bot",failure="${failure}"}`;

async function connected(options: WorldOptions = {}) {
  const world = virtualWorld(options);
  const seen = watch(world.connector, world.clock);
  await world.connect();
  await world.chat(3);
  return { ...world, seen };
}

/** A platform that keeps a silent connection: without that a long sleep always ends on a dead socket. */
const PATIENT = { platform: { missedPingLimit: null } } as const;

test.each([30_000, 2 * 60_000, 8 * HOUR_MS])(
  'F05, F39: a process that was frozen for %i ms keeps a socket that is still good',
  async (frozenMs) => {
    for (const seed of [1, 2, 3]) {
      const world = await connected({ seed, ...PATIENT });
      const { connectionId } = world.connector.status().connected;
      // At different points of the heartbeat: between two pings, with one on its way, with its pong on the way back.
      await world.clock.advanceBy([9_000, 19_700, 20_002][seed - 1] ?? 0);
      world.clock.sleep(frozenMs);
      await world.chat(3);
      await world.clock.advanceBy(10 * 60_000);
      expect(world.connector.status().connected).toMatchObject({ is: true, state: 'connected', connectionId });
      expect(world.seen.entered.map(({ state }) => state)).not.toContain('suspect');
      expect(world.seen.count('late')).toBeGreaterThan(0);
      expect(world.seen.count('disconnected')).toBe(0);
      expect(await world.metric('feishu_ws_reconnect_attempts_total{app="bot"}')).toBe(0);
      expect(await world.reckon()).toEqual({ sent: 6, lost: [], handledTwice: [] });
      await world.stop();
    }
  },
);

test.each([2 * 60_000, 8 * HOUR_MS])(
  'F05, F39: a socket that died during %i ms of sleep is replaced within the silence limit of waking up',
  async (asleepMs) => {
    const world = await connected();
    const { connectionId } = world.connector.status().connected;
    world.platform.inject({ fault: 'half_open' });
    world.clock.sleep(asleepMs);
    const isReplaced = () => {
      const { is, connectionId: id } = world.connector.status().connected;
      return is && id !== connectionId;
    };
    expect(await world.clock.runUntil(isReplaced, SILENCE_LIMIT_MS)).toBe(true);
    await world.chat(3);
    expect((await world.metric(DISCONNECTS('replaced'))) + (await world.metric(DISCONNECTS('heartbeat_timeout')))).toBe(
      1,
    );
    expect(await world.metric('feishu_ws_sockets_open{app="bot"}')).toBeLessThanOrEqual(2);
    expect(await world.reckon()).toEqual({ sent: 6, lost: [], handledTwice: [] });
  },
);

test('F05: names do not resolve for 20 s after waking up, and that eats no budget', async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const world = await connected({ seed });
    const { connectionId } = world.connector.status().connected;
    world.platform.inject({ fault: 'half_open' });
    world.clock.sleep(8 * HOUR_MS);
    world.platform.inject({ fault: 'dns_failure', forMs: 20_000 });
    const isReplaced = () => {
      const { is, connectionId: id } = world.connector.status().connected;
      return is && id !== connectionId;
    };
    // 25 s to give the old one up; the failures before that were its challenger's, and the wait after them is short.
    expect(await world.clock.runUntil(isReplaced, SILENCE_LIMIT_MS), `seed ${seed}`).toBe(true);
    await world.chat(3);
    expect(
      await world.metric('feishu_ws_connect_failures_total{app="bot",failure="dns_failed",verdict="retry"}'),
    ).toBeGreaterThan(0);
    expect(await world.reckon()).toEqual({ sent: 6, lost: [], handledTwice: [] });
    await world.stop();
  }
});

test('F05: the platform gave the sleeper up; the reset is read on waking, and it is back within seconds', async () => {
  const world = await connected();
  world.clock.sleep(8 * HOUR_MS);
  expect(await world.clock.runUntil(() => !world.connector.status().connected.is, 5_000)).toBe(true);
  expect(await world.untilConnected(3_000)).toBeLessThanOrEqual(3_000);
  await world.chat(3);
  expect(await world.metric(DISCONNECTS('connection_reset'))).toBe(1);
  expect(await world.reckon()).toEqual({ sent: 6, lost: [], handledTwice: [] });
});

test('F05: a wall clock that leaps over the sleep is counted, and a healthy socket is left alone', async () => {
  // Where the monotonic clock sleeps with the machine, only the wall clock tells of the night.
  const world = await connected();
  const { connectionId } = world.connector.status().connected;
  world.clock.stepWall(8 * HOUR_MS);
  await world.chat(3);
  await world.clock.advanceBy(60_000);
  expect(await world.metric('feishu_connector_clock_jumps_total{direction="forward"}')).toBe(1);
  expect(world.connector.status().connected).toMatchObject({ is: true, state: 'connected', connectionId });
  expect(world.seen.count('disconnected')).toBe(0);
  expect(await world.metric('feishu_ws_connect_attempts_total{app="bot"}')).toBe(1);
  expect(await world.reckon()).toEqual({ sent: 6, lost: [], handledTwice: [] });
});

test('F39: frozen every minute for an hour, as by a terminal, it loses neither its socket nor an event', async () => {
  const world = await connected(PATIENT);
  const { connectionId } = world.connector.status().connected;
  for (let minute = 0; minute < 60; minute++) {
    await world.chat(1, 33_000 + minute * 10);
    world.clock.sleep(27_000);
  }
  await world.clock.advanceBy(10_000);
  expect(world.connector.status().connected).toMatchObject({ is: true, connectionId });
  expect(world.seen.count('disconnected')).toBe(0);
  expect(await world.metric('feishu_ws_connect_attempts_total{app="bot"}')).toBe(1);
  expect(await world.reckon()).toEqual({ sent: 63, lost: [], handledTwice: [] });
});
