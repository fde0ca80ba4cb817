import { PassThrough } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { runCli } from '../../src/cli/cli.js';
import { EXIT } from '../../src/cli/exit-code.js';
import { standingsOf, statusLines } from '../../src/cli/status/lines.js';
import { readingOf, type StatusReading } from '../../src/cli/status/reading.js';
import { createConnector } from '../../src/connector.js';
import type { ConnectorStatus } from '../../src/connector-status.js';
import { parseDaemonStatus } from '../../src/doctor/daemon-status.js';
import { DEFAULT_APP } from '../../src/simulator/index.js';
import { disconnected, statusWith } from '../support/app-connector.js';
import { TestFace } from '../support/cli-face.js';
import { HandClock } from '../support/hand-clock.js';
import { serveHttp, serveTcp } from '../support/loopback.js';
import { realPlatform } from '../support/real-world.js';
import { SecretHunt } from '../support/secret-hunt.js';

const { appId, appSecret } = DEFAULT_APP;
const URL_OF = 'http://127.0.0.1:9464';

function envOf(domain: string, listen: string) {
  return { FEISHU_APP_ID: appId, FEISHU_APP_SECRET: appSecret, FEISHU_DOMAIN: domain, FEISHU_LISTEN: listen };
}

/** Runs the command to its end, and returns what it said. */
async function runStatus(argv: readonly string[], given: ConstructorParameters<typeof TestFace>[1] = {}) {
  const face = new TestFace(['status', ...argv], given);
  const code = await runCli(face);
  expect([face.listenerCount, face.exits]).toEqual([0, []]);
  return { code, out: face.out, err: face.err };
}

/** What a daemon says whose apps have these statuses, at whatever address. */
function bodyOf(apps: readonly object[], phase = 'running'): string {
  return JSON.stringify({ version: '1.2.3', phase, startedAt: 0, uptimeMs: 7_500_000, apps });
}

/** A daemon that says what the test sets; `bodies` may change between two questions. */
async function sayingDaemon(body: string) {
  const daemon = { body, asked: 0 };
  const server = await serveHttp((request, response) => {
    if (request.url === '/status') daemon.asked += 1;
    response.writeHead(200, { 'content-type': 'application/json' }).end(daemon.body);
  });
  onTestFinished(() => server.close());
  return { daemon, url: server.url, close: () => server.close() };
}

function readingWith(apps: readonly ConnectorStatus[], only: string | null = null): StatusReading {
  const status = parseDaemonStatus(bodyOf(apps));
  if (typeof status === 'string') throw new Error(status);
  return readingOf({ is: 'ours', url: URL_OF, tookMs: 1, status, livez: 200, readyz: 200 }, only, 0);
}

test('a real daemon that is connected: the three facts with their ages, and nothing secret', async () => {
  const { url, count } = await realPlatform();
  const daemon = new TestFace(['run', '--listen', '127.0.0.1:0'], { env: envOf(url, '127.0.0.1:1'), createConnector });
  const ended = runCli(daemon);
  onTestFinished(async () => {
    daemon.signal('SIGTERM');
    await ended;
  });
  await daemon.saw(/\[feishu\] connected"/);
  const [, address = ''] = /"url":"(http:[^"]+)"/.exec(daemon.err) ?? [];
  const { code, out, err } = await runStatus(['--url', address]);
  expect([code, err]).toEqual([EXIT.ok, '']);
  expect(out).toMatch(/^feishu-connector [\d.]+ at http:\/\/127\.0\.0\.1:\d+: running, up /);
  expect(out).toMatch(/\n {2}alive {7}yes {2}the supervisor loop ticked; \d/);
  expect(out).toMatch(/\n {2}connected {3}yes {2}the gateway answers on this socket; \d.* ago \(connected\)/);
  expect(out).toMatch(/\n {2}events {6}0 since start; none yet\n/);
  expect(out).toMatch(/\n {2}deliveries {2}0 of \d+ pending\n/);
  // By its listen address too, which is what the configuration says.
  const byConfig = await runStatus(['--json', '--app', appId], { env: envOf(url, new URL(address).host) });
  expect(byConfig.code).toBe(EXIT.ok);
  const told = JSON.parse(byConfig.out) as StatusReading;
  expect(told).toMatchObject({ url: address, isConnected: true, problem: null, apps: [{ appId, error: null }] });
  expect(count('opened', appId)).toBe(1);
  const hunt = new SecretHunt();
  hunt.learn('app secret', appSecret);
  expect(hunt.leaksIn({ out, json: byConfig.out })).toEqual([]);
});

