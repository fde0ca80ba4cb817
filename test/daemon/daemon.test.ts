import { once } from 'node:events';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../src/adapters/index.js';
import { type Connector, createConnector } from '../../src/connector.js';
import type { AppConfig, DaemonConfig } from '../../src/daemon/config.js';
import { ConfigError, type ConfigProblem } from '../../src/daemon/config-error.js';
import type { ConfigurationStanding } from '../../src/daemon/configuration-in-force.js';
import { type Daemon, startDaemon } from '../../src/daemon/daemon.js';
import { PATIENCE_MS } from '../../src/daemon/prepared-app.js';
import type { Readiness } from '../../src/daemon/readiness.js';
import type { Clock } from '../../src/ports/index.js';
import { createSimulator, DEFAULT_APP, messageEvent } from '../../src/simulator/index.js';
import { APP_ID, APP_SECRET, disconnected, FakeConnectors, OTHER_APP_ID } from '../support/app-connector.js';
import { eventually } from '../support/eventually.js';
import { HandClock, settled } from '../support/hand-clock.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

function appOf(app: string, appId: string, changes: Partial<AppConfig> = {}): AppConfig {
  return {
    appId,
    app,
    appSecret: APP_SECRET,
    domain: 'feishu',
    handler: 'stdout',
    connection: {},
    token: {},
    delivery: {},
    ...changes,
  };
}

const ONE = appOf('one', APP_ID);
const TWO = appOf('two', OTHER_APP_ID);

function configOf(apps: readonly AppConfig[], changes: Partial<DaemonConfig> = {}): DaemonConfig {
  return {
    listen: { host: '127.0.0.1', port: 0 },
    logLevel: 'silent',
    drainMs: 500,
    openMetrics: false,
    tracing: null,
    apps,
    warnings: [],
    ...changes,
  };
}

async function started(config: DaemonConfig, connectors = new FakeConnectors(), clock: Clock = systemClock) {
  const stdout = new PassThrough();
  const logger = pino({ level: 'silent' });
  const daemon = await startDaemon(config, { createConnector: connectors.create, logger, stdout, clock });
  cleanups.push(() => daemon.stop({ drainMs: 0 }));
  return { daemon, connectors, stdout, logger };
}

const readyz = async (daemon: Daemon) => (await fetch(`${daemon.url}/readyz`)).status;

test('it starts a connector per app with one registry, and stops them within the drain', async () => {
  const { daemon, connectors, logger } = await started(configOf([ONE, TWO], { logLevel: 'error' }));
  expect(daemon.apps).toEqual(['one', 'two']);
  expect(logger.level).toBe('error');
  expect(connectors.options[0]?.registry).toBe(connectors.options[1]?.registry);
  expect(connectors.options[0]).toMatchObject({ appId: APP_ID, app: 'one', appSecret: APP_SECRET, domain: 'feishu' });
  expect(await readyz(daemon)).toBe(200);
  expect(await (await fetch(`${daemon.url}/metrics`)).text()).toContain('process_cpu_seconds_total');
  const { url } = daemon;
  await daemon.stop();
  expect(connectors.calls).toEqual(['start one', 'start two', 'stop one 500', 'stop two 500']);
  await expect(fetch(`${url}/livez`)).rejects.toThrow();
});

test('an app without a connection makes it unready', async () => {
  const connectors = new FakeConnectors();
  connectors.status = ({ app = '' }) => disconnected('waiting', { app });
  const { daemon } = await started(configOf([ONE]), connectors);
  expect(await readyz(daemon)).toBe(503);
});

test('while it drains it is alive, not ready, and to be watched', async () => {
  const connectors = new FakeConnectors();
  let finish = (): void => {};
  connectors.drained = new Promise((resolve) => {
    finish = resolve;
  });
  const { daemon } = await started(configOf([ONE]), connectors);
  const stopped = daemon.stop();
  expect(daemon.stop()).toBe(stopped);
  const answer = await fetch(`${daemon.url}/readyz`);
  expect([answer.status, await answer.json()]).toMatchObject([503, { reason: 'the daemon is stopping' }]);
  expect((await fetch(`${daemon.url}/livez`)).status).toBe(200);
  finish();
  await stopped;
});

