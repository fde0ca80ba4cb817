import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect, createServer } from 'node:net';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../src/adapters/index.js';
import type { ConnectorStatus } from '../../src/connector-status.js';
import {
  type HttpSurface,
  ListenError,
  openHttpSurface,
  type SurfaceApp,
  type SurfaceView,
} from '../../src/daemon/http-surface.js';
import { APP_ID, blankHistory, disconnected, statusWith } from '../support/app-connector.js';
import { HandClock } from '../support/hand-clock.js';

const open: HttpSurface[] = [];
afterEach(async () => {
  for (const surface of open.splice(0)) await surface.close();
});

async function surfaceOf(changes: Partial<SurfaceView> = {}): Promise<HttpSurface> {
  const surface = await openHttpSurface(
    { host: '127.0.0.1', port: 0 },
    {
      apps: () => [appWith(statusWith())],
      phase: () => 'running',
      scrape: async () => ({
        contentType: 'text/plain; version=0.0.4',
        body: [Buffer.from('feishu_ws_connected 1\n')],
      }),
      version: '1.2.3',
      startedAt: 1_000,
      clock: systemClock,
      logger: pino({ level: 'silent' }),
      ...changes,
    },
  );
  open.push(surface);
  return surface;
}

function appWith(status: ConnectorStatus, reconnect = () => false): SurfaceApp {
  return {
    app: status.app,
    appId: APP_ID,
    status: () => status,
    reconnect,
    catchUp: () => 1,
    history: blankHistory,
    deadLetters: null,
  };
}

test('/metrics answers with the content type of the scrape, to HEAD as well', async () => {
  const { url } = await surfaceOf();
  const got = await fetch(`${url}/metrics`);
  expect([got.status, got.headers.get('content-type'), await got.text()]).toEqual([
    200,
    'text/plain; version=0.0.4',
    'feishu_ws_connected 1\n',
  ]);
  const head = await fetch(`${url}/metrics`, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '22', '']);
});

test('a scrape that hangs is a 503 with the reason after 5 s, and the next one is tried anew', async () => {
  const clock = new HandClock();
  let hangs = true;
  let begin = (): void => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const { url } = await surfaceOf({
    clock,
    scrape: () => {
      begin();
      return hangs
        ? new Promise(() => {})
        : Promise.resolve({ contentType: 'text/plain', body: [Buffer.from('again')] });
    },
  });
  const stuck = fetch(`${url}/metrics`);
  await begun;
  await clock.advanceBy(5_000);
  const answer = await stuck;
  expect(answer.status).toBe(503);
  expect(await answer.json()).toEqual({
    error: 'metrics could not be collected: not finished within 5000 ms',
    hint: 'The log has the cause.',
  });
  hangs = false;
  expect(await (await fetch(`${url}/metrics`)).text()).toBe('again');
});

test('a scrape that fails is a 503 with the reason, without secrets', async () => {
  const { url } = await surfaceOf({ scrape: () => Promise.reject(new Error('collect failed: app_secret=hunter22')) });
  const answer = await fetch(`${url}/metrics`);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({
    error: 'metrics could not be collected: collect failed: app_secret=[redacted]',
  });
});

/** Everything that can be said of an app, whether the process is alive by it, and whether it is ready. */
const TRUTH: readonly (readonly [string, ConnectorStatus, number, number])[] = [
  ['connected', statusWith(), 200, 200],
  ['idle', disconnected('idle'), 200, 503],
  ['discovering', disconnected('discovering'), 200, 503],
  ['dialing', disconnected('dialing'), 200, 503],
  ['proving', disconnected('proving'), 200, 503],
  ['waiting', disconnected('waiting'), 200, 503],
  ['stopped', disconnected('stopped'), 200, 503],
  ['suspect within the limit', statusWith({ connected: { ...statusWith().connected, state: 'suspect' } }), 200, 200],
  ['connected by evidence too old', disconnected('connected'), 200, 503],
  [
    'connected with a loop that stalled',
    statusWith({ alive: { is: true, evidence: 'tick', ageMs: 60_001 } }),
    503,
    503,
  ],
  [
    'connected with a loop that never ran',
    statusWith({ alive: { is: false, evidence: 'not started', ageMs: null } }),
    503,
    503,
  ],
  ['connected but not receiving', statusWith({ receiving: { ...statusWith().receiving, is: false } }), 200, 200],
];

