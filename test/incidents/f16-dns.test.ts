import type { LookupFunction } from 'node:net';
import { expect, test } from 'vitest';
import { messageEvent } from '../../src/simulator/index.js';
import { limitByHand, testNetwork } from '../support/both-faces.js';
import { acknowledged, realConnector, realPlatform } from '../support/real-world.js';
import { AUTHORITY, tlsTerminator } from '../support/tls/servers.js';

const FAILED = 'feishu_ws_connect_failures_total{app="bot",failure="dns_failed",verdict="retry"}';
const UNREACHABLE = 'feishu_ws_connect_failures_total{app="bot",failure="discovery_unreachable",verdict="retry"}';

/** A platform that only this resolver finds, and a connector that asks it. */
async function stage() {
  const platform = await realPlatform();
  const { port } = await tlsTerminator(platform.url, 'trusted');
  const { timer, passes } = limitByHand();
  const resolver: { answers: 'ENOTFOUND' | 'EAI_AGAIN' | 'too late' | 'a wrong address' | 'right' } = {
    answers: 'right',
  };
  const lookup: LookupFunction = (hostname, _options, callback) => {
    const { answers } = resolver;
    if (answers === 'too late') passes();
    else if (answers === 'right') process.nextTick(callback, null, [{ address: '127.0.0.1', family: 4 }]);
    else if (answers === 'a wrong address') process.nextTick(callback, null, [{ address: '127.0.0.2', family: 4 }]);
    else
      process.nextTick(callback, Object.assign(new Error(`getaddrinfo ${answers} ${hostname}`), { code: answers }), []);
  };
  const { http, dial } = testNetwork({ lookup, timer, ca: AUTHORITY });
  const bot = realConnector(`https://open.platform.test:${port}`, { seams: { http, dial } });
  return { platform, resolver, bot };
}

test('F16: names that do not resolve when the process starts are asked for until they do', async () => {
  const { platform, resolver, bot } = await stage();
  resolver.answers = 'ENOTFOUND';
  await bot.connector.start();
  await bot.metricReaches(FAILED, 3);
  expect(bot.connector.status().connected.is).toBe(false);
  expect(bot.connector.status().lastFailure).toMatchObject({ code: 'dns_failed', verdict: 'retry' });
  expect(bot.connector.status().lastFailure?.detail).toContain('getaddrinfo ENOTFOUND open.platform.test');

  resolver.answers = 'EAI_AGAIN';
  await bot.metricReaches(FAILED, (await bot.metric(FAILED)) + 2);
  resolver.answers = 'too late';
  await bot.metricReaches(FAILED, (await bot.metric(FAILED)) + 2);
  expect(bot.connector.status().lastFailure?.detail).toContain('open.platform.test did not resolve within');
  resolver.answers = 'a wrong address';
  await bot.metricReaches(UNREACHABLE, 2);

  resolver.answers = 'right';
  await bot.connector.ready();
  const event = platform.simulator.send(messageEvent());
  await acknowledged(event, 'the first message after boot');
});

test('F16: a resolver that fails for a while costs a living connection nothing', async () => {
  const { platform, resolver, bot } = await stage();
  await bot.connect();
  resolver.answers = 'EAI_AGAIN';
  const event = platform.simulator.send(messageEvent());
  await acknowledged(event, 'a message while no name resolves');
  platform.simulator.inject({ fault: 'drop_socket' });
  await bot.metricReaches(FAILED, 2);
  resolver.answers = 'right';
  await bot.connector.ready();
});