test('a taken port leaves nothing running', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  cleanups.push(() => other.close());
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const connectors = new FakeConnectors();
  await expect(started(configOf([ONE], { listen: { host: '127.0.0.1', port } }), connectors)).rejects.toThrow(
    /another process does/,
  );
  expect(connectors.calls).toEqual([]);
});

test('an app that cannot be made stops those that were started, and frees the port', async () => {
  const connectors = new FakeConnectors();
  const parts = {
    logger: pino({ level: 'silent' }),
    stdout: new PassThrough(),
    createConnector: (options: Parameters<FakeConnectors['create']>[0]) => {
      if (options.app === 'two') throw new Error('no room');
      return connectors.create(options);
    },
  };
  await expect(startDaemon(configOf([ONE, TWO]), parts)).rejects.toThrow('no room');
  expect(connectors.calls).toEqual(['start one', 'stop one 0']);
  expect(parts.stdout.listenerCount('error')).toBe(0);
});

test('an app that cannot start in a reload keeps nobody else stopped, shows as not ready, and is tried by the next', async () => {
  const three = appOf('three', 'cli_3333333333333333');
  const { daemon, connectors } = await started(configOf([ONE, TWO]));
  connectors.unable.set('two', new Error('the journal is in use'));
  const changed = configOf([ONE, { ...TWO, connection: { heartbeatMs: 30_000 } }, three]);
  expect(await daemon.reload(changed)).toMatchObject({ started: ['three'], unchanged: ['one'], failed: ['two'] });
  expect(daemon.apps).toEqual(['one', 'two', 'three']);
  connectors.unable.clear();
  connectors.calls.length = 0;
  expect(await daemon.reload(changed)).toMatchObject({ restarted: ['two'], unchanged: ['one', 'three'], failed: [] });
  // What was left of the first try goes before the second: its series too.
  expect(connectors.calls.filter((call) => call.includes('two'))).toEqual(['dispose two 500', 'start two']);
});

test('an app that cannot start keeps no other from running: it is tried again, with growing waits, until it can', async () => {
  const clock = new HandClock();
  const connectors = new FakeConnectors();
  connectors.unable.set('two', new Error('the journal is in use'));
  const { daemon } = await started(configOf([ONE, TWO]), connectors, clock);
  // One app's journal is no reason to have the process killed, and every other app with it.
  const probes = await Promise.all(['livez', 'readyz'].map((path) => fetch(`${daemon.url}/${path}`)));
  expect(probes.map(({ status }) => status)).toEqual([200, 503]);
  expect(await probes[1]?.json()).toMatchObject({
    apps: [{ isReady: true }, { evidence: 'it could not start, and is tried again: the journal is in use' }],
  });
  expect(await (await fetch(`${daemon.url}/status`)).json()).toMatchObject({
    apps: [{ app: 'one' }, { advice: 'Mend that. It is tried again by itself; a reload tries at once.' }],
  });
  expect(daemon.apps).toEqual(['one', 'two']);
  expect(connectors.calls).toEqual(['start one', 'start two']);
  const starts = () => connectors.calls.filter((call) => call === 'start two').length;
  for (const [waitMs, count] of [
    [999, 1],
    [1, 2],
    [1_999, 2],
    [1, 3],
  ] as const) {
    await clock.advanceBy(waitMs);
    await settled();
    expect(starts(), `${waitMs} ms later`).toBe(count);
  }
  connectors.unable.clear();
  await clock.advanceBy(4_000);
  await settled();
  expect(starts()).toBe(4);
  await clock.advanceBy(3_600_000);
  await settled();
  expect(starts()).toBe(4);
  expect(await daemon.reload(configOf([ONE, TWO]))).toMatchObject({ unchanged: ['one', 'two'] });
});

test('where no app can start there is no daemon, and a stop ends the tries', async () => {
  const connectors = new FakeConnectors();
  connectors.unable.set('one', new Error('the journal is in use'));
  await expect(started(configOf([ONE]), connectors)).rejects.toThrow('the journal is in use');
  connectors.unable.set('two', new Error('the disk is full'));
  await expect(started(configOf([ONE, TWO]), connectors)).rejects.toThrow('the journal is in use');

  connectors.unable.delete('one');
  const clock = new HandClock();
  const { daemon } = await started(configOf([ONE, TWO]), connectors, clock);
  connectors.calls.length = 0;
  await daemon.stop();
  await clock.advanceBy(3_600_000);
  await settled();
  expect(connectors.calls.filter((call) => call.startsWith('start'))).toEqual([]);
});