test.each(TRUTH)('an app that is %s', async (_what, status, livez, readyz) => {
  const { url } = await surfaceOf({ apps: () => [appWith(status)] });
  expect((await fetch(`${url}/livez`)).status).toBe(livez);
  expect((await fetch(`${url}/readyz`)).status).toBe(readyz);
  expect((await fetch(`${url}/status`)).status).toBe(200);
});

test('one app of two without a connection makes the process unready, and says which, why and what to do', async () => {
  const { url } = await surfaceOf({
    apps: () => [appWith(statusWith()), appWith(disconnected('waiting', { app: 'sales-bot' }))],
  });
  const answer = await fetch(`${url}/readyz`);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({
    isReady: false,
    reason: '1 of 2 apps not connected',
    apps: [
      { app: 'support-bot', isReady: true, state: 'connected', since: null, advice: null },
      {
        app: 'sales-bot',
        isReady: false,
        state: 'waiting',
        since: '2026-01-02T03:02:35.000Z',
        lastFailure: { code: 'credentials_rejected', at: '2026-01-02T03:03:05.000Z', detail: 'code 10003' },
        nextAttemptAt: '2026-01-02T03:04:35.000Z',
        advice: 'The platform rejects the app id or secret. It is retried slowly meanwhile.',
      },
    ],
  });
});

test.each(['starting', 'stopping'] as const)('a daemon that is %s is alive and not ready', async (phase) => {
  const { url } = await surfaceOf({ phase: () => phase });
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  const answer = await fetch(`${url}/readyz`);
  expect([answer.status, await answer.json()]).toMatchObject([503, { reason: `the daemon is ${phase}` }]);
});

test('without any app it is alive and not ready', async () => {
  const { url } = await surfaceOf({ apps: () => [] });
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ isReady: false, reason: 'no app runs' });
});

test('a status that cannot be read is not ready, and no reason to kill the process', async () => {
  const broken: SurfaceApp = {
    app: 'bot',
    appId: APP_ID,
    reconnect: () => false,
    catchUp: () => 1,
    history: blankHistory,
    deadLetters: null,
    status: () => {
      throw new Error('a bug with app_secret=hunter22');
    },
  };
  const { url } = await surfaceOf({ apps: () => [broken] });
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
  expect(await (await fetch(`${url}/status`)).json()).toMatchObject({
    apps: [{ app: 'bot', error: 'a bug with app_secret=[redacted]' }],
  });
});

test('/status is every status as it is, with version and uptime', async () => {
  const status = statusWith();
  const clock = new HandClock();
  const { url } = await surfaceOf({ apps: () => [appWith(status)], clock, startedAt: clock.wallNow() - 60_000 });
  expect(await (await fetch(`${url}/status`)).json()).toEqual({
    version: '1.2.3',
    phase: 'running',
    startedAt: clock.wallNow() - 60_000,
    uptimeMs: 60_000,
    configuration: { loadedAt: clock.wallNow() - 60_000, refused: null },
    apps: [{ ...status, concerns: [] }],
  });
});

test.each([
  ['a path of the daemon itself', null, '/runbooks/FeishuWsGaveUp'],
  ['an address where the site has its own', 'https://wiki', 'https://wiki/FeishuWsGaveUp.md'],
])('/status and the past name each runbook with %s', async (_what, runbookUrl, url) => {
  const stopped = [appWith(disconnected('stopped'))];
  const surface = await surfaceOf({ apps: () => stopped, runbookUrl: () => runbookUrl });
  const concern = { tone: 'bad', says: 'It does not try to connect.', runbook: 'FeishuWsGaveUp', url };
  const ask = async (path: string) => (await fetch(`${surface.url}${path}`)).json();
  expect(await ask('/status')).toMatchObject({ apps: [{ concerns: [concern] }] });
  expect(await ask('/status/history')).toMatchObject({ concerns: [concern] });
});

