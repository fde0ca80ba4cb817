import { expect, test } from 'vitest';
import { ConnectorError, createConnector } from '../../src/index.js';
import { BRISK_CLIENT_CONFIG, DEFAULT_APP, type Fault, messageEvent } from '../../src/simulator/index.js';
import { eventually } from '../support/eventually.js';
import { acknowledged, OTHER_APP, type RealPlatform, realConnector, realPlatform } from '../support/real-world.js';
import { sdkPeer } from '../support/sdk-client.js';

/*
 * What becomes of two clients that meet the same fault on the way to a connection: the official SDK as it comes, under
 * the app OTHER_APP, and this connector, under DEFAULT_APP. X-numbers are rows of the audit of SDK 1.74.0, F-numbers
 * failure modes of the field.
 */
const SDK = OTHER_APP.appId;
const OURS = DEFAULT_APP.appId;

/** The very same fault for each client, so that neither uses up the other's. */
function injectForBoth({ simulator }: RealPlatform, fault: Fault): void {
  for (const appId of [SDK, OURS]) simulator.inject({ ...fault, appId } as Fault);
}

test('X1, F12: discovery code 1 stops the SDK for good after one pull; we are connected at the next', async () => {
  const platform = await realPlatform();
  injectForBoth(platform, { fault: 'discovery_code', code: 1, message: 'system busy', times: 1 });
  const sdk = sdkPeer(platform.url, { app: OTHER_APP });
  await sdk.client.start({ eventDispatcher: sdk.dispatcher });
  await eventually(() => sdk.state === 'failed', 'the SDK has given up');
  const ours = realConnector(platform.url);
  await ours.connect();
  expect(platform.traffic('discovery', OURS).map(({ outcome }) => outcome)).toEqual(['1', 'ok']);
  expect(await ours.metric('feishu_ws_connect_failures_total{app="bot",failure="platform_busy",verdict="retry"}')).toBe(
    1,
  );
  expect(platform.traffic('discovery', SDK).map(({ outcome }) => outcome)).toEqual(['1']);
  expect(sdk.told).toEqual(['error pullConnectConfig failed: code=1, msg=system busy']);
  // It has no attempt in mind either.
  expect(sdk.client.getConnectionStatus()).toMatchObject({ state: 'failed', nextConnectTime: undefined });
});

test('X3, F09: any other code stops the SDK too; we wait on the slow lane, say what to do, and come back', async () => {
  for (const [code, failure] of [
    [1000040345, 'credentials_rejected'],
    [1000040350, 'connection_limit'],
    [1000040351, 'wrong_domain'],
    [403, 'app_forbidden'],
  ] as const) {
    const platform = await realPlatform();
    injectForBoth(platform, { fault: 'discovery_code', code, times: 1 });
    const sdk = sdkPeer(platform.url, { app: OTHER_APP });
    await sdk.client.start({ eventDispatcher: sdk.dispatcher });
    await eventually(() => sdk.state === 'failed', `the SDK has given up over ${code}`);
    const ours = realConnector(platform.url);
    await ours.connect();
    expect(ours.connector.status().lastFailure).toMatchObject({ code: failure, verdict: 'operator' });
    expect(platform.count('discovery', SDK), String(code)).toBe(1);
  }
});

test('X2, X4, F19: the SDK cannot see a code without `data` and retries as after any broken answer; so do we, with its name', async () => {
  const answers: readonly (readonly [Fault, string])[] = [
    [{ fault: 'discovery_code', code: 1000040350, shape: 'null', times: 1 }, 'code 1000040350: refused'],
    [{ fault: 'discovery_code', code: 1, shape: 'absent', times: 1 }, 'code 1: refused'],
    [{ fault: 'discovery_body', body: 'html', times: 1 }, '<html>'],
    [{ fault: 'discovery_body', body: 'empty', times: 1 }, 'empty'],
    [{ fault: 'discovery_body', body: 'no_url', times: 1 }, 'URL'],
    [{ fault: 'discovery_status', status: 502, times: 1 }, 'HTTP 502'],
  ];
  for (const [fault, detail] of answers) {
    const platform = await realPlatform();
    injectForBoth(platform, fault);
    const sdk = sdkPeer(platform.url, { app: OTHER_APP });
    await sdk.client.start({ eventDispatcher: sdk.dispatcher });
    const ours = realConnector(platform.url);
    await ours.connect();
    const what = JSON.stringify(fault);
    expect(ours.connector.status().lastFailure?.detail, what).toContain(detail);
    // Its first retry is spread over 30 s, its default before any answer: scheduled is as far as this test looks.
    await eventually(() => sdk.client.getConnectionStatus().nextConnectTime !== undefined, `a retry after ${what}`);
    expect(sdk.state, what).not.toBe('failed');
    expect(sdk.says('connect failed'), what).toBe(true);
    const saysCode = sdk.lines.some((line) => /code: 1\b|1000040350/.test(line));
    expect(saysCode, what).toBe(false);
  }
});

