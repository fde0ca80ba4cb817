import { expect, test } from 'vitest';
import { watch } from '../support/watch.js';
import { virtualWorld } from '../support/world.js';

const HOUR_MS = 3_600_000;
/** The quick retry after a stable connection, and what an attempt takes on a link with 5 ms each way. */
const BACK_WITHIN_MS = 2_000 + 100;
const LIFE_BUCKETS_S = [10, 30, 60, 90, 120, 300, 900, 3_600] as const;

test.each([
  // Most of the lives that were measured end after 60 to 120 s, give or take three.
  ['1000 after 60 s', { code: 1000 }, 'closed_by_peer', 60],
  ['1000 a little sooner', { code: 1000 }, 'closed_by_peer', 57],
  ['1000 at the first beat', { code: 1000 }, 'closed_by_peer', 30],
  ['1000 bye', { code: 1000, reason: 'bye' }, 'closed_by_peer', 90],
  ['1001', { code: 1001 }, 'closed_by_peer', 120],
  ['a reset, which is 1006', {}, 'connection_reset', 120],
  ['1011', { code: 1011, reason: 'keepalive ping timeout' }, 'closed_by_peer', 150],
  ['1012', { code: 1012 }, 'closed_by_peer', 1_800],
  ['1013', { code: 1013, reason: 'try again later' }, 'closed_by_peer', 2_400],
] as const)(
  'F11: six hours of kicks with %s: back within 2 s each time, and nothing grows',
  async (_how, end, failure, everyS) => {
    const world = virtualWorld({ seed: everyS });
    const seen = watch(world.connector, world.clock);
    await world.connect();
    await world.chat(1);
    world.platform.inject({ fault: 'kick_every', everyMs: everyS * 1_000, ...end });
    const timersBefore = world.clock.pendingTimers;
    await world.chat(360, 60_000);

    const kicks = seen.count('disconnected');
    // Each kick costs up to 2 s, so that there are fewer than the hours have room for.
    expect(kicks).toBeGreaterThanOrEqual(Math.floor((6 * HOUR_MS) / (everyS * 1_000 + BACK_WITHIN_MS)));
    expect(Math.max(...seen.gaps().slice(1))).toBeLessThanOrEqual(BACK_WITHIN_MS);
    expect(await world.metric(`feishu_ws_disconnects_total{app="bot",failure="${failure}"}`)).toBe(kicks);
    expect(await world.metric('feishu_ws_reconnect_attempts_total{app="bot"}')).toBe(kicks);
    expect(seen.count('attempt_failed')).toBe(0);
    // One outage per kick: each connection lasted long enough to end it.
    expect(await world.metric('feishu_ws_outage_duration_seconds_count{app="bot"}')).toBeGreaterThanOrEqual(kicks - 1);
    const lives = (bound: string) => world.metric(`feishu_ws_session_duration_seconds_${bound}`);
    expect(await lives('count{app="bot"}')).toBe(kicks);
    // Each life is in the one bucket that it belongs to.
    const at = LIFE_BUCKETS_S.findIndex((bound) => bound >= everyS);
    expect(await lives(`bucket{le="${LIFE_BUCKETS_S[at - 1]}",app="bot"}`)).toBe(0);
    expect(await lives(`bucket{le="${LIFE_BUCKETS_S[at]}",app="bot"}`)).toBe(kicks);

    expect(await world.metric('feishu_ws_sockets_open{app="bot"}')).toBe(1);
    expect(world.platform.connections().length).toBe(1);
    expect(await world.reckon()).toEqual({ sent: 361, lost: [], handledTwice: [] });
    await allCaughtUp(world);
    expect(world.clock.pendingTimers).toBeLessThanOrEqual(timersBefore);
  },
);

/** The kicks end, and what short outages may have swallowed is looked for together, half an hour later. */
async function allCaughtUp(world: ReturnType<typeof virtualWorld>): Promise<void> {
  world.platform.clear();
  await world.clock.advanceBy(2 * HOUR_MS);
}

test('F11: 13,618 kicks in 59 days were seen; a day of them every 90 s leaves one socket and the timers of one', async () => {
  const world = virtualWorld();
  const seen = watch(world.connector, world.clock);
  await world.connect();
  world.platform.inject({ fault: 'kick_every', everyMs: 90_000, code: 1000, reason: 'bye' });
  await world.clock.advanceBy(30_000);
  const timersBefore = world.clock.pendingTimers;
  await world.clock.advanceBy(24 * HOUR_MS);
  expect(seen.count('disconnected')).toBeGreaterThan(930);
  expect(seen.gaps().reduce((sum, gapMs) => sum + gapMs, 0)).toBeLessThan(0.015 * 24 * HOUR_MS);
  await world.untilConnected(BACK_WITHIN_MS);
  await allCaughtUp(world);
  expect(world.clock.pendingTimers).toBeLessThanOrEqual(timersBefore);
  await world.stop();
  expect(world.platform.connections()).toEqual([]);
});

test('F11: at each kick it is told when the next attempt is due, and the outage by its number', async () => {
  const world = virtualWorld();
  await world.connect();
  await world.clock.advanceBy(90_000);
  world.platform.inject({ fault: 'close_socket', code: 1012, reason: 'service restart' });
  await world.clock.advanceBy(6);
  const { connected, attempts, lastFailure, outage } = world.connector.status();
  expect(connected).toMatchObject({ is: false, state: 'waiting' });
  expect(lastFailure).toMatchObject({ code: 'closed_by_peer', verdict: 'retry', detail: 'code 1012: service restart' });
  expect(outage).toMatchObject({ number: 1, cause: 'closed_by_peer' });
  expect((attempts.nextAt ?? 0) - world.clock.wallNow()).toBeLessThanOrEqual(2_000);
  expect(await world.metric('feishu_ws_connected{app="bot"}')).toBe(0);
  await world.untilConnected(BACK_WITHIN_MS);
  expect(world.said()).toContain('[feishu] reconnected');
});
