import { expect, onTestFinished, test, vi } from 'vitest';
import { DEFAULT_APP, messageEvent } from '../../src/simulator/index.js';
import { testNetwork } from '../support/both-faces.js';
import { connectProxy } from '../support/connect-proxy.js';
import { acknowledged, realConnector, realPlatform } from '../support/real-world.js';
import { textMessage } from '../support/sdk-client.js';
import { AUTHORITY, AUTHORITY_FILE, tlsTerminator } from '../support/tls/servers.js';

const FAILED = 'feishu_ws_connect_failures_total{app="bot",failure="proxy_failed",verdict="retry"}';

/** A platform with a name that nobody but the proxy can resolve, and a process whose environment names the proxy. */
async function stage() {
  const platform = await realPlatform();
  const { port } = await tlsTerminator(platform.url, 'trusted');
  const proxy = await connectProxy();
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const name of ['https_proxy', 'all_proxy', 'ALL_PROXY', 'no_proxy', 'NO_PROXY']) vi.stubEnv(name, '');
  vi.stubEnv('HTTPS_PROXY', proxy.url);
  const authority = `open.platform.test:${port}`;
  return { platform, proxy, authority, url: `https://${authority}` };
}

test('F17: behind a proxy the pull, the socket, the token and the calls of the API client all go through it', async () => {
  const { platform, proxy, authority, url } = await stage();
  const bot = realConnector(url, { caFile: AUTHORITY_FILE });
  await bot.connect();
  await acknowledged(platform.simulator.send(messageEvent()), 'a message that came through the proxy');
  // Pull and dial are two tunnels; with the proxy ignored by one of them there is no connection at all.
  expect(proxy.asked.length).toBeGreaterThanOrEqual(2);
  await bot.connector.client.im.message.create(textMessage('hello'));
  expect(platform.count('api', DEFAULT_APP.appId)).toBeGreaterThan(0);
  expect(new Set(proxy.asked)).toEqual(new Set([authority]));
  expect(proxy.openTunnels).toBeGreaterThanOrEqual(1);
});

test('F17: a proxy that refuses or breaks off is named as the cause, and tried until it lets us through', async () => {
  const { proxy, url } = await stage();
  const bot = realConnector(url, { caFile: AUTHORITY_FILE });
  await bot.connector.start();
  for (const [status, words] of [
    [407, 'asks for credentials: HTTP 407'],
    [503, 'refused a tunnel to open.platform.test'],
  ] as const) {
    proxy.manner = { does: 'refuse', status };
    const told = () => bot.connector.status().lastFailure?.detail ?? '';
    await bot.metricReaches(FAILED, ((await bot.metric(FAILED)) || 0) + 2);
    expect(told()).toContain(words);
    expect(bot.connector.status().lastFailure).toMatchObject({ code: 'proxy_failed', verdict: 'retry' });
  }
  proxy.manner = { does: 'allow' };
  await bot.connector.ready();
});

test('F17: a proxy that dies takes the connection along; the next one in the environment brings it back', async () => {
  const { platform, proxy, url } = await stage();
  const bot = realConnector(url, { caFile: AUTHORITY_FILE });
  await bot.connect();
  await proxy.close();
  await bot.metricReaches(FAILED, 2);
  expect(bot.connector.status().outage).toMatchObject({ cause: 'connection_reset' });
  expect(bot.connector.status().lastFailure?.detail).toContain(`no connection to the proxy ${proxy.url}`);
  const next = await connectProxy();
  vi.stubEnv('HTTPS_PROXY', next.url);
  await bot.connector.ready();
  await acknowledged(platform.simulator.send(messageEvent()), 'a message that came through the new proxy');
});

test('F17: a proxy that drops tunnels costs a reconnect each time and no message', async () => {
  const { platform, proxy, url } = await stage();
  const bot = realConnector(url, { caFile: AUTHORITY_FILE });
  await bot.connect();
  for (let drops = 1; drops <= 3; drops++) {
    proxy.cutTunnels();
    await bot.metricReaches('feishu_ws_disconnects_total{app="bot",failure="connection_reset"}', drops);
    await bot.connector.ready();
    await acknowledged(platform.simulator.send(messageEvent()), `the message after drop ${drops}`);
  }
  expect(bot.handled.length).toBe(3);
});

test('F17: no_proxy holds for the pull and for the socket', async () => {
  const { proxy, url } = await stage();
  const { http, dial } = testNetwork({
    ca: AUTHORITY,
    environment: { HTTPS_PROXY: proxy.url, NO_PROXY: '.platform.test' },
    lookup: (_hostname, _options, callback) => process.nextTick(callback, null, [{ address: '127.0.0.1', family: 4 }]),
  });
  const bot = realConnector(url, { seams: { http, dial } });
  await bot.connect();
  expect(proxy.asked).toEqual([]);
});