test('one app of two that is not connected is a failure, told with its outage and what comes next', async () => {
  const { url } = await sayingDaemon(bodyOf([statusWith({ app: 'a' }), disconnected('waiting', { app: 'b' })]));
  const { code, out } = await runStatus(['--url', url]);
  expect(code).toBe(EXIT.failure);
  expect(out).toContain('\n\nb (cli_a1b2c3d4e5f60718)\n');
  expect(out).toContain('  connected   no   it is waiting; 1 min 30 s ago (waiting)');
  expect(out).toContain('  receiving   no   not connected; 3.0 s ago');
  expect(out).toContain('  outage      number 1, for 1 min 30 s, caused by connection_reset, attempts in it: 4');
  expect(out).toContain(
    '  attempts    5 since start; 1 of 1 connections proven; the next one in 30.0 s; latest failure credentials_rejected 1 min ago: code 10003',
  );
  expect(out).toContain('  token       valid for 2 h');
  const alone = await runStatus(['--url', url, '--app', 'a']);
  expect([alone.code, alone.out.includes('\nb (')]).toEqual([EXIT.ok, false]);
});

test('claims that are too old are none', () => {
  const { connected, alive } = statusWith();
  const deaf = readingWith([statusWith({ connected: { ...connected, ageMs: 45_001 } })]);
  expect([deaf.isConnected, deaf.apps[0]?.connected.is, deaf.apps[0]?.receiving.is]).toEqual([false, false, false]);
  expect(deaf.apps[0]?.connected.evidence).toContain('too old');
  expect(readingWith([statusWith({ alive: { ...alive, ageMs: 60_001 } })]).isConnected).toBe(false);
  expect(readingWith([]).isConnected).toBe(false);
});

test('a reload that was refused is told below the head, and is a change', () => {
  const readingOfConfiguration = (configuration: object) => {
    const status = parseDaemonStatus(JSON.stringify({ ...JSON.parse(bodyOf([statusWith()])), configuration }));
    if (typeof status === 'string') throw new Error(status);
    return readingOf({ is: 'ours', url: URL_OF, tookMs: 1, status, livez: 200, readyz: 200 }, null, 0);
  };
  const calm = readingOfConfiguration({ loadedAt: 0, refused: null });
  const refused = { at: 60_000, problem: 'config.yaml:7: expected a mapping' };
  const older = readingOfConfiguration({ loadedAt: 0, refused });
  expect(statusLines(calm, false)).not.toContain('older');
  const told =
    'the configuration in force is older than the file: refused at 1970-01-01T00:01:00.000Z: config.yaml:7: expected a mapping';
  expect(statusLines(older, false).split('\n')[1]).toBe(told);
  expect(standingsOf(older).get('')).toBe(`${standingsOf(calm).get('')}; ${told}`);
  expect(older).toMatchObject({ isConnected: true, daemon: { configuration: { loadedAt: 0, refused } } });
});

test('what a journal and a sink say is told where there are any', () => {
  const delivery = {
    ...statusWith().delivery,
    pending: 2,
    oldestPendingAt: statusWith().at - 5_000,
    deadLetters: 3,
    journal: { isOpen: true, sizeBytes: 4_096, lastFailure: null },
  };
  const sink = { kind: 'webhook', state: 'down', since: 0, evidence: 'refused', ageMs: 1, lastError: null } as const;
  const lines = statusLines(readingWith([statusWith({ delivery, sink })]), false);
  expect(lines).toContain('2 of 1000 pending; the oldest for 5.0 s; dead letters: 3; journal open, 4.0 KiB');
  expect(lines).toContain('  sink        webhook: down; refused');
});

test('colours are for terminals alone, and not against their will', async () => {
  const { url } = await sayingDaemon(bodyOf([statusWith()]));
  const onTerminal = async (env: Record<string, string>) => {
    const stdout = Object.assign(new PassThrough(), { isTTY: true });
    let out = '';
    stdout.on('data', (chunk) => {
      out += chunk;
    });
    const face = Object.assign(new TestFace(['status', '--url', url], { isTty: true, env }), { stdout });
    await runCli(face);
    return out;
  };
  expect(await onTerminal({})).toContain('\u001b[32myes\u001b[0m');
  expect(await onTerminal({ NO_COLOR: '1' })).not.toContain('\u001b');
  // Standard error is a terminal, standard output a pipe.
  expect((await runStatus(['--url', url], { isTty: true })).out).not.toContain('\u001b');
});

