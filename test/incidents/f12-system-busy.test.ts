import { expect, test } from 'vitest';
import { virtualWorld } from '../support/world.js';

test('F12: "system busy" once, at start and at a reconnect, costs one retry each', async () => {
  const world = virtualWorld();
  world.platform.inject({ fault: 'discovery_code', code: 1, message: 'system busy', times: 1 });
  await world.connect();
  await world.chat(3);
  world.platform.inject({ fault: 'discovery_code', code: 1, message: 'system busy', times: 1 });
  world.platform.inject({ fault: 'drop_socket' });
  await world.clock.advanceBy(10);
  expect(world.connector.status().connected.is).toBe(false);
  await world.untilConnected(60_000);
  await world.chat(3);
  expect(
    await world.metric('feishu_ws_connect_failures_total{app="bot",failure="platform_busy",verdict="retry"}'),
  ).toBe(2);
  expect(await world.reckon()).toEqual({ sent: 6, lost: [], handledTwice: [] });
});

test('F12: no code of the platform is the end, whatever its SDKs make of it', async () => {
  const codes = [1, 403, 514, 1000040343, 1000040345, 1000040350, 1000040351, 99, 10003];
  for (const code of codes) {
    for (const shape of ['object', 'null', 'absent'] as const) {
      const world = virtualWorld({ seed: code });
      world.platform.inject({ fault: 'discovery_code', code, shape, times: 3 });
      await world.connector.start();
      await world.untilConnected(30 * 60_000);
      expect(world.connector.status().lastFailure?.detail, `${code} ${shape}`).toContain(`code ${code}`);
      await world.stop();
    }
  }
});
