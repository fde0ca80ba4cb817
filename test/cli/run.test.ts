import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { runCli } from '../../src/cli/cli.js';
import { EXIT } from '../../src/cli/exit-code.js';
import { createConnector } from '../../src/connector.js';
import { createSimulator } from '../../src/simulator/index.js';
import { APP_ID, APP_SECRET, disconnected, FakeConnectors } from '../support/app-connector.js';
import { TestFace } from '../support/cli-face.js';
import { eventually } from '../support/eventually.js';
import { HandClock } from '../support/hand-clock.js';
import { withFiles } from '../support/temporary-folder.js';

const ENV = { FEISHU_APP_ID: APP_ID, FEISHU_APP_SECRET: APP_SECRET, FEISHU_LISTEN: '127.0.0.1:0' };

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'feishu-run-'));
});
afterAll(() => rm(directory, { recursive: true }));

test.each([
  ['SIGTERM', EXIT.terminated],
  ['SIGINT', EXIT.interrupted],
] as const)('%s drains within the budget and ends with %i', async (signal, code) => {
  const face = new TestFace(['run'], { env: { ...ENV, FEISHU_DRAIN_MS: '700' } });
  const ended = runCli(face);
  await face.saw(/daemon started/);
  face.signal(signal);
  expect(await ended).toBe(code);
  expect(face.connectors.calls).toEqual([`start ${APP_ID}`, `stop ${APP_ID} 700`]);
  expect([face.exits, face.listenerCount, face.out]).toEqual([[], 0, '']);
  expect(face.err).not.toContain(APP_SECRET);
});

test('a start that waits for handlers that never load ends at the first signal', async () => {
  const handler = join(directory, 'waiting.mjs');
  await writeFile(handler, 'globalThis.isLoading = true;\nawait new Promise(() => {});\n');
  onTestFinished(() => void Reflect.deleteProperty(globalThis, 'isLoading'));
  const face = new TestFace(['run'], { env: { ...ENV, FEISHU_HANDLER: handler } });
  const ended = runCli(face);
  await eventually(() => 'isLoading' in globalThis, 'the module to be loaded');
  face.signal('SIGTERM');
  expect(await ended).toBe(EXIT.terminated);
  expect([face.connectors.calls, face.exits, face.listenerCount]).toEqual([[], [], 0]);
});

test('a second signal ends it at once', async () => {
  const face = new TestFace(['run'], { env: ENV });
  let finish = (): void => {};
  face.connectors.drained = new Promise((resolve) => {
    finish = resolve;
  });
  const ended = runCli(face);
  await face.saw(/daemon started/);
  face.signal('SIGTERM');
  await face.saw(/draining/);
  expect(face.exits).toEqual([]);
  face.signal('SIGINT');
  expect(face.exits).toEqual([EXIT.interrupted]);
  finish();
  await ended;
});

test('a drain that never ends is cut off five seconds after its budget', async () => {
  const clock = new HandClock();
  const face = new TestFace(['run'], { env: ENV, clock });
  let finish = (): void => {};
  face.connectors.drained = new Promise((resolve) => {
    finish = resolve;
  });
  const ended = runCli(face);
  await face.saw(/daemon started/);
  face.signal('SIGTERM');
  await face.saw(/draining/);
  await clock.advanceBy(14_999);
  expect(face.exits).toEqual([]);
  await clock.advanceBy(1);
  expect(face.exits).toEqual([EXIT.terminated]);
  finish();
  await ended;
});

test('without credentials it says what to set, and where to try it without any', async () => {
  const face = new TestFace(['run']);
  expect(await runCli(face)).toBe(EXIT.usage);
  expect(face.err).toMatch(/^feishu-connector: environment: expected an app to connect, got none\. Set FEISHU_APP_ID/);
  expect(face.err).toMatch(/feishu-connector demo\n.*feishu-connector run --simulator/);
  expect(face.connectors.calls).toEqual([]);
});

test('a journal where there can be no directory is told with what to do', async () => {
  await withFiles({ file: 'text' }, async (cwd) => {
    const face = new TestFace(['run'], { env: { ...ENV, FEISHU_JOURNAL_DIRECTORY: 'file' }, cwd, createConnector });
    expect(await runCli(face)).toBe(EXIT.failure);
    expect(face.err).toMatch(/feishu-connector: .*file.*mkdir.*\. The directory cannot be made.*Check its owner.*\n$/);
  });
});

