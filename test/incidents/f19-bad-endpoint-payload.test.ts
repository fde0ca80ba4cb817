import { expect, test } from 'vitest';
import { DISCOVERY_BODIES } from '../../src/simulator/fault.js';
import { virtualWorld } from '../support/world.js';

test('F19: whatever discovery answers instead of a ticket is a named failure, retried until a ticket comes', async () => {
  for (const body of DISCOVERY_BODIES) {
    const world = virtualWorld();
    await world.connect();
    await world.chat(2);
    world.platform.inject({ fault: 'discovery_body', body, times: 4 });
    world.platform.inject({ fault: 'drop_socket' });
    await world.clock.advanceBy(3_000);
    await world.untilConnected(10 * 60_000);
    await world.chat(2);
    const failed = await world.metric(
      'feishu_ws_connect_failures_total{app="bot",failure="discovery_bad_answer",verdict="retry"}',
    );
    // A ticket without ClientConfig is a ticket: the pace that was in force stays.
    expect(failed, body).toBe(body === 'no_config' ? 0 : 4);
    expect(await world.reckon(), body).toEqual({ sent: 4, lost: [], handledTwice: [] });
    await world.stop();
  }
});

test('F19: HTTP 502 and a captive portal that redirects are retried like any other outage', async () => {
  for (const status of [302, 400, 404, 429, 500, 502, 503]) {
    const world = virtualWorld();
    world.platform.inject({ fault: 'discovery_status', status, times: 3 });
    await world.connector.start();
    await world.untilConnected(60_000);
    expect(world.connector.status().lastFailure).toMatchObject({
      code: 'discovery_http_status',
      detail: `HTTP ${status}`,
    });
    await world.stop();
  }
});

test('F19: NaN, zero, negative, huge and missing numbers in ticket or pong never change the ping pace to nonsense', async () => {
  for (const value of ['NaN', 0, -1, 1e12, null] as const) {
    const config = { ReconnectCount: value, ReconnectInterval: value, ReconnectNonce: value, PingInterval: value };
    const world = virtualWorld();
    world.platform.inject({ fault: 'discovery_config', config });
    world.platform.inject({ fault: 'pong_payload', payload: config });
    await world.connect();
    const before = world.platform.traffic.count('ping');
    await world.clock.advanceBy(600_000);
    const pings = world.platform.traffic.count('ping') - before;
    // Between one every 300 s and one every 120 s, the default: never 375 a second.
    expect(pings, String(value)).toBeGreaterThanOrEqual(1);
    expect(pings, String(value)).toBeLessThanOrEqual(5);
    expect(world.connector.status().connected.is).toBe(true);
    await world.stop();
  }
});
