import { expect, test } from 'vitest';
import { virtualWorld } from '../support/world.js';

const CONNECTED = 'feishu_ws_connected{app="bot"}';

test('F34: a failed first pull is not ready, in no face of ours', async () => {
  const world = virtualWorld();
  world.platform.inject({ fault: 'discovery_status', status: 400 });
  await world.connector.start();
  const ready = world.connector.ready({ timeoutMs: 60_000 }).catch((error: unknown) => error);
  await world.clock.advanceBy(60_000);
  expect(await ready).toMatchObject({
    name: 'ConnectorError',
    code: 'not_ready',
    cause: { code: 'discovery_http_status' },
  });
  expect(world.connector.status()).toMatchObject({ connected: { is: false }, receiving: { is: false } });
  expect(await world.metric(CONNECTED)).toBe(0);
  expect(world.said().filter((line) => line.includes('connected') && !line.includes('reconnecting'))).toEqual([]);
  await world.stop();
});

test('F34: an accepted socket whose ping is never answered is not ready either', async () => {
  const world = virtualWorld();
  world.platform.inject({ fault: 'silent_pongs', sockets: 'all', forMs: 9_000 });
  await world.connector.start();
  await world.clock.advanceBy(5_000);
  expect(world.platform.connections().length).toBe(1);
  expect(world.connector.status().connected).toMatchObject({ is: false, state: 'proving' });
  expect(await world.metric(CONNECTED)).toBe(0);
  // The pong that comes is the proof, and only then it is said.
  await world.untilConnected(60_000);
  expect(await world.metric(CONNECTED)).toBe(1);
  await world.connector.ready();
  expect(world.said()).toContain('[feishu] connected');
  await world.chat(2);
  expect(await world.reckon()).toEqual({ sent: 2, lost: [], handledTwice: [] });
});
