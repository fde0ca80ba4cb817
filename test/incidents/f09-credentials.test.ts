import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { createConnector } from '../../src/index.js';
import { DEFAULT_APP, messageEvent } from '../../src/simulator/index.js';
import { eventually } from '../support/eventually.js';
import { acknowledged, BRISK_CONNECTION, realPlatform } from '../support/real-world.js';
import { withFiles } from '../support/temporary-folder.js';
import { metricOf, virtualWorld } from '../support/world.js';

const HOUR_MS = 3_600_000;
/** The longest wait of the slow lane. */
const LONGEST_WAIT_MS = 300_000;
/** Waits grow from 15 s to 150 s at the least. */
const MOST_PER_HOUR = 30;
const failed = (failure: string) =>
  `feishu_ws_connect_failures_total{app="bot",failure="${failure}",verdict="operator"}`;

test('F09: a wrong secret is told as such, costs few calls an hour, and is never taken for connected', async () => {
  const world = virtualWorld({ connector: { appSecret: 'wrong-secret-of-no-worth' } });
  await world.connector.start();
  await world.clock.advanceBy(HOUR_MS);
  expect(world.connector.status()).toMatchObject({
    connected: { is: false },
    receiving: { is: false },
    lastFailure: { code: 'credentials_rejected', verdict: 'operator' },
  });
  const { traffic } = world.platform;
  expect(traffic.count('discovery')).toBeGreaterThan(8);
  expect(traffic.count('discovery')).toBeLessThanOrEqual(MOST_PER_HOUR);
  expect(traffic.count('token')).toBeLessThanOrEqual(2 * MOST_PER_HOUR);
  expect(traffic.count('handshake')).toBe(0);
  expect(await world.metric(failed('credentials_rejected'))).toBe(traffic.count('discovery'));
  expect(await world.metric('feishu_ws_connected{app="bot"}')).toBe(0);

  // The platform's side is mended: the app gets the secret that we have.
  world.platform.rotateSecret(DEFAULT_APP.appId, 'wrong-secret-of-no-worth');
  expect(await world.untilConnected(LONGEST_WAIT_MS)).toBeLessThanOrEqual(LONGEST_WAIT_MS);
  await world.chat(3);
  expect(await world.reckon()).toEqual({ sent: 3, lost: [], handledTwice: [] });
});

test.each([
  [{ fault: 'discovery_code', code: 514 }, 'credentials_rejected'],
  [{ fault: 'discovery_code', code: 403 }, 'app_forbidden'],
  [{ fault: 'discovery_code', code: 10003, shape: 'absent' }, 'credentials_rejected'],
  [{ fault: 'discovery_code', code: 1000040344, shape: 'null' }, 'credentials_rejected'],
  [{ fault: 'handshake_refuse', status: 403, handshakeStatus: 403 }, 'app_forbidden'],
] as const)(
  'F09: %o puts the reconnect on the slow lane, and the day that it ends is soon noticed',
  async (fault, code) => {
    const world = virtualWorld();
    await world.connect();
    await world.chat(2);
    const before = world.platform.traffic.count('discovery');
    const id = world.platform.inject(fault);
    world.platform.inject({ fault: 'drop_socket' });
    await world.chat(2);
    await world.clock.advanceBy(60_000);
    // One at once, then waits of 15 s and 30 s at the least.
    expect(world.platform.traffic.count('discovery') - before).toBeLessThanOrEqual(4);
    await world.clock.advanceBy(HOUR_MS);
    expect(world.connector.status()).toMatchObject({
      connected: { is: false },
      lastFailure: { code, verdict: 'operator' },
      outage: { number: 1 },
    });
    expect(world.platform.traffic.count('discovery') - before).toBeLessThanOrEqual(MOST_PER_HOUR);
    expect(await world.metric(failed(code))).toBeGreaterThan(8);
    world.platform.clear(id);
    await world.untilConnected(LONGEST_WAIT_MS + 2_000);
    await world.chat(2);
    expect(await world.reckon()).toEqual({ sent: 6, lost: [], handledTwice: [] });
  },
);

test('F09: a secret rotated while connected disturbs nothing; the next attempt asks the function and has the new one', async () => {
  const secret = { value: DEFAULT_APP.appSecret };
  const world = virtualWorld({ connector: { appSecret: async () => secret.value } });
  await world.connect();
  await world.chat(2);
  const { connectionId } = world.connector.status().connected;
  world.platform.rotateSecret(DEFAULT_APP.appId, 'rotated-secret-of-no-worth');
  await world.clock.advanceBy(HOUR_MS);
  expect(world.connector.status().connected).toMatchObject({ is: true, connectionId });

  secret.value = 'rotated-secret-of-no-worth';
  world.platform.inject({ fault: 'drop_socket' });
  await world.clock.advanceBy(3_000);
  expect(world.connector.status().connected.is).toBe(true);
  await world.chat(2);
  expect(await world.metric(failed('credentials_rejected'))).toBe(0);
  expect(await world.reckon()).toEqual({ sent: 4, lost: [], handledTwice: [] });
});

test('F09: a vault that fails is an operator failure of its own, and is asked again', async () => {
  const vault = { isSealed: true };
  const appSecret = async () => {
    if (vault.isSealed) throw new Error('sealed: the token s.abcdef has expired');
    return DEFAULT_APP.appSecret;
  };
  const world = virtualWorld({ connector: { appSecret } });
  await world.connector.start();
  await world.clock.advanceBy(HOUR_MS);
  expect(world.connector.status().lastFailure).toMatchObject({ code: 'secret_unavailable', verdict: 'operator' });
  expect(JSON.stringify(world.logs)).not.toContain('s.abcdef');
  expect(world.platform.traffic.count('discovery')).toBe(0);
  vault.isSealed = false;
  await world.untilConnected(LONGEST_WAIT_MS);
  await world.chat(1);
  expect(await world.reckon()).toEqual({ sent: 1, lost: [], handledTwice: [] });
});

test('F09: a secret file that is replaced is read anew: no restart', async () => {
  await withFiles({ secret: 'outdated-secret-of-no-worth\n' }, async (folder) => {
    const appSecretFile = join(folder, 'secret');
    const platform = await realPlatform();
    const handled: string[] = [];
    const connector = createConnector({
      appId: DEFAULT_APP.appId,
      appSecretFile,
      app: 'bot',
      domain: platform.url,
      connection: BRISK_CONNECTION,
      handlers: { '*': ({ id }) => void handled.push(id) },
      logger: pino({ level: 'silent' }),
    });
    onTestFinished(() => connector.stop({ drainMs: 100 }));
    await connector.start();
    const rejections = async () => metricOf(await connector.registry.metrics(), failed('credentials_rejected'));
    await eventually(async () => (await rejections()) >= 2, 'two rejections');
    expect(connector.status().connected.is).toBe(false);
    // As a rotation does it: the new file takes the name of the old one in one step.
    await writeFile(`${appSecretFile}.new`, `${DEFAULT_APP.appSecret}\n`);
    await rename(`${appSecretFile}.new`, appSecretFile);
    await connector.ready();
    const sent = platform.simulator.send(messageEvent());
    await acknowledged(sent, 'a message after the new secret');
    expect(handled).toEqual([sent.eventId]);
  });
});