test('a reload starts, stops and restarts what changed, and tells the rest to try now', async () => {
  const three = appOf('three', 'cli_3333333333333333');
  const { daemon, connectors } = await started(configOf([ONE, TWO, three]));
  connectors.calls.length = 0;
  const four = appOf('four', 'cli_4444444444444444');
  const changed = { ...TWO, connection: { heartbeatMs: 30_000 } };
  const summary = await daemon.reload(configOf([{ ...ONE }, changed, four]));
  expect(summary).toEqual({
    started: ['four'],
    stopped: ['three'],
    restarted: ['two'],
    unchanged: ['one'],
    failed: [],
  });
  expect(connectors.calls).toEqual([
    'reconnect one',
    'dispose two 500',
    'dispose three 500',
    'start four',
    'start two',
  ]);
  expect(daemon.apps).toEqual(['one', 'two', 'four']);
});

/** A promise and what resolves it. */
function gate() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

const changed = (app: AppConfig): AppConfig => ({ ...app, connection: { heartbeatMs: 30_000 } });

test('a reload drains all at once, and starts each app as soon as it is drained itself', async () => {
  const three = appOf('three', 'cli_3333333333333333');
  const { daemon, connectors } = await started(configOf([ONE, TWO, three]));
  connectors.calls.length = 0;
  const slow = gate();
  connectors.waits.set('dispose one', slow.opened);
  const reloaded = daemon.reload(configOf([ONE, TWO, three].map(changed)));
  await settled();
  expect(connectors.calls).toEqual([
    ...['dispose one 500', 'dispose two 500', 'dispose three 500', 'start two', 'start three'],
  ]);
  // The one that still drains is still to be seen.
  expect([...daemon.apps].sort()).toEqual(['one', 'three', 'two']);
  slow.open();
  expect((await reloaded).restarted).toEqual(['one', 'two', 'three']);
  expect(connectors.calls.at(-1)).toBe('start one');
  expect(daemon.apps).toEqual(['one', 'two', 'three']);
});

test('an app waits for the one that had its id or its journal', async () => {
  const { daemon, connectors } = await started(configOf([ONE, { ...TWO, journal: { directory: '/none/two' } }]));
  connectors.calls.length = 0;
  const slow = gate();
  connectors.waits.set('dispose one', slow.opened);
  connectors.waits.set('dispose two', slow.opened);
  const heir = appOf('heir', 'cli_4444444444444444', { journal: { directory: '/none/two' } });
  const other = appOf('other', 'cli_5555555555555555');
  const reloaded = daemon.reload(configOf([{ ...ONE, app: 'renamed' }, heir, other]));
  await settled();
  expect(connectors.calls).toEqual(['dispose one 500', 'dispose two 500', 'start other']);
  slow.open();
  expect(await reloaded).toMatchObject({ started: ['renamed', 'heir', 'other'], stopped: ['one', 'two'] });
});

test('an app that a reload cannot create is not ready, says so, and is tried again until it can', async () => {
  const clock = new HandClock();
  const { daemon, connectors } = await started(configOf([ONE]), new FakeConnectors(), clock);
  connectors.impossible.add('two');
  expect(await daemon.reload(configOf([ONE, TWO]))).toMatchObject({ unchanged: ['one'], failed: ['two'] });
  const answer = await fetch(`${daemon.url}/readyz`);
  expect([answer.status, await answer.json()]).toMatchObject([
    503,
    {
      reason: '1 of 2 apps not connected',
      apps: [
        { app: 'one' },
        {
          app: 'two',
          appId: OTHER_APP_ID,
          evidence: 'it could not start, and is tried again: no room for two',
        },
      ],
    },
  ]);
  expect(await (await fetch(`${daemon.url}/status`)).json()).toMatchObject({
    apps: [{}, { app: 'two', error: 'it could not start, and is tried again: no room for two', hasStarted: false }],
  });
  expect((await fetch(`${daemon.url}/livez`)).status).toBe(200);
  await clock.advanceBy(1_000);
  expect([connectors.calls.includes('start two'), await readyz(daemon)]).toEqual([false, 503]);
  connectors.impossible.clear();
  await clock.advanceBy(2_000);
  expect([connectors.calls.includes('start two'), await readyz(daemon)]).toEqual([true, 200]);
});