test('nobody, a stranger and one that does not answer are failures that say which', async () => {
  const stranger = await serveHttp((_request, response) => response.end('<html>'));
  const mute = await serveTcp(() => {});
  onTestFinished(async () => void (await Promise.all([stranger.close(), mute.close()])));
  const nobody = await runStatus(['--url', 'http://127.0.0.1:1']);
  expect([nobody.code, nobody.out]).toEqual([
    EXIT.failure,
    expect.stringMatching(/^nobody listens at http.*\. Start the daemon, .*--url\.\n$/),
  ]);
  const foreign = await runStatus(['--url', stranger.url, '--json']);
  expect([foreign.code, JSON.parse(foreign.out)]).toMatchObject([
    EXIT.failure,
    { isConnected: false, daemon: null, problem: { is: 'foreign' }, apps: [] },
  ]);
  const busy = await serveHttp((_request, response) =>
    response.writeHead(503).end(JSON.stringify({ error: 'busy', hint: 'Ask again in a second.' })),
  );
  onTestFinished(() => busy.close());
  const later = await runStatus(['--url', busy.url]);
  expect([later.code, later.out]).toEqual([
    EXIT.failure,
    expect.stringMatching(/^no answer now from http\S+ \(HTTP 503: busy\. Ask again in a second\.\)/),
  ]);
  const silent = await runStatus(['--url', mute.url, '--timeout', '1']);
  expect([silent.code, silent.out]).toEqual([EXIT.failure, expect.stringMatching(/^no answer in time from http/)]);
});

test('a wrong command line asks nobody, and an app that does not run is one', async () => {
  const { url, daemon } = await sayingDaemon(bodyOf([statusWith({ app: 'sales' })]));
  const missing = await runStatus([]);
  expect([missing.code, missing.out]).toEqual([EXIT.usage, '']);
  expect((await runStatus(['--url', 'nonsense'])).code).toBe(EXIT.usage);
  const anyPort = await runStatus([], { env: envOf('feishu', '127.0.0.1:0') });
  expect([anyPort.code, anyPort.err]).toEqual([EXIT.usage, expect.stringContaining('name it with --url')]);
  expect(daemon.asked).toBe(0);
  const nobody = await runStatus(['--url', url, '--app', 'sale', '--json']);
  expect([nobody.code, nobody.out]).toEqual([EXIT.usage, '']);
  expect(JSON.parse(nobody.err).message).toBe(`--app: the daemon at ${url} runs no app sale`);
});

test('what a stranger says cannot forge lines, colours or secrets', async () => {
  const evil = `x\n\u001b[31mforged\u001b[0m app_secret=hunter22`;
  const { url } = await sayingDaemon(
    bodyOf([statusWith({ app: evil, appId: evil }), { app: 'b', appId: 'c', error: evil }]),
  );
  const { code, out } = await runStatus(['--url', url]);
  expect(code).toBe(EXIT.failure);
  for (const forged of ['\u001b', 'hunter22', '\nforged']) expect(out).not.toContain(forged);
  expect(out).toContain('its status cannot be read: x [31mforged');
});

/** Watches with a clock that the test moves. */
async function watching(url: string, argv: readonly string[] = [], stdout?: PassThrough) {
  const clock = new HandClock();
  const face = new TestFace(['status', '--url', url, '--watch', ...argv], { clock });
  if (stdout) Object.assign(face, { stdout });
  const ended = runCli(face);
  return { clock, face, ended };
}

test('without a terminal watching is a line per change, and none where nothing changes', async () => {
  const { url, daemon } = await sayingDaemon(bodyOf([statusWith({ app: 'a' }), statusWith({ app: 'b' })]));
  const { clock, face, ended } = await watching(url);
  await face.saw(/ b: alive yes, connected yes, receiving yes\n/);
  const before = face.out;
  const answered = daemon.asked;
  await passesUntil(clock, () => daemon.asked > answered);
  daemon.body = bodyOf([statusWith({ app: 'a' }), disconnected('waiting', { app: 'b' })]);
  await passesUntil(clock, () => face.out !== before);
  expect(face.out.slice(before.length)).toMatch(
    /^\S+Z b: alive yes, connected no, receiving no, outage 1 by connection_reset, latest failure credentials_rejected\n$/,
  );
  daemon.body = bodyOf([statusWith({ app: 'a' })]);
  const then = face.out;
  await passesUntil(clock, () => face.out !== then);
  expect(face.out.slice(then.length)).toMatch(/^\S+Z b: it runs no more\n$/);
  face.signal('SIGINT');
  expect(await ended).toBe(EXIT.interrupted);
  expect([face.listenerCount, clock.pending]).toEqual([0, 0]);
});

test('a daemon that goes away while it is watched is told once', async () => {
  const { url, close } = await sayingDaemon(bodyOf([statusWith()]));
  const { clock, face, ended } = await watching(url, ['--json']);
  await face.saw(/"isConnected":true.*\n/);
  await close();
  await passesUntil(clock, () => face.out.includes('"problem":{'));
  for (let nth = 0; nth < 20; nth += 1) await clock.advanceBy(30_000);
  const lines = face.out.trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as StatusReading).problem?.is ?? null)).toEqual([null, 'absent']);
  face.signal('SIGTERM');
  expect(await ended).toBe(EXIT.terminated);
});