test('X5, F34: the SDK says "ws client ready" after a failed first pull; we are not ready, and say why', async () => {
  const { simulator, url } = await realPlatform({ clientConfig: { ...BRISK_CLIENT_CONFIG, ReconnectInterval: 60 } });
  simulator.inject({ fault: 'discovery_status', status: 400 });
  const sdk = sdkPeer(url, { app: OTHER_APP });
  await sdk.client.start({ eventDispatcher: sdk.dispatcher });
  await eventually(() => sdk.says('ws client ready'), 'the SDK calls itself ready');
  expect(sdk.told).toEqual([]);
  expect(sdk.state).toBe('connecting');

  const ours = realConnector(url);
  await ours.connector.start();
  const error = await ours.connector.ready({ timeoutMs: 100 }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'not_ready', cause: { code: 'discovery_http_status', detail: 'HTTP 400' } });
  expect(await ours.metric('feishu_ws_connected{app="bot"}')).toBe(0);
  expect(simulator.platform.connections()).toEqual([]);
});

test('X6, F06: a refused upgrade is "ws connect failed" to the SDK; we read the reason in its headers', async () => {
  const platform = await realPlatform();
  injectForBoth(platform, {
    fault: 'handshake_refuse',
    authErrorCode: 1000040350,
    message: 'the number of connections exceeded the limit',
    times: 1,
  });
  const sdk = sdkPeer(platform.url, { app: OTHER_APP });
  const ours = realConnector(platform.url);
  await Promise.all([sdk.connect(), ours.connect()]);
  expect(sdk.says('ws connect failed')).toBe(true);
  expect(sdk.says('1000040350')).toBe(false);
  expect(sdk.says('exceeded the limit')).toBe(false);
  expect(ours.connector.status().lastFailure).toMatchObject({
    code: 'connection_limit',
    verdict: 'operator',
    detail:
      'HTTP 403, Handshake-Status 514, Handshake-Autherrcode 1000040350, the number of connections exceeded the limit',
  });
});

test('X7, F26: an upgrade that is never answered holds the SDK in its first attempt; it costs us one deadline', async () => {
  for (const sends of ['nothing', 'half_answer'] as const) {
    const platform = await realPlatform();
    injectForBoth(platform, { fault: 'handshake_hang', sends, times: 1 });
    const sdk = sdkPeer(platform.url, { app: OTHER_APP });
    await sdk.client.start({ eventDispatcher: sdk.dispatcher });
    await eventually(() => platform.count('handshake', SDK, 'hung') === 1, 'the SDK hangs in its handshake');
    const ours = realConnector(platform.url, { connection: { dialTimeoutMs: 150 } });
    await ours.connect();
    await acknowledged(platform.simulator.send(messageEvent(), { appId: OURS }), 'an event of ours');
    expect(ours.connector.status().lastFailure).toMatchObject({ code: 'dial_timeout' });
    expect(platform.count('discovery', SDK), sends).toBe(1);
    expect(sdk.state, sends).toBe('connecting');
    expect(sdk.told, sends).toEqual([]);
  }
});

test('X9: with `pingTimeout` the SDK gives a silent socket up after a second; our proof has a deadline by default', async () => {
  const platform = await realPlatform({ clientConfig: { ...BRISK_CLIENT_CONFIG, PingInterval: 120 } });
  injectForBoth(platform, { fault: 'silent_pongs', times: 1 });
  const sdk = sdkPeer(platform.url, { app: OTHER_APP, parameters: { wsConfig: { pingTimeout: 1 } } });
  const ours = realConnector(platform.url, { connection: { proofTimeoutMs: 100 } });
  await Promise.all([sdk.connect(), ours.connect()]);
  // The SDK calls itself connected before anybody has answered.
  await eventually(() => sdk.told.includes('reconnected'), 'the SDK has replaced the silent socket');
  expect(sdk.told).toEqual(['ready', 'reconnecting', 'reconnected']);
  expect(ours.connector.status().lastFailure).toMatchObject({ code: 'proof_timeout' });
  expect(await ours.metric('feishu_ws_disconnects_total{app="bot",failure="proof_timeout"}')).toBe(0);
});