test('an app that a reload cannot create is left behind by the next that does without it, and by a stop', async () => {
  const { daemon, connectors } = await started(configOf([ONE]));
  connectors.impossible.add('two');
  await daemon.reload(configOf([ONE, TWO]));
  expect(await daemon.reload(configOf([ONE]))).toMatchObject({ stopped: ['two'], unchanged: ['one'] });
  expect([daemon.apps, await readyz(daemon)]).toEqual([['one'], 200]);
  await daemon.reload(configOf([ONE, TWO]));
  await daemon.stop();
  expect(connectors.calls.filter((call) => call.includes('two'))).toEqual([]);
});

test('apps that are tried again do not wait for each other, nor a stop for them', async () => {
  const clock = new HandClock();
  const three = appOf('three', 'cli_3333333333333333');
  const connectors = new FakeConnectors();
  for (const app of ['two', 'three']) connectors.unable.set(app, new Error('the journal is in use'));
  const { daemon } = await started(configOf([ONE, TWO, three]), connectors, clock);
  connectors.calls.length = 0;
  connectors.waits.set('start two', gate().opened);
  await clock.advanceBy(1_000);
  expect(connectors.calls).toEqual(['start two', 'start three']);
  connectors.calls.length = 0;
  await daemon.stop();
  await clock.advanceBy(120_000);
  expect(connectors.calls).toEqual(['stop one 500', 'stop two 500', 'stop three 500']);
});

test('two apps may swap their names', async () => {
  const { daemon, connectors } = await started(configOf([ONE, TWO]));
  const swapped = configOf([appOf('two', APP_ID), appOf('one', OTHER_APP_ID)]);
  expect((await daemon.reload(swapped)).restarted).toEqual(['two', 'one']);
  expect(connectors.calls.slice(2)).toEqual(['dispose one 500', 'dispose two 500', 'start two', 'start one']);
});

test('a handler module that changed restarts its app; one that no longer loads changes nothing', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'feishu-daemon-'));
  cleanups.push(() => rm(directory, { recursive: true }));
  const handler = join(directory, 'handler.mjs');
  const write = async (text: string, year: number) => {
    await writeFile(handler, text);
    await utimes(handler, new Date(), new Date(Date.UTC(year, 1)));
  };
  await write('export default { first: () => {} };', 2001);
  const config = configOf([{ ...ONE, handler }, TWO]);
  const { daemon, connectors } = await started(config);
  expect((await daemon.reload(config)).unchanged).toEqual(['one', 'two']);
  await write('export default { second: () => {} };', 2002);
  expect((await daemon.reload(config)).restarted).toEqual(['one']);
  expect(connectors.options.at(-1)?.sink?.eventTypes).toEqual(['second']);
  connectors.calls.length = 0;
  await write('export default {', 2003);
  await expect(daemon.reload(config)).rejects.toThrow(
    /^one keeps every app from being reloaded: the handler module .* cannot be loaded: .*\. A start would leave out one alone\.$/s,
  );
  expect(connectors.calls).toEqual([]);
  expect(await readyz(daemon)).toBe(200);
});

async function moduleOf(text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'feishu-daemon-'));
  cleanups.push(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'handler.mjs'), text);
  return join(directory, 'handler.mjs');
}

test('handlers that cannot be loaded at the start keep no other app from running, and are tried until they can', async () => {
  const handler = await moduleOf(
    "if (!globalThis.isDatabaseThere) throw new Error('no database');\nexport default { first: () => {} };",
  );
  cleanups.push(() => void Reflect.deleteProperty(globalThis, 'isDatabaseThere'));
  const clock = new HandClock();
  const { daemon, connectors } = await started(configOf([{ ...ONE, handler }, TWO]), new FakeConnectors(), clock);
  expect(connectors.calls).toEqual(['start two']);
  const readiness = (await (await fetch(`${daemon.url}/readyz`)).json()) as Readiness;
  expect(readiness.apps.map(({ app, isReady }) => [app, isReady])).toEqual([
    ['one', false],
    ['two', true],
  ]);

  Object.assign(globalThis, { isDatabaseThere: true });
  await clock.advanceBy(1_000);
  await eventually(async () => connectors.calls.length === 2, 'the start of the other');
  expect(connectors.calls).toEqual(['start two', 'start one']);
  expect(connectors.options.at(-1)?.sink?.eventTypes).toEqual(['first']);
  await eventually(async () => (await readyz(daemon)) === 200, 'both to be ready');
});