test('with --json a wrong configuration is one JSON line with every problem', async () => {
  const face = new TestFace(['run', '--json', '--log-level', 'loud'], { env: { ...ENV, FEISHU_DOMAIN: 'x' } });
  expect(await runCli(face)).toBe(EXIT.usage);
  const answer = JSON.parse(face.err);
  expect(answer.error).toBe('ConfigError');
  expect(answer.problems.map(({ where }: { where: string }) => where).sort()).toEqual(['--log-level', 'FEISHU_DOMAIN']);
});

test('a taken port ends it with 1 and starts nothing', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const face = new TestFace(['run', '--listen', `127.0.0.1:${port}`], { env: ENV });
  expect(await runCli(face)).toBe(EXIT.failure);
  expect(face.err).toContain(`cannot listen on 127.0.0.1:${port}: another process does.`);
  expect([face.connectors.calls, face.listenerCount]).toEqual([[], 0]);
  other.close();
});

test('SIGHUP takes the new file over, and keeps the old configuration if the new one is wrong', async () => {
  const file = join(directory, 'config.yaml');
  const write = (more: string) =>
    writeFile(file, `listen: 127.0.0.1:0\nappId: ${APP_ID}\nappSecret: ${APP_SECRET}\n${more}`);
  await write('app: before\n');
  const face = new TestFace(['run', '--config', 'config.yaml'], { cwd: directory });
  const ended = runCli(face);
  await face.saw(/daemon started/);
  await write('app: after\ndrainMs: 42\n');
  face.signal('SIGHUP');
  await face.saw(/configuration reloaded/);
  await write('app: [broken\n');
  face.signal('SIGHUP');
  await face.saw(/the old one stays in force/);
  expect(face.err).toMatch(/config\.yaml:\d: expected valid YAML/);
  const [, url = ''] = /"url":"(http:[^"]+)"/.exec(face.err) ?? [];
  const configuration = async () =>
    ((await (await fetch(`${url}/status`)).json()) as { configuration: unknown }).configuration;
  expect(await configuration()).toMatchObject({
    refused: { problem: expect.stringMatching(/config\.yaml:\d.*: expected valid YAML/) },
  });
  face.signal('SIGTERM');
  expect(await ended).toBe(EXIT.terminated);
  expect(face.connectors.calls).toEqual(['start before', 'dispose before 42', 'start after', 'stop after 42']);
});

/** A file that names the app, and a command that runs it. */
async function runningFrom(name: string, given: Partial<TestFace> = {}) {
  const path = join(directory, name);
  const write = (app: string) =>
    writeFile(path, `listen: 127.0.0.1:0\nappId: ${APP_ID}\nappSecret: ${APP_SECRET}\napp: ${app}\ndrainMs: 42\n`);
  await write('before');
  const face = new TestFace(['run', '--config', name], { cwd: directory, ...given });
  return { face, write, reloads: () => face.err.match(/configuration reloaded/g)?.length ?? 0 };
}

test('SIGHUP while it starts reloads as soon as it has, once', async () => {
  let onCreate = (): void => {};
  const connectors = new FakeConnectors();
  const { face, reloads } = await runningFrom('early.yaml', {
    createConnector: (options) => {
      onCreate();
      return connectors.create(options);
    },
  });
  onCreate = () => {
    face.signal('SIGHUP');
    face.signal('SIGHUP');
  };
  const ended = runCli(face);
  await face.saw(/daemon started[\s\S]*configuration reloaded/);
  face.signal('SIGTERM');
  expect(await ended).toBe(EXIT.terminated);
  expect(connectors.calls).toEqual(['start before', 'reconnect before', 'stop before 42']);
  expect([reloads(), face.listenerCount]).toEqual([1, 0]);
  expect(face.err).toContain('SIGHUP: the configuration is read again as soon as the daemon has started');
});

test('SIGHUP while it drains changes nothing, and is told to', async () => {
  const { face, reloads } = await runningFrom('late.yaml');
  let finish = (): void => {};
  face.connectors.drained = new Promise((resolve) => {
    finish = resolve;
  });
  const ended = runCli(face);
  await face.saw(/daemon started/);
  face.signal('SIGTERM');
  await eventually(() => face.connectors.calls.includes('stop before 42'), 'the drain');
  face.signal('SIGHUP');
  await face.saw(/SIGHUP: nothing is reloaded, as the daemon stops/);
  finish();
  expect(await ended).toBe(EXIT.terminated);
  expect([reloads(), face.listenerCount]).toEqual([0, 0]);
});

