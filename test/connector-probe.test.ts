import { expect, onTestFinished, test } from 'vitest';
import { probePlatform } from '../src/connector-probe.js';
import { createSimulator, DEFAULT_APP } from '../src/simulator/index.js';
import { realPlatform } from './support/real-world.js';

const never = new AbortController().signal;
const askAt = (url: string, signal = never) =>
  probePlatform({ appId: DEFAULT_APP.appId, domain: url, proxy: 'none' }, signal);

test('the platform that answers as itself is there, and no call with credentials was made', async () => {
  const { url, simulator } = await realPlatform();
  expect(await askAt(url)).toBe(true);
  expect(simulator.platform.traffic.counts.token).toBe(0);
  expect(simulator.platform.connections()).toEqual([]);
});

test.each([
  ['an error page', { fault: 'discovery_status', status: 502 }],
  ['a captive portal', { fault: 'discovery_body', body: 'html' }],
] as const)('%s is not the platform', async (_what, fault) => {
  const { url, simulator } = await realPlatform();
  simulator.platform.inject(fault);
  expect(await askAt(url)).toBe(false);
});

test('where nobody listens, and where a probe was given up, nothing is thrown', async () => {
  const simulator = createSimulator();
  onTestFinished(() => simulator.stop());
  const { url } = await simulator.start();
  expect(await askAt(url, AbortSignal.abort())).toBe(false);
  await simulator.stop();
  expect(await askAt(url)).toBe(false);
});