test('handlers that take long to load at the start keep no other app waiting, and are taken once they are there', async () => {
  const handler = await moduleOf('await globalThis.connecting;\nexport default { first: () => {} };');
  let connect = (): void => {};
  Object.assign(globalThis, { connecting: new Promise<void>((resolve) => (connect = resolve)) });
  cleanups.push(() => void Reflect.deleteProperty(globalThis, 'connecting'));
  const clock = new HandClock();
  const starting = started(configOf([{ ...ONE, handler }, TWO]), new FakeConnectors(), clock);
  await eventually(() => clock.pending === 2, 'the wait for the module');
  await clock.advanceBy(PATIENCE_MS);
  const { daemon, connectors } = await starting;
  expect(connectors.calls).toEqual(['start two']);
  const { apps } = (await (await fetch(`${daemon.url}/readyz`)).json()) as Readiness;
  expect(apps[0]?.evidence).toMatch(/is tried again: the handler module .* is still being loaded$/);
  await clock.advanceBy(1_000);
  connect();
  await eventually(async () => (await readyz(daemon)) === 200, 'both to be ready');
  expect(connectors.calls).toEqual(['start two', 'start one']);
});

test('where no other app is ready, the start waits for handlers that take long', async () => {
  const handler = await moduleOf('await globalThis.connecting;\nexport default { first: () => {} };');
  let connect = (): void => {};
  Object.assign(globalThis, { connecting: new Promise<void>((resolve) => (connect = resolve)) });
  cleanups.push(() => void Reflect.deleteProperty(globalThis, 'connecting'));
  const clock = new HandClock();
  const starting = started(configOf([{ ...ONE, handler }]), new FakeConnectors(), clock);
  await eventually(() => clock.pending === 2, 'the wait for the module');
  await clock.advanceBy(PATIENCE_MS * 5);
  connect();
  expect((await starting).connectors.calls).toEqual(['start one']);
});

test('where the handlers of no app can be loaded there is no daemon', async () => {
  const handler = await moduleOf("throw new Error('no database');");
  await expect(started(configOf([{ ...ONE, handler }]))).rejects.toThrow(/cannot be loaded: Error: no database$/);
});

test('a stop waits for no module that never loads', async () => {
  const handler = await moduleOf('await new Promise(() => {});');
  const { daemon } = await started(configOf([ONE]));
  const reloading = daemon.reload(configOf([ONE, { ...TWO, handler }]));
  await Promise.all([daemon.stop({ drainMs: 0 }), expect(reloading).rejects.toThrow('the daemon is stopping')]);
});

test('a start that waits for a module that never loads ends when it is asked to, with nothing left running', async () => {
  const handler = await moduleOf('await new Promise(() => {});');
  const asked = new AbortController();
  const clock = new HandClock();
  const connectors = new FakeConnectors();
  const { create: createConnector } = connectors;
  const parts = { createConnector, logger: pino({ level: 'silent' }), stdout: new PassThrough(), clock };
  const starting = startDaemon(configOf([{ ...ONE, handler }]), { ...parts, signal: asked.signal });
  await eventually(() => clock.pending === 2, 'the wait for the module');
  asked.abort();
  await expect(starting).rejects.toBe(asked.signal.reason);
  expect(connectors.calls).toEqual([]);
  const tooLate = startDaemon(configOf([ONE]), { ...parts, signal: asked.signal });
  await expect(tooLate).rejects.toBe(asked.signal.reason);
});

