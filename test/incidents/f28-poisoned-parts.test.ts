import { expect, test } from 'vitest';
import { createTransport, type Transport } from '../../src/adapters/index.js';
import { messageEvent } from '../../src/simulator/index.js';
import { testNetwork } from '../support/both-faces.js';
import { acknowledged, realConnector, realPlatform } from '../support/real-world.js';

const healthy = createTransport({ proxy: 'none' });
const reset = () => Promise.reject(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));

/** What of a process can go bad until its restart, and what the failures are then called. */
const POISONS: readonly (readonly [string, Transport, string])[] = [
  ['every connection', reset, 'discovery_unreachable'],
  ['the socket alone', (url, signal) => (url.protocol === 'ws:' ? reset() : healthy(url, signal)), 'dial_unreachable'],
];

test.each(POISONS)('F28: where %s fails for good, fresh parts succeed at once', async (_what, poisoned, failure) => {
  const platform = await realPlatform();
  let generation = 0;
  const { http, dial, refresh } = testNetwork({
    freshTransport: () => {
      generation += 1;
      return generation === 1 ? poisoned : healthy;
    },
  });
  const bot = realConnector(platform.url, { seams: { http, dial } });
  await bot.connector.start();
  const failed = `feishu_ws_connect_failures_total{app="bot",failure="${failure}",verdict="retry"}`;
  await bot.metricReaches(failed, 8);
  expect(bot.connector.status().connected.is).toBe(false);

  refresh();
  await bot.connector.ready();
  expect(generation).toBe(2);
  // Another refresh, and what lives goes on.
  refresh();
  await acknowledged(platform.simulator.send(messageEvent()), 'a message after both');
  expect(await bot.metric('feishu_ws_disconnects_total{app="bot",failure="connection_reset"}')).toBe(0);
});
