import { expect, test } from 'vitest';
import { messageEvent } from '../../src/simulator/index.js';
import { watch } from '../support/watch.js';
import { virtualWorld } from '../support/world.js';

const HOUR_MS = 3_600_000;
const JUMPS = (direction: string) => `feishu_connector_clock_jumps_total{direction="${direction}"}`;

test.each([2 * HOUR_MS, -2 * HOUR_MS, 9 * HOUR_MS, -9 * HOUR_MS])(
  'F22: a wall clock step of %i ms ends nothing, drops nothing, and forgets no event that was handled',
  async (stepMs) => {
    const world = virtualWorld();
    const seen = watch(world.connector, world.clock);
    await world.connect();
    await world.chat(10);
    const { connectionId } = world.connector.status().connected;
    world.clock.stepWall(stepMs);
    // What was handled before the step comes again, and new events carry the time of the stepped clock.
    world.platform.inject({ fault: 'replay_events', count: 10 });
    await world.chat(10, 7_000);
    await world.clock.advanceBy(10 * 60_000);

    expect(await world.metric(JUMPS(stepMs > 0 ? 'forward' : 'backward'))).toBe(1);
    expect(await world.metric(JUMPS(stepMs > 0 ? 'backward' : 'forward'))).toBe(0);
    expect(world.connector.status().connected).toMatchObject({ is: true, state: 'connected', connectionId });
    expect(seen.entered.map(({ state }) => state)).not.toContain('suspect');
    expect(await world.metric('feishu_ws_connect_attempts_total{app="bot"}')).toBe(1);
    expect(await world.metric('feishu_event_duplicates_total{app="bot"}')).toBe(10);
    expect(await world.reckon()).toEqual({ sent: 20, lost: [], handledTwice: [] });
  },
);

test('F22: an event that looks hours old or hours early is handled all the same, with its age told', async () => {
  const world = virtualWorld();
  await world.connect();
  const wallNow = world.clock.wallNow();
  for (const offMs of [-7 * HOUR_MS, -120_000, 0, 300_000, 2 * HOUR_MS]) {
    const createTime = wallNow + offMs;
    const envelope = messageEvent();
    world.platform.send((stamp) => envelope({ ...stamp, wallNow: createTime }));
  }
  await world.clock.advanceBy(1_000);
  expect(world.handled.length).toBe(5);
  const ages = world.handled.map(({ ageMs }) => ageMs);
  expect(Math.max(...ages.map((ageMs) => ageMs ?? 0))).toBeGreaterThanOrEqual(7 * HOUR_MS);
  expect(await world.reckon()).toEqual({ sent: 5, lost: [], handledTwice: [] });
});

test.each([2 * HOUR_MS, -2 * HOUR_MS])(
  'F22: a step of %i ms during an outage neither ends the retrying nor delays it',
  async (stepMs) => {
    const world = virtualWorld();
    await world.connect();
    await world.clock.advanceBy(2 * 60_000);
    world.platform.inject({ fault: 'discovery_status', status: 502, times: 4 });
    world.platform.inject({ fault: 'drop_socket' });
    await world.clock.advanceBy(2_500);
    expect(world.connector.status().connected.is).toBe(false);
    world.clock.stepWall(stepMs);
    await world.chat(3);
    expect(await world.untilConnected(60_000)).toBeLessThanOrEqual(60_000);
    await world.clock.advanceBy(60_000);
    // The outage is measured by the clock that nobody sets.
    expect(await world.metric('feishu_ws_outage_duration_seconds_count{app="bot"}')).toBe(1);
    expect(await world.metric('feishu_ws_outage_duration_seconds_sum{app="bot"}')).toBeLessThan(65);
    expect(await world.reckon()).toEqual({ sent: 3, lost: [], handledTwice: [] });
  },
);

test('F22: a clock that drifts by a second a minute is no jump, and disturbs nothing', async () => {
  const world = virtualWorld();
  await world.connect();
  for (let minute = 0; minute < 120; minute++) {
    for (let step = 0; step < 12; step++) {
      world.clock.stepWall(83);
      await world.clock.advanceBy(5_000);
    }
    if (minute % 10 === 0) await world.chat(1);
  }
  expect(await world.metric(JUMPS('forward'))).toBe(0);
  expect(await world.metric('feishu_ws_connect_attempts_total{app="bot"}')).toBe(1);
  expect(await world.reckon()).toEqual({ sent: 12, lost: [], handledTwice: [] });
});
