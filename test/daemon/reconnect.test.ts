import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/adapters/index.js';
import { openHttpSurface } from '../../src/daemon/http-surface.js';
import { isLoopback, OPEN_SURFACE } from '../../src/daemon/index.js';
import { type ReconnectableApp, reconnectionOf } from '../../src/daemon/reconnection.js';
import { DEFAULT_APP } from '../../src/simulator/index.js';
import { APP_ID, blankHistory, disconnected, statusWith } from '../support/app-connector.js';
import { virtualWorld } from '../support/world.js';

/** An app that writes down what it was told, and cuts a wait if it is waiting. */
function appIn(status: ReturnType<typeof statusWith>, calls: string[] = []): ReconnectableApp {
  return {
    app: status.app,
    appId: APP_ID,
    status: () => status,
    reconnect: () => {
      calls.push(status.app);
      return status.connected.state === 'waiting';
    },
  };
}

const TOKEN = 'a-token-of-the-test';

async function surfaceOf(apps: readonly ReconnectableApp[], host = '127.0.0.1') {
  const lines: string[] = [];
  const surface = await openHttpSurface(
    { host, port: 0 },
    {
      apps: () => apps.map((app) => ({ ...app, catchUp: () => 1, history: blankHistory, deadLetters: null })),
      phase: () => 'running',
      scrape: async () => ({ contentType: 'text/plain', body: [] }),
      version: '1.2.3',
      startedAt: 0,
      clock: systemClock,
      logger: pino({}, { write: (line: string) => void lines.push(line) }),
    },
    { settings: { ...OPEN_SURFACE, token: { text: TOKEN } } },
  );
  onTestFinished(() => surface.close());
  const { port } = surface.address;
  /** As fetch, but with any header: a browser's own are not for scripts to set. */
  const post = async (path: string, headers: Record<string, string> = {}, body = '') => {
    const all = { authorization: `Bearer ${TOKEN}`, ...headers };
    const request = httpRequest({ host: '127.0.0.1', port, path, method: 'POST', headers: all }).end(body);
    const [response] = await once(request, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    return { status: response.statusCode as number, json: JSON.parse(Buffer.concat(chunks).toString('utf8')) };
  };
  return { post, lines };
}

test('without a name every app is told, and the answer says what was found and whether a wait was cut', async () => {
  const calls: string[] = [];
  const apps = [appIn(statusWith(), calls), appIn(disconnected('waiting', { app: 'sales-bot' }), calls)];
  const { post, lines } = await surfaceOf(apps);
  const { status, json } = await post('/reconnect');
  expect([status, calls]).toEqual([200, ['support-bot', 'sales-bot']]);
  expect(json).toEqual({
    apps: [
      {
        app: 'support-bot',
        appId: APP_ID,
        found: { state: 'connected', nextAttemptAt: null },
        isWaitCut: false,
        nextAttemptAt: null,
        says: 'It is connected: there is no wait to cut.',
      },
      {
        app: 'sales-bot',
        appId: APP_ID,
        found: { state: 'waiting', nextAttemptAt: '2026-01-02T03:04:35.000Z' },
        isWaitCut: true,
        nextAttemptAt: '2026-01-02T03:04:35.000Z',
        says: 'The wait was cut short.',
      },
    ],
  });
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { msg: '[feishu] an operator asked for attempts now', apps: ['support-bot', 'sales-bot'] },
  ]);
});

test('with a name that app alone is told, and an unknown one is a 404 with those there are', async () => {
  const calls: string[] = [];
  const apps = [appIn(disconnected('waiting', { app: 'a b' }), calls), appIn(statusWith(), calls)];
  const { post } = await surfaceOf(apps);
  expect((await post('/reconnect?app=a%20b')).json.apps).toMatchObject([{ app: 'a b', isWaitCut: true }]);
  expect(calls).toEqual(['a b']);
  expect(await post('/reconnect?app=nobody')).toEqual({
    status: 404,
    json: { error: 'no such app', hint: 'There are a b, support-bot.' },
  });
  expect((await post('/reconnect?ap=nobody')).status).toBe(400);
  expect(calls).toEqual(['a b']);
});

test.each(['application/x-www-form-urlencoded', 'application/json', 'text/plain'])(
  'a body of type %s is no obstacle, and one beyond the limit is refused',
  async (type) => {
    const { post } = await surfaceOf([appIn(statusWith())]);
    for (const body of ['', '{', 'a=b'])
      expect((await post('/reconnect', { 'content-type': type }, body)).status).toBe(200);
    expect((await post('/reconnect', { 'content-type': type }, 'x'.repeat(2_000))).status).toBe(413);
  },
);

