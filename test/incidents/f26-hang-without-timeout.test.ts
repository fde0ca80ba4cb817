import { expect, test } from 'vitest';
import { virtualWorld } from '../support/world.js';

test('F26: an upgrade that is never answered, or never to its end, costs its deadline and not 3.5 days', async () => {
  for (const sends of ['nothing', 'half_answer'] as const) {
    const world = virtualWorld();
    await world.connect();
    await world.chat(2);
    world.platform.inject({ fault: 'handshake_hang', sends, times: 3 });
    world.platform.inject({ fault: 'drop_socket' });
    await world.chat(2);
    await world.clock.advanceBy(1_000);
    expect(world.connector.status().attempts).toMatchObject({ isUnderWay: true });
    await world.clock.advanceBy(2_000);
    await world.untilConnected(120_000);
    await world.chat(2);
    expect(
      await world.metric('feishu_ws_connect_failures_total{app="bot",failure="dial_timeout",verdict="retry"}'),
    ).toBe(3);
    expect(await world.reckon()).toEqual({ sent: 6, lost: [], handledTwice: [] });
    await world.stop();
    expect(world.clock.pendingTimers, 'timers of ours or the platform left').toBeLessThanOrEqual(1);
  }
});

test('F26: a discovery that hangs for a day is asked again and again', async () => {
  const world = virtualWorld();
  world.platform.inject({ fault: 'discovery_hang', forMs: 86_400_000 });
  await world.connector.start();
  await world.clock.advanceBy(86_400_000);
  expect(world.connector.status().attempts.count).toBeGreaterThan(86_400_000 / 315_000);
  await world.untilConnected(315_000);
  await world.chat(1);
  expect(await world.reckon()).toEqual({ sent: 1, lost: [], handledTwice: [] });
});
