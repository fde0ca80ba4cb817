import { expect, test } from 'vitest';
import { virtualWorld } from '../support/world.js';

test('F35: a gateway that accepts and closes at once is met with growing waits, not with a storm', async () => {
  for (const how of ['close', 'reset'] as const) {
    const world = virtualWorld();
    await world.connect();
    await world.chat(2);
    world.platform.inject({ fault: 'accept_then_close', how, forMs: 3_600_000 });
    world.platform.inject({ fault: 'drop_socket' });
    const before = world.platform.traffic.count('discovery');
    await world.clock.advanceBy(3_600_000);
    // Full jitter: on average half of 1 + 2 + 4 … 256 s, then of 300 s.
    const attempts = world.platform.traffic.count('discovery') - before;
    expect(attempts, how).toBeGreaterThan(12);
    expect(attempts, how).toBeLessThan(60);
    expect(await world.metric('feishu_ws_connected{app="bot"}')).toBe(0);
    expect(await world.metric('feishu_ws_reconnect_attempts_total{app="bot"}')).toBe(attempts);
    await world.untilConnected(300_000);
    await world.chat(2);
    expect(await world.reckon(), how).toEqual({ sent: 4, lost: [], handledTwice: [] });
    await world.stop();
  }
});

test('F35: one that proves itself with a pong and then drops keeps the backoff growing too', async () => {
  const world = virtualWorld();
  await world.connect();
  world.platform.inject({ fault: 'accept_then_close', how: 'close', afterMs: 500, forMs: 3_600_000 });
  world.platform.inject({ fault: 'drop_socket' });
  const before = world.platform.traffic.count('discovery');
  await world.clock.advanceBy(3_600_000);
  const attempts = world.platform.traffic.count('discovery') - before;
  expect(attempts).toBeGreaterThan(12);
  expect(attempts).toBeLessThan(60);
  expect(await world.metric('feishu_ws_disconnects_total{app="bot",failure="closed_by_peer"}')).toBeGreaterThan(10);
  // One outage from the first loss to the connection that lasts, not one per flap.
  expect(world.connector.status().outage).toMatchObject({ number: 1, cause: 'connection_reset' });
  await world.untilConnected(300_000);
  await world.clock.advanceBy(60_000);
  expect(world.connector.status().outage).toBeNull();
  expect(await world.metric('feishu_ws_outage_duration_seconds_count{app="bot"}')).toBe(1);
  await world.stop();
});