/** What the daemon says of its configuration, to people and to Prometheus. */
async function configurationOf(daemon: Daemon) {
  const status = (await (await fetch(`${daemon.url}/status`)).json()) as { configuration: ConfigurationStanding };
  const metrics = await (await fetch(`${daemon.url}/metrics`)).text();
  const gauge = (name: string) => Number(new RegExp(`^feishu_connector_config_${name} (.*)$`, 'm').exec(metrics)?.[1]);
  return {
    ...status.configuration,
    isSuccessful: gauge('last_reload_successful'),
    succeededAt: gauge('last_reload_success_timestamp_seconds') * 1_000,
    page: (await (await fetch(daemon.url)).text()).includes('The configuration in force is older than the file'),
  };
}

test('a reload that is refused, be it unread or unfit, is told until one succeeds; the start counts as one', async () => {
  const clock = new HandClock();
  const { daemon } = await started(configOf([ONE]), new FakeConnectors(), clock);
  const startedAt = clock.wallNow();
  const good = { loadedAt: startedAt, refused: null, isSuccessful: 1, succeededAt: startedAt, page: false };
  expect(await configurationOf(daemon)).toEqual(good);

  await clock.advanceBy(1_000);
  const problem = (where: string): ConfigProblem => ({
    where,
    path: '',
    expected: 'a mapping',
    given: 'a text',
    advice: 'Write one.',
  });
  const unread = Promise.reject(new ConfigError([problem('config.yaml:1'), problem('config.yaml:2')]));
  await expect(daemon.reload(unread)).rejects.toThrow(ConfigError);
  const line = 'config.yaml:1: expected a mapping, got a text. Write one. (and 1 more; the log has them all)';
  const refused = { at: startedAt + 1_000, problem: line };
  expect(await configurationOf(daemon)).toEqual({ ...good, refused, isSuccessful: 0, page: true });

  await clock.advanceBy(1_000);
  const unfit = daemon.reload(configOf([{ ...ONE, appId: `nonsense app_secret=${APP_SECRET}` }]));
  await expect(unfit).rejects.toThrow(/appId must be/);
  const later = await configurationOf(daemon);
  expect(later).toMatchObject({ loadedAt: startedAt, refused: { at: startedAt + 2_000 }, isSuccessful: 0 });
  expect(JSON.stringify(later)).not.toContain(APP_SECRET);

  await clock.advanceBy(1_000);
  await daemon.reload(configOf([ONE]));
  const loadedAt = startedAt + 3_000;
  expect(await configurationOf(daemon)).toEqual({ ...good, loadedAt, succeededAt: loadedAt });
});

test('a reading that never ends holds up no stop, and what a stop interrupts is no refusal', async () => {
  const connectors = new FakeConnectors();
  let finish = (): void => {};
  connectors.drained = new Promise((resolve) => {
    finish = resolve;
  });
  const { daemon } = await started(configOf([ONE]), connectors);
  const reloading = daemon.reload(new Promise(() => {}));
  const stopped = daemon.stop({ drainMs: 0 });
  await expect(reloading).rejects.toThrow('the daemon is stopping');
  expect(await configurationOf(daemon)).toMatchObject({ refused: null, isSuccessful: 1 });
  finish();
  await stopped;
});

test('options that no connector takes change nothing', async () => {
  const { daemon, connectors } = await started(configOf([ONE]));
  connectors.calls.length = 0;
  await expect(daemon.reload(configOf([TWO, { ...ONE, appId: 'nonsense' }]))).rejects.toThrow(/appId must be/);
  expect([connectors.calls, daemon.apps]).toEqual([[], ['one']]);
});

test('a reload may move the HTTP surface, and stays where it is if the new port is taken', async () => {
  const { daemon } = await started(configOf([ONE]));
  const before = daemon.url;
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  cleanups.push(() => other.close());
  const address = other.address();
  const taken = typeof address === 'object' && address !== null ? address.port : 0;
  await expect(daemon.reload(configOf([TWO], { listen: { host: '127.0.0.1', port: taken } }))).rejects.toThrow(
    /another process does/,
  );
  expect([daemon.url, daemon.apps, await readyz(daemon)]).toEqual([before, ['one'], 200]);
  await daemon.reload(configOf([ONE], { listen: { host: 'localhost', port: 0 } }));
  expect(daemon.url).not.toBe(before);
  expect(await readyz(daemon)).toBe(200);
  await expect(fetch(`${before}/livez`)).rejects.toThrow();
});

