import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { createTransport, type Transport } from '../../src/adapters/index.js';
import { createDiscovery } from '../../src/connection/index.js';
import type { ConnectorOptions } from '../../src/connector-options.js';
import type { DaemonConfig } from '../../src/daemon/config.js';
import { type Ending, startDaemon } from '../../src/daemon/daemon.js';
import { createConnector } from '../../src/index.js';
import { seededRandom } from '../../src/ports/index.js';
import { DEFAULT_APP, inMemoryFace, messageEvent } from '../../src/simulator/index.js';
import { Platform } from '../../src/simulator/platform.js';
import { VirtualClock } from '../../src/simulator/virtual-clock.js';
import { testNetwork } from '../support/both-faces.js';
import { settled } from '../support/hand-clock.js';
import { poisonedParts } from '../support/poisoned-parts.js';
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

/** The whole connector in virtual time, and parts of its process that can go bad. */
function poisonableWorld() {
  const clock = new VirtualClock();
  const platform = new Platform({ clock, random: seededRandom(28) });
  const parts = poisonedParts(inMemoryFace(platform, { random: seededRandom(29) }));
  const { http, dial, refreshParts } = parts;
  const create = (options: ConnectorOptions) =>
    createConnector({
      ...options,
      domain: 'http://platform.invalid',
      logger: pino({ level: 'silent' }),
      seams: { clock, random: seededRandom(30), http, dial, refreshParts },
    });
  return { clock, platform, parts, create };
}

test.each(['everything', 'sockets'] as const)(
  'F28: where %s fails in this process, its fifth failure makes the parts anew, and the next attempt succeeds',
  async (what) => {
    const { clock, platform, parts, create } = poisonableWorld();
    const connector = create({ ...DEFAULT_APP, handlers: { '*': () => {} } });
    const attempts: string[] = [];
    connector.on('report', ({ report: { type } }) => {
      if (['attempt_failed', 'parts_refreshed', 'connected'].includes(type)) attempts.push(type);
    });
    await connector.start();
    await clock.advanceBy(120_000);
    attempts.length = 0;
    parts.poison(what, 'until fresh');
    platform.inject({ fault: 'drop_socket' });
    expect(await clock.runUntil(() => attempts.includes('connected'), 600_000)).toBe(true);
    expect(attempts).toEqual([...Array(5).fill('attempt_failed'), 'parts_refreshed', 'connected']);
    expect(parts.generation).toBe(1);
    let isStopped = false;
    const stopped = connector.stop().then(() => {
      isStopped = true;
    });
    await clock.runUntil(() => isStopped, 60_000);
    await stopped;
  },
);

const SIX_HOURS_MS = 6 * 3_600_000;

/** A daemon with one app in that world; what fails in it is not to be seen from outside. */
async function poisonableDaemon() {
  const world = poisonableWorld();
  const { clock, create } = world;
  const config: DaemonConfig = {
    listen: { host: '127.0.0.1', port: 0 },
    logLevel: 'silent',
    drainMs: 500,
    openMetrics: false,
    tracing: null,
    exitAfterOutageMs: SIX_HOURS_MS,
    apps: [
      { ...DEFAULT_APP, app: 'bot', domain: 'feishu', handler: 'stdout', connection: {}, token: {}, delivery: {} },
    ],
    warnings: [],
  };
  // Another process has parts of its own, and those are good.
  const outside = inMemoryFace(world.platform, { random: seededRandom(31) });
  const { lookAt } = createDiscovery({
    ...DEFAULT_APP,
    http: outside.http,
    baseUrl: 'http://platform.invalid',
    secret: async () => '',
  });
  const probe = (_app: unknown, signal: AbortSignal) =>
    lookAt('platform', { timeoutMs: 5_000, signal, gateway: null }).catch(() => false);
  const parts = { createConnector: create, logger: pino({ level: 'silent' }), stdout: new PassThrough(), clock, probe };
  const daemon = await startDaemon(config, parts);
  const seen: { ending: Ending | null } = { ending: null };
  void daemon.ended.then((ending) => {
    seen.ending = ending;
  });
  await clock.advanceBy(120_000);
  onTestFinished(async () => {
    let isStopped = false;
    const stopped = daemon.stop().then(() => {
      isStopped = true;
    });
    while (!isStopped) {
      await clock.advanceBy(1_000);
      await settled();
    }
    await stopped;
  });
  return { ...world, seen };
}

test('F28: parts that stay bad however often they are made: after six hours the daemon asks for a new process', async () => {
  const { clock, platform, parts, seen } = await poisonableDaemon();
  parts.poison('everything', 'for ever');
  platform.inject({ fault: 'drop_socket' });
  await clock.advanceBy(SIX_HOURS_MS);
  expect(seen.ending).toBeNull();
  expect(parts.generation).toBeGreaterThan(10);
  expect(await clock.runUntil(() => seen.ending !== null, 15 * 60_000)).toBe(true);
  expect(seen.ending).toEqual({
    why: 'outage',
    reason: expect.stringMatching(
      /^the app bot has been in one outage for 36\d minutes; the platform answers a probe, and/,
    ),
  });
});

test('F28: an outage of the platform that takes a day is none of the process, and it is back when that ends', async () => {
  const { clock, platform, seen } = await poisonableDaemon();
  platform.inject({ fault: 'discovery_status', status: 502 });
  platform.inject({ fault: 'drop_socket' });
  await clock.advanceBy(24 * 3_600_000);
  platform.clear();
  await clock.advanceBy(600_000);
  expect(platform.connections().length).toBe(1);
  expect(seen.ending).toBeNull();
});

test('F28: a rejected secret is no reason for a new process, which would be rejected as well', async () => {
  const { clock, platform, seen } = await poisonableDaemon();
  platform.inject({ fault: 'discovery_code', code: 514 });
  platform.inject({ fault: 'drop_socket' });
  await clock.advanceBy(24 * 3_600_000);
  expect(platform.connections().length).toBe(0);
  expect(seen.ending).toBeNull();
});
