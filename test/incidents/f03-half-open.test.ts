import { expect, test } from 'vitest';
import { seededRandom } from '../../src/ports/index.js';
import { inMemoryFace } from '../../src/simulator/in-memory-face.js';
import { messageEvent } from '../../src/simulator/index.js';
import { Platform } from '../../src/simulator/platform.js';
import { VirtualClock } from '../../src/simulator/virtual-clock.js';
import { cuttable, type Way } from '../support/cut-link.js';
import { watch } from '../support/watch.js';
import { virtualWorld } from '../support/world.js';

/** The silence limit of the default policy: 20 s to the next ping, 15 s for its answer, 10 s to answer when asked again. */
const SILENCE_LIMIT_MS = 45_000;
const REPLACED = 'feishu_ws_disconnects_total{app="bot",failure="replaced"}';
const TIMED_OUT = 'feishu_ws_disconnects_total{app="bot",failure="heartbeat_timeout"}';

/** A world that talked for a while, so that the silence falls into the middle of a heartbeat. */
async function connected(seed: number, PingInterval: number) {
  const world = virtualWorld({ seed, platform: { clientConfig: { PingInterval } } });
  const seen = watch(world.connector, world.clock);
  await world.connect();
  await world.chat(5, 1_000 + 997 * seed);
  return { ...world, seen };
}

test.each([5, 20, 30, 90, 120, 300])(
  'F03: at a pushed PingInterval of %i s a half-open socket is replaced within 45 s, without an outage',
  async (pingInterval) => {
    for (const seed of [1, 2, 3, 4]) {
      const world = await connected(seed, pingInterval);
      const { connectionId } = world.connector.status().connected;
      world.platform.inject({ fault: 'half_open' });
      const silentAt = world.clock.now();
      await world.chat(3);
      const isReplaced = () => world.connector.status().connected.connectionId !== connectionId;
      expect(await world.clock.runUntil(isReplaced, SILENCE_LIMIT_MS), `seed ${seed}`).toBe(true);
      expect(world.seen.lastEntered('suspect')).toBeGreaterThan(silentAt);

      // Make before break: there was no moment without a connection, and the old socket is gone a moment later.
      await world.clock.advanceBy(5_000);
      expect(world.seen.gaps().slice(1)).toEqual([]);
      expect(world.connector.status()).toMatchObject({ connected: { is: true }, outage: null });
      expect(await world.metric(REPLACED)).toBe(1);
      expect(await world.metric(TIMED_OUT)).toBe(0);
      expect(await world.metric('feishu_ws_outage_duration_seconds_count{app="bot"}')).toBe(0);
      expect(await world.metric('feishu_ws_reconnect_attempts_total{app="bot"}')).toBe(1);
      expect(await world.metric('feishu_ws_sockets_open{app="bot"}')).toBe(1);
      expect(await world.reckon()).toEqual({ sent: 8, lost: [], handledTwice: [] });
      await world.stop();
    }
  },
);

test.each([5, 120, 300])(
  'F03: at a pushed PingInterval of %i s and no way in for a new socket it is given up at the limit, then regained',
  async (pingInterval) => {
    const world = await connected(1, pingInterval);
    world.platform.inject({ fault: 'half_open' });
    const outside = world.platform.inject({ fault: 'refuse_tcp' });
    await world.chat(3);
    const isLost = () => !world.connector.status().connected.is;
    expect(await world.clock.runUntil(isLost, SILENCE_LIMIT_MS)).toBe(true);
    expect(world.connector.status().outage).toMatchObject({ cause: 'heartbeat_timeout' });
    expect(await world.metric('feishu_ws_connected{app="bot"}')).toBe(0);
    expect(await world.metric(TIMED_OUT)).toBe(1);
    await world.clock.advanceBy(60_000);
    world.platform.clear(outside);
    await world.untilConnected(300_000);
    await world.chat(3);
    expect(world.said()).toContain('[feishu] reconnected');
    expect(await world.metric('feishu_ws_sockets_open{app="bot"}')).toBe(1);
    expect(await world.reckon()).toEqual({ sent: 11, lost: [], handledTwice: [] });
  },
);