test('what does not exist is a 404 that names what does, and every write is a 405', async () => {
  const { url } = await surfaceOf();
  const missing = await fetch(`${url}/healthz`);
  expect([missing.status, await missing.json()]).toEqual([
    404,
    {
      error: 'no such endpoint',
      hint: 'There are /, /metrics, /livez, /readyz, /status, /status/history, /runbooks, /runbooks/<name>, POST /reconnect, POST /catch-up, /dead-letters, /dead-letters/<id>, POST /dead-letters/<id>/replay, POST /dead-letters/<id>/drop.',
    },
  ]);
  const { hint } = (await (await fetch(`${url}/metric`)).json()) as { hint: string };
  expect(hint).toMatch(/^Did you mean \/metrics\? There are /);
  for (const path of ['/metrics', '/status', '/nowhere']) {
    const refused = await fetch(`${url}${path}`, { method: 'POST', body: 'x'.repeat(100_000) });
    expect([path, refused.status, refused.headers.get('allow')]).toEqual([path, 405, 'GET, HEAD']);
    expect(await refused.json()).toHaveProperty('hint');
  }
  for (const method of ['GET', 'HEAD', 'PUT']) {
    const refused = await fetch(`${url}/reconnect`, { method });
    expect([method, refused.status, refused.headers.get('allow')]).toEqual([method, 405, 'POST']);
  }
});

test('no answer may be stored, and none says what serves it', async () => {
  const { url } = await surfaceOf();
  for (const path of ['/metrics', '/livez', '/readyz', '/status', '/nowhere']) {
    const { headers } = await fetch(`${url}${path}`);
    expect([path, headers.get('cache-control'), headers.get('server'), headers.get('x-powered-by')]).toEqual([
      path,
      'no-store',
      null,
      null,
    ]);
  }
});

test('a page whose name was pointed at loopback reads nothing', async () => {
  const { address } = await surfaceOf();
  const statusFor = async (path: string, host: string): Promise<number | undefined> => {
    const request = httpRequest({ host: '127.0.0.1', port: address.port, path, headers: { host } }).end();
    const [response] = await once(request, 'response');
    response.resume();
    return response.statusCode;
  };
  expect(await statusFor('/status', 'attacker.example')).toBe(421);
  expect(await statusFor('/status', `localhost:${address.port}`)).toBe(200);
  expect(await statusFor('/status', `[::1]:${address.port}`)).toBe(200);
  expect(await statusFor('/metrics', 'attacker.example')).toBe(421);
  expect(await statusFor('/metrics', `127.0.0.1:${address.port}`)).toBe(200);
});

test('headers beyond the limit are refused', async () => {
  const { address } = await surfaceOf();
  const socket = connect(address.port, '127.0.0.1');
  socket.write(`GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`);
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1\.1 431 /);
  socket.destroy();
});

test('closing ends idle connections too', async () => {
  const surface = await surfaceOf();
  const idle = connect(surface.address.port, '127.0.0.1');
  await once(idle, 'connect');
  const ended = once(idle, 'close');
  await surface.close();
  await ended;
});

test('a taken port is an error that names it and what to do', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    const opening = surfaceOf().then(() => openHttpSurface({ host: '127.0.0.1', port }, {} as SurfaceView));
    await expect(opening).rejects.toThrow(ListenError);
    await expect(opening).rejects.toThrow(
      `cannot listen on 127.0.0.1:${port}: another process does. Stop it, or choose another port with --listen or FEISHU_LISTEN.`,
    );
  } finally {
    other.close();
  }
});