test('however many reloads are asked for during one, a single one follows, with the file as it is then', async () => {
  const { face, write, reloads } = await runningFrom('often.yaml');
  let finish = (): void => {};
  face.connectors.drained = new Promise((resolve) => {
    finish = resolve;
  });
  const ended = runCli(face);
  await face.saw(/daemon started/);
  await write('first');
  face.signal('SIGHUP');
  await eventually(() => face.connectors.calls.includes('dispose before 42'), 'the first reload');
  await write('second');
  face.signal('SIGHUP');
  face.signal('SIGHUP');
  await write('third');
  finish();
  await eventually(() => reloads() === 2, 'the second reload');
  face.signal('SIGTERM');
  expect(await ended).toBe(EXIT.terminated);
  expect(face.connectors.calls).toEqual([
    ...['start before', 'dispose before 42', 'start first', 'dispose first 42', 'start third', 'stop third 42'],
  ]);
  expect(reloads()).toBe(2);
});

test('a reader that goes away ends it with 1 and a clear last word', async () => {
  const face = new TestFace(['run'], { env: ENV });
  const ended = runCli(face);
  await face.saw(/daemon started/);
  face.stdout.on('error', () => {});
  face.stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  expect(await ended).toBe(EXIT.failure);
  expect(face.err).toContain('the reader of standard output is gone: nobody gets the events, so the daemon stops');
  expect(face.connectors.calls).toEqual([`start ${APP_ID}`, `stop ${APP_ID} 10000`]);
});

test('a process that cannot connect for long although the platform answers ends with 75, and says why', async () => {
  const simulator = createSimulator();
  const { url } = await simulator.start();
  onTestFinished(() => simulator.stop());
  await writeFile(join(directory, 'rung.yaml'), `exitAfterOutageMs: 60000\ndomain: ${url}\n`);
  const clock = new HandClock();
  const face = new TestFace(['run', '--config', 'rung.yaml'], { env: ENV, cwd: directory, clock });
  let count = 0;
  face.connectors.status = ({ app = '' }) => {
    const status = disconnected('waiting', { app, attempts: { count: ++count, nextAt: null, isUnderWay: false } });
    const { lastFailure } = status;
    return { ...status, lastFailure: lastFailure && { ...lastFailure, code: 'dial_unreachable', verdict: 'retry' } };
  };
  let code: number | null = null;
  const ended = runCli(face).then((ending) => {
    code = ending;
  });
  await face.saw(/daemon started/);
  while (code === null) await clock.advanceBy(1_000);
  await ended;
  expect(code).toBe(EXIT.restartNeeded);
  expect(code).toBe(75);
  expect(face.err).toMatch(
    /in one outage for \d+ minutes; the platform answers a probe.*drains and ends with 75: have it restarted/,
  );
  expect(face.connectors.calls.at(-1)).toBe(`stop ${APP_ID} 10000`);
  expect(face.connectors.calls).toContain(`reconnect ${APP_ID}`);
});

test('--simulator prints events, says loudly that nothing is real, and ignores real credentials', async () => {
  const face = new TestFace(['run', '--simulator'], { env: ENV, isTty: true, createConnector });
  const ended = runCli(face);
  await face.saw(/"type":"im\.message\.receive_v1"/);
  expect(face.err).toMatch(/!! SIMULATOR at http:\/\/127\.0\.0\.1:\d+: no event here comes from Feishu\./);
  expect(face.err).toMatch(/curl http:\/\/127\.0\.0\.1:\d+\/readyz/);
  const [line = ''] = face.out.split('\n');
  const event = JSON.parse(line);
  expect(Object.keys(event)).toEqual(['id', 'type', 'createTime', 'appId', 'tenantKey', 'source', 'ageMs', 'data']);
  face.signal('SIGINT');
  expect(await ended).toBe(EXIT.interrupted);
});

test('--simulator and a list of apps contradict each other', async () => {
  await writeFile(join(directory, 'list.yaml'), `apps:\n  - appId: ${APP_ID}\n    appSecret: x\n`);
  const face = new TestFace(['run', '--simulator', '--config', 'list.yaml'], { cwd: directory });
  expect(await runCli(face)).toBe(EXIT.usage);
  expect(face.err).toContain('Leave --simulator out');
});