test('F03: where new sockets are mute as well, nothing claims to be connected beyond the limit', async () => {
  const world = await connected(1, 120);
  const fault = world.platform.inject({ fault: 'half_open', sockets: 'all' });
  await world.chat(3);
  expect(await world.clock.runUntil(() => !world.connector.status().connected.is, SILENCE_LIMIT_MS)).toBe(true);
  // A 101 without a pong proves nothing, however often it comes.
  const isClaimed = () => world.connector.status().connected.is;
  expect(await world.clock.runUntil(isClaimed, 3_600_000)).toBe(false);
  expect(
    await world.metric('feishu_ws_connect_failures_total{app="bot",failure="proof_timeout",verdict="retry"}'),
  ).toBeGreaterThan(5);
  expect(await world.metric('feishu_ws_sockets_open{app="bot"}')).toBeLessThanOrEqual(1);
  world.platform.clear(fault);
  await world.untilConnected(310_000);
  await world.chat(3);
  expect(await world.reckon()).toEqual({ sent: 11, lost: [], handledTwice: [] });
});

const CUTS: readonly (readonly Way[])[] = [['up'], ['down'], ['up', 'down']];

test.each(CUTS.map((ways) => [ways]))(
  'F03: a link that is cut %j is noticed and replaced within 45 s of the last word',
  async (ways) => {
    const clock = new VirtualClock();
    const platform = new Platform({ clock, random: seededRandom(3) });
    const face = inMemoryFace(platform);
    const link = cuttable(face.dial, clock);
    const world = virtualWorld({
      connector: { seams: { clock, random: seededRandom(4), http: face.http, dial: link.dial } },
    });
    const seen = watch(world.connector, clock);
    await world.connector.start();
    await clock.advanceBy(70_000);
    const { is, connectionId } = world.connector.status().connected;
    expect(is).toBe(true);

    link.cut(...ways);
    const sent = platform.send(messageEvent());
    // Counted from the last thing heard: where only our own words are lost, a redelivery still comes in between.
    let heardAt = Number.NaN;
    const isReplaced = () => {
      const { connected, receiving } = world.connector.status();
      if (connected.connectionId !== connectionId) return true;
      heardAt = receiving.lastFrameAt ?? Number.NaN;
      return false;
    };
    expect(await clock.runUntil(isReplaced, 2 * SILENCE_LIMIT_MS)).toBe(true);
    expect(clock.wallNow() - heardAt).toBeLessThanOrEqual(SILENCE_LIMIT_MS);
    await clock.advanceBy(5_000);
    expect(seen.gaps().slice(1)).toEqual([]);
    expect(await world.metric(REPLACED)).toBe(1);
    expect(await world.metric('feishu_ws_sockets_open{app="bot"}')).toBe(1);
    // What went into the cut is redelivered; where only our acks were lost it is a duplicate.
    await clock.advanceBy(8 * 3_600_000);
    expect(sent.state).toBe('acknowledged');
    expect(world.handled.map(({ id }) => id)).toEqual([sent.eventId]);
  },
);

test('F03: late answers alone are no half-open socket, and nothing is replaced', async () => {
  // 3 s deadlines killed healthy links 37 times in 3 h: 12 s of delay are within ours.
  const world = await connected(1, 30);
  world.platform.inject({ fault: 'pong_delay', delayMs: 12_000 });
  await world.clock.advanceBy(3 * 3_600_000);
  expect(world.seen.entered.map(({ state }) => state)).not.toContain('suspect');
  expect(await world.metric('feishu_ws_reconnect_attempts_total{app="bot"}')).toBe(0);
  expect(await world.reckon()).toEqual({ sent: 5, lost: [], handledTwice: [] });
});