test('X13, F35: a gateway that accepts and resets meets a storm of the SDK, and growing waits of ours', async () => {
  const platform = await realPlatform();
  injectForBoth(platform, { fault: 'accept_then_close', how: 'reset' });
  const ours = realConnector(platform.url, {
    connection: { backoff: { initialMs: 1_000, maxMs: 300_000, factor: 2, jitter: 'none' } },
  });
  await ours.connector.start();
  const sdk = sdkPeer(platform.url, { app: OTHER_APP });
  await sdk.client.start({ eventDispatcher: sdk.dispatcher });
  await eventually(() => platform.count('discovery', SDK) >= 60, 'the storm of the SDK');
  // By then no second has passed between two of its attempts; ours are 1, 2, 4 … seconds apart.
  expect(platform.count('discovery', OURS)).toBeLessThan(6);
  // One of ours may be on just now; then it fails, and we wait again.
  await eventually(() => ours.connector.status().connected.state === 'waiting', 'we wait');
  expect(ours.connector.status().connected.is).toBe(false);
});

test('X14, F01: a budget of one attempt ends the SDK at the first failed pull; ours is not the platform’s to spend', async () => {
  const platform = await realPlatform({ clientConfig: { ...BRISK_CLIENT_CONFIG, ReconnectCount: 1 } });
  const sdk = sdkPeer(platform.url, { app: OTHER_APP });
  const ours = realConnector(platform.url);
  await Promise.all([sdk.connect(), ours.connect()]);
  injectForBoth(platform, { fault: 'discovery_status', status: 500, times: 2 });
  platform.simulator.inject({ fault: 'drop_socket' });
  await eventually(() => sdk.state === 'failed', 'the SDK has exhausted its budget');
  expect(sdk.told).toEqual(['ready', 'reconnecting', 'error WebSocket reconnect exhausted after 1 attempts']);
  await eventually(() => platform.count('discovery', OURS, 'http_500') === 2, 'two failed pulls of ours');
  await ours.connector.ready();
  const later = platform.simulator.send(messageEvent(), { appId: OURS });
  await acknowledged(later, 'an event after the outage');
  expect(ours.handled.map(({ id }) => id)).toEqual([later.eventId]);
  expect(platform.count('discovery', SDK, 'http_500')).toBe(1);
});

test('X22, F24: two starts of the SDK are two live sockets; two of ours are one', async () => {
  const platform = await realPlatform();
  const sdk = sdkPeer(platform.url, { app: OTHER_APP });
  await Promise.all([1, 2].map(() => sdk.client.start({ eventDispatcher: sdk.dispatcher })));
  await eventually(() => platform.simulator.platform.connections(SDK).length === 2, 'two sockets of the SDK');
  const ours = realConnector(platform.url);
  await Promise.all([ours.connector.start(), ours.connector.start()]);
  await ours.connector.ready();
  await acknowledged(platform.simulator.send(messageEvent(), { appId: OURS }), 'an event of ours');
  expect(platform.simulator.platform.connections(OURS)).toHaveLength(1);
  expect(platform.count('opened', OURS)).toBe(1);
});

test('X23: `start()` of the SDK resolves over an app id that it refuses; ours is a precise error before anything starts', async () => {
  const { simulator, url } = await realPlatform();
  const appId = 'cli_short';
  const sdk = sdkPeer(url, { app: { appId, appSecret: 'x' } });
  await expect(sdk.client.start({ eventDispatcher: sdk.dispatcher })).resolves.toBeUndefined();
  expect(sdk.state).toBe('idle');
  expect(sdk.told).toEqual([]);
  expect(sdk.lines.filter((line) => line.startsWith('error'))).toEqual(['error [ws] invalid appId: cli_short']);

  const make = () => createConnector({ appId, appSecret: 'x', domain: url, handlers: {} });
  expect(make).toThrow(ConnectorError);
  expect(make).toThrow(
    'appId must be cli_ and 16 hexadecimal digits, as the developer console shows it, got "cli_short"',
  );
  expect(simulator.platform.traffic.count('discovery')).toBe(0);
});