test.each<[Record<string, string>, number]>([
  [{ origin: 'https://attacker.example' }, 403],
  [{ origin: 'null' }, 403],
  // Our own pages have no business here either, and an old browser may say nothing else.
  [{ origin: 'http://127.0.0.1:9464', 'sec-fetch-site': 'same-origin' }, 403],
  [{ 'sec-fetch-site': 'cross-site' }, 403],
  [{ 'sec-fetch-site': 'same-site' }, 403],
  [{ 'sec-fetch-site': 'none' }, 200],
  [{ 'sec-fetch-site': 'same-origin' }, 200],
  [{ host: 'attacker.example' }, 421],
  [{ host: '127.attacker.example' }, 421],
  [{ host: 'localhost:9464' }, 200],
])('no web page gives an operator’s word: %o is answered with %i', async (headers, expected) => {
  const calls: string[] = [];
  const { post } = await surfaceOf([appIn(statusWith(), calls)]);
  const { status, json } = await post('/reconnect', headers);
  expect([status, calls.length]).toEqual([expected, expected === 200 ? 1 : 0]);
  if (expected !== 200) expect(json).toHaveProperty('hint');
});

test.each(['127.0.0.1', '0.0.0.0'])('on %s nobody gives it without the control token', async (host) => {
  const calls: string[] = [];
  const { post } = await surfaceOf([appIn(statusWith(), calls)], host);
  expect(await post('/reconnect', { authorization: '' })).toMatchObject({ status: 401 });
  expect(await post('/reconnect', { authorization: 'Bearer another-token-of-the-test' })).toMatchObject({
    status: 401,
    json: { error: 'wrong credentials', hint: expect.stringContaining('send a bearer token') },
  });
  expect(calls).toEqual([]);
  expect((await post('/reconnect')).status).toBe(200);
});

test('an app that breaks over it is told of, without secrets, and the others get the word all the same', async () => {
  const calls: string[] = [];
  const broken: ReconnectableApp = {
    ...appIn(statusWith({ app: 'broken' })),
    reconnect: () => {
      throw new Error('a bug with app_secret=hunter22');
    },
  };
  const { post } = await surfaceOf([broken, appIn(statusWith(), calls)]);
  const { status, json } = await post('/reconnect');
  expect([status, calls]).toEqual([200, ['support-bot']]);
  expect(json.apps[0]).toMatchObject({ found: { state: 'unknown' }, isWaitCut: false });
  expect(json.apps[0].says).toContain('app_secret=[redacted]');
});

test.each(['idle', 'discovering', 'dialing', 'proving', 'connected', 'suspect', 'stopped'] as const)(
  'in state %s nothing is cut, and it says why',
  (state) => {
    const status = statusWith({ connected: { ...statusWith().connected, state } });
    expect(reconnectionOf(appIn(status))).toMatchObject({
      found: { state },
      isWaitCut: false,
      says: expect.stringMatching(/there is no wait to cut/),
    });
  },
);

test('a wait of minutes becomes one of a second at most, and words in quick succession start no storm', async () => {
  const world = virtualWorld();
  // Both ways in are shut, so that no success of the one is evidence for the other.
  world.platform.inject({ fault: 'discovery_code', code: 1000040345 });
  world.platform.inject({ fault: 'token_code', code: 10014 });
  await world.connector.start();
  await world.clock.advanceBy(1_000);
  const view: ReconnectableApp = {
    app: 'bot',
    appId: DEFAULT_APP.appId,
    status: () => world.connector.status(),
    reconnect: () => world.connector.reconnect(),
  };
  const before = world.connector.status();
  expect(before.connected.state).toBe('waiting');
  const cut = reconnectionOf(view);
  expect(cut).toMatchObject({ found: { state: 'waiting' }, isWaitCut: true });
  expect(Date.parse(cut.nextAttemptAt ?? '') - before.at).toBeLessThanOrEqual(1_000);
  // The wait is cut already: the same word again finds nothing more to cut.
  expect(reconnectionOf(view)).toMatchObject({ isWaitCut: false, says: expect.stringMatching(/as short already/) });

  const attemptsBefore = world.connector.status().attempts.count;
  const tokenCalls = () => world.platform.traffic.recent('token').length;
  const tokenCallsBefore = tokenCalls();
  for (let second = 0; second < 600; second++) {
    reconnectionOf(view);
    await world.clock.advanceBy(1_000);
  }
  // evidencePause: 5, 10, 20, 40, 80, then 120 s; the slow lane alone would have made about three.
  const attempts = world.connector.status().attempts.count - attemptsBefore;
  expect(attempts).toBeGreaterThan(5);
  expect(attempts).toBeLessThanOrEqual(12);
  expect(tokenCalls() - tokenCallsBefore).toBeLessThanOrEqual(600 / 5 + 1);
  await world.stop();
});

test.each([
  ['127.0.0.1', true],
  ['127.8.8.8', true],
  ['::1', true],
  ['localhost', true],
  ['127.attacker.example', false],
  ['127.0.0.1.attacker.example', false],
  ['0.0.0.0', false],
])('%s is loopback: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
