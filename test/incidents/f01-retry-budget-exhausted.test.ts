import { expect, test } from 'vitest';
import { virtualWorld } from '../support/world.js';

test('F01: a platform that allows one retry does not end ours, and nothing is lost', async () => {
  // What the field saw: `ReconnectCount: 1` in the ticket and in every pong, the socket cut, the next pull refused.
  const config = { ReconnectCount: 1, ReconnectInterval: 1, ReconnectNonce: 0, PingInterval: 5 };
  const world = virtualWorld({ platform: { clientConfig: config } });
  await world.connect();
  await world.chat(5);
  world.platform.inject({ fault: 'discovery_status', status: 500, times: 6 });
  world.platform.inject({ fault: 'drop_socket' });
  await world.chat(5);
  expect(world.connector.status().connected).toMatchObject({ is: false, state: 'waiting' });
  expect(await world.metric('feishu_ws_connected{app="bot"}')).toBe(0);

  await world.untilConnected(120_000);
  const failures = 'feishu_ws_connect_failures_total{app="bot",failure="discovery_http_status",verdict="retry"}';
  // A look at the platform during a wait may take one of the six refusals.
  expect(await world.metric(failures)).toBeGreaterThanOrEqual(4);
  expect(await world.metric('feishu_ws_reconnect_attempts_total{app="bot"}')).toBe((await world.metric(failures)) + 1);
  expect(world.said()).toContain('[feishu] reconnected');
  expect(await world.reckon()).toEqual({ sent: 10, lost: [], handledTwice: [] });
});