test('what does not answer as it should is asked less and less often', async () => {
  const askedAt: number[] = [];
  const clocks: HandClock[] = [];
  const server = await serveHttp((request, response) => {
    if (request.url === '/status') askedAt.push(clocks[0]?.now() ?? 0);
    response.writeHead(500).end();
  });
  onTestFinished(() => server.close());
  const { clock, face, ended } = await watching(server.url);
  clocks.push(clock);
  await face.saw(/what answers is no feishu-connector/);
  await passesUntil(clock, () => askedAt.length === 8);
  const pauses = askedAt.slice(1).map((at, index) => at - (askedAt[index] ?? 0));
  for (const [index, least] of [2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000].entries())
    expect(pauses[index]).toBeGreaterThanOrEqual(least);
  face.signal('SIGINT');
  await ended;
});

test('on a terminal the picture is drawn over the one before', async () => {
  const { url, daemon } = await sayingDaemon(bodyOf([statusWith()]));
  const stdout = Object.assign(new PassThrough(), { isTTY: true });
  let out = '';
  stdout.on('data', (chunk) => {
    out += chunk;
  });
  const { clock, face, ended } = await watching(url, [], stdout);
  await passesUntil(clock, () => daemon.asked >= 2 && out.split('\u001b[H').length > 2);
  face.signal('SIGINT');
  await ended;
  expect(out.startsWith('\u001b[2J\u001b[Hfeishu-connector 1.2.3')).toBe(true);
  expect(out.split('\u001b[2J')).toHaveLength(2);
  expect(out.endsWith('\u001b[K\n\u001b[J')).toBe(true);
});

test('a terminal that is small gets what it has room for, and one whose size changes a new picture at once', async () => {
  const { url, daemon } = await sayingDaemon(bodyOf([disconnected('waiting', { app: 'bot' })]));
  const stdout = Object.assign(new PassThrough(), { isTTY: true, rows: 8, columns: 60 });
  let out = '';
  stdout.on('data', (chunk) => {
    out += chunk;
  });
  const { clock, face, ended } = await watching(url, [], stdout);
  await passesUntil(clock, () => daemon.asked >= 2 && out.includes('more lines'));
  const screen = () => (out.split('\u001b[2J\u001b[H').at(-1)?.split('\u001b[H')[0] ?? '').split('\n').slice(0, -1);
  expect(screen()).toHaveLength(7);
  expect(screen().at(-1)).toMatch(/^… and \d+ more lines/);
  expect(screen().filter((line) => line.replace('\u001b[K', '').length > 59)).toEqual([]);
  const pictures = out.split('\u001b[2J').length;
  Object.assign(stdout, { rows: 50, columns: 120 });
  stdout.emit('resize');
  await passesUntil(clock, () => out.split('\u001b[2J').length > pictures);
  expect(screen().join('\n')).not.toContain('more lines');
  face.signal('SIGINT');
  await ended;
  expect(stdout.listenerCount('resize')).toBe(0);
});

test('ages that grow are no change', () => {
  const one = standingsOf(readingWith([statusWith()]));
  const { alive, connected } = statusWith();
  const later = statusWith({ alive: { ...alive, ageMs: 4_000 }, connected: { ...connected, ageMs: 20_000 } });
  expect(standingsOf(readingWith([later]))).toEqual(one);
});

/** Lets time pass in small steps, as answers come over real sockets, until it has happened. */
async function passesUntil(clock: HandClock, happened: () => boolean): Promise<void> {
  for (let step = 0; step < 5_000 && !happened(); step += 1) {
    await clock.advanceBy(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(happened()).toBe(true);
}

test('--live asks whether the process and its timers run, and nothing about Feishu', async () => {
  let code = 200;
  const asked: string[] = [];
  const server = await serveHttp((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(code, { 'content-type': 'application/json' }).end('{}');
  });
  onTestFinished(() => server.close());
  const { url } = server;
  expect(await runStatus(['--live', '--url', url])).toEqual({
    code: EXIT.ok,
    out: `the daemon at ${url}: its timers run\n`,
    err: '',
  });
  code = 503;
  const stuck = await runStatus(['--live', '--json', '--url', url]);
  expect([stuck.code, JSON.parse(stuck.out)]).toEqual([EXIT.failure, { url, isAlive: false }]);
  code = 404;
  const stranger = await runStatus(['--live', '--url', url]);
  expect([stranger.code, stranger.err]).toEqual([EXIT.failure, expect.stringContaining('is no feishu-connector')]);
  expect(new Set(asked)).toEqual(new Set(['/livez']));
  const nobody = await runStatus(['--live'], { env: { FEISHU_LISTEN: '127.0.0.1:1', FEISHU_CONTROL_SOCKET: 'none' } });
  expect([nobody.code, nobody.err]).toEqual([EXIT.failure, expect.stringContaining('nobody listens')]);
  expect((await runStatus(['--live', '--watch', '--url', url])).code).toBe(EXIT.usage);
});