test('a stop during a reload starts nothing more', async () => {
  const connectors = new FakeConnectors();
  const { daemon } = await started(configOf([ONE]), connectors);
  let finish = (): void => {};
  connectors.drained = new Promise((resolve) => {
    finish = resolve;
  });
  const reloaded = daemon.reload(configOf([changed(ONE)]));
  await settled(); // it drains the app as it was now
  const stopped = daemon.stop();
  finish();
  await Promise.all([reloaded, stopped]);
  expect(connectors.calls).toEqual(['start one', 'dispose one 500']);
  await expect(daemon.reload(configOf([ONE]))).rejects.toThrow('the daemon is stopping');
});

test('an app that fails to stop does not keep the others', async () => {
  const connectors = new FakeConnectors();
  const { daemon } = await started(configOf([ONE, TWO]), connectors);
  connectors.drained = Promise.reject(new Error('a bug'));
  await daemon.stop();
  expect(connectors.calls.slice(2)).toEqual(['stop one 500', 'stop two 500']);
});

test('it says when the reader of standard output is gone', async () => {
  const { daemon, stdout } = await started(configOf([ONE]));
  stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  expect(await daemon.ended).toEqual({ why: 'output_gone', reason: 'the reader of standard output is gone' });
});

test('apps with handler modules do not miss a standard output that is gone', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'feishu-daemon-'));
  cleanups.push(() => rm(directory, { recursive: true }));
  const handler = join(directory, 'handler.mjs');
  await writeFile(handler, "export default { '*': () => {} };");
  const { daemon, stdout } = await started(configOf([{ ...ONE, handler }]));
  let reason: string | null = null;
  void daemon.ended.then(({ reason: told }) => {
    reason = told;
  });
  const closed = new Promise((resolve) => stdout.on('close', resolve));
  stdout.destroy(new Error('gone'));
  await closed;
  await settled();
  expect([reason, await readyz(daemon)]).toEqual([null, 200]);
  await expect(daemon.reload(configOf([{ ...ONE, handler }, TWO]))).rejects.toThrow(/gone; name a handler for two/);
});

test('against the simulator: events come out as lines, and a reload replaces an app under the same name', async () => {
  const simulator = createSimulator();
  const { url } = await simulator.start();
  cleanups.push(() => simulator.stop());
  const stdout = new PassThrough();
  const app = appOf('bot', DEFAULT_APP.appId, { appSecret: DEFAULT_APP.appSecret, domain: url });
  const made: Connector[] = [];
  const daemon = await startDaemon(configOf([app]), {
    createConnector: (options) => {
      const connector = createConnector(options);
      made.push(connector);
      return connector;
    },
    logger: pino({ level: 'silent' }),
    stdout,
  });
  cleanups.push(() => daemon.stop({ drainMs: 0 }));
  const sayAndRead = async (eventId: string) => {
    await made.at(-1)?.ready();
    const line = once(stdout, 'data');
    simulator.send(messageEvent({ eventId, text: 'hello' }));
    return JSON.parse(String((await line)[0])).id as string;
  };
  expect(await sayAndRead('event-1')).toBe('event-1');
  const summary = await daemon.reload(configOf([{ ...app, connection: { heartbeatMs: 30_000 } }]));
  expect(summary.restarted).toEqual(['bot']);
  expect(await sayAndRead('event-2')).toBe('event-2');
  expect(await (await fetch(`${daemon.url}/metrics`)).text()).toContain('feishu_ws_connected{app="bot"} 1');
});

test('an app whose events leave the process has a sink of its own; another setting restarts it, the same one does not', async () => {
  const { handler: _handler, ...rest } = ONE;
  const withUrl = (url: string) => configOf([{ ...rest, sink: { webhook: { url } } }, TWO]);
  const { daemon, connectors } = await started(withUrl('http://127.0.0.1:1/a'));
  expect(connectors.options.map(({ sink }) => sink?.kind)).toEqual(['webhook', 'stdout']);
  expect(connectors.options[0]).not.toHaveProperty('handlers');
  expect(await daemon.reload(withUrl('http://127.0.0.1:1/a'))).toMatchObject({ unchanged: ['one', 'two'] });
  expect(await daemon.reload(withUrl('http://127.0.0.1:1/b'))).toMatchObject({
    restarted: ['one'],
    unchanged: ['two'],
  });
});
