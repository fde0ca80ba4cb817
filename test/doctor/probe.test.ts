import { expect, test } from 'vitest';
import { type CheckResult, Round } from '../../src/doctor/check.js';
import { CONSOLE_CHECKS, SCOPES_ROUTE } from '../../src/doctor/console-checks.js';
import { GROUND_CHECKS, PROBE_CHECKS } from '../../src/doctor/probe-checks.js';
import { foundBefore, type ProbedApp, Visit } from '../../src/doctor/visit.js';
import { type Http, type HttpResponse, SecretError } from '../../src/ports/index.js';
import { APP_ID, APP_SECRET } from '../support/app-connector.js';
import { eventFrame, FakeGateway } from '../support/fake-gateway.js';
import { fakeScout } from '../support/fake-scout.js';
import { HandClock, settled } from '../support/hand-clock.js';

const TICKET_URL =
  'wss://gateway.example/ws/v2?x=1&device_id=7&access_key=abcdef0123456789&service_id=5&ticket=t-icket';
const CONFIG = { ReconnectCount: -1, ReconnectInterval: 120, ReconnectNonce: 30, PingInterval: 120 };
const TOKEN = { code: 0, tenant_access_token: 't-0123456789abcdef', expire: 7_200 };
const TICKET = { code: 0, msg: '', data: { URL: TICKET_URL, ClientConfig: CONFIG } };

const NO_CREDENTIALS = { code: 1000040344, msg: 'app_id or app_secret is empty', data: {} };

/** A probe whose clock, platform and gateway are the test's. */
function stage(
  answers: { token?: unknown; discovery?: unknown; secret?: ProbedApp['secret']; counts?: readonly unknown[] } = {},
  ground: Parameters<typeof fakeScout>[0] = {},
  mayCall = true,
) {
  const clock = new HandClock();
  const gateway = new FakeGateway();
  const { token = TOKEN, discovery = TICKET, secret = async () => APP_SECRET, counts = [0, 1, 0] } = answers;
  const asked: string[] = [];
  let countIndex = 0;
  const answerTo = (route: string, body: string | undefined): unknown => {
    if (route.includes('/ws/endpoint')) return body === '{}' ? NO_CREDENTIALS : discovery;
    if (route.includes('tenant_access_token')) return token;
    if (route === SCOPES_ROUTE) return { code: 0, data: { scopes: [{ scope_name: 'im:message', grant_status: 1 }] } };
    if (route.includes('/applications/'))
      return { code: 0, data: { app: { event: { subscription_type: 'websocket', subscribed_events: ['x'] } } } };
    const count = counts[countIndex++];
    return typeof count === 'number' ? { code: 0, data: { online_instance_cnt: count } } : count;
  };
  const http: Http = async ({ route, timeoutMs, body }) => {
    asked.push(`${route.split('/').at(-1)} ${timeoutMs}`);
    const date = new Date(clock.wallNow()).toUTCString();
    return { status: 200, headers: { date }, body: JSON.stringify(answerTo(route, body)) } satisfies HttpResponse;
  };
  let isClosed = false;
  const scout = fakeScout(ground);
  const app: ProbedApp = {
    app: 'bot',
    appId: APP_ID,
    baseUrl: 'https://open.example',
    secret,
    secretOrigin: 'the configuration',
    openWayOut: () => ({
      http,
      dial: gateway.dial,
      scout,
      close: async () => {
        isClosed = true;
      },
    }),
    lookIntoJournal: null,
  };
  const visit = new Visit(app, clock, { mayCall });
  const round = new Round('bot', { clock, endsAt: 9_000 });
  const looked = round.make([...GROUND_CHECKS, ...PROBE_CHECKS, ...CONSOLE_CHECKS], visit);
  return { clock, gateway, visit, looked, asked, scout, isClosed: () => isClosed };
}

const outcomes = (results: readonly CheckResult[]) =>
  Object.fromEntries(results.map(({ name, result }) => [name, result]));
const named = (results: readonly CheckResult[], name: string) => results.find((check) => check.name === name);
const GOODBYE = { how: 'closed', code: 1000, reason: 'bye' } as const;

test('every step is told with what it took, and the connection ends with a close frame', async () => {
  const { clock, gateway, looked, visit, isClosed } = stage();
  await settled();
  await clock.advanceBy(30);
  gateway.socket.open();
  await clock.advanceBy(20);
  gateway.socket.pong();
  await settled();
  expect(gateway.socket.calls).toEqual(['close 1000']);
  gateway.socket.end(GOODBYE);
  const results = await looked;
  expect(results.map(({ name, result, evidence }) => [name, result, evidence])).toEqual([
    ['configuration', 'ok', `app ${APP_ID} at https://open.example, secret from the configuration`],
    ['proxy', 'ok', 'https://open.example is gone to directly: neither HTTPS_PROXY nor ALL_PROXY is set'],
    ['DNS', 'ok', 'open.example is 192.0.2.7, by the resolver in 4 ms'],
    ['TCP', 'ok', 'connected to 192.0.2.7:443 in 20 ms'],
    ['tunnel', 'skip', 'no proxy is on the way'],
    ['TLS', 'ok', 'TLSv1.3 in 40 ms; *.example (365 days left) ← Public CA (3650 days left)'],
    ['platform', 'ok', 'https://open.example answers as the platform, in 0 ms'],
    [
      'clock',
      'ok',
      'within 1.0 s of the platform\'s: the platform says "Thu, 01 Jan 2026 00:00:00 GMT", and the answer took 0 ms',
    ],
    ['token', 'ok', 'granted in 0 ms, valid for 2 h more'],
    ['discovery', 'ok', 'a ticket in 0 ms, for the gateway gateway.example:443, a ping every 2 min'],
    [
      'gateway',
      'ok',
      'wss://gateway.example is gone to directly: neither HTTPS_PROXY nor ALL_PROXY is set; open.example is 192.0.2.7, by the resolver in 4 ms; connected to 192.0.2.7:443 in 20 ms; TLSv1.3 in 40 ms; *.example (365 days left) ← Public CA (3650 days left)',
    ],
    ['online', 'ok', 'the platform counts no connection of this app'],
    ['handshake', 'ok', '101 in 30 ms, directly (neither HTTPS_PROXY nor ALL_PROXY is set)'],
    ['first pong', 'ok', 'pong in 20 ms'],
    ['online during', 'ok', 'with the probe connection it counts 1, 0 before'],
    ['events left alone', 'ok', 'no event came to this connection; it is closed'],
    ['online after', 'ok', 'after the probe connection it counts 0, 0 before'],
    ['scopes', 'ok', '1 granted: im:message'],
    ['subscription', 'ok', 'events go to websocket; added: x'],
  ]);
  expect(named(results, 'handshake')?.tookMs).toBe(30);
  await visit.leave();
  expect([isClosed(), clock.pending]).toEqual([true, 0]);
});

test('events that come are counted once each, and nothing but the ping is ever sent', async () => {
  const { gateway, looked } = stage();
  await settled();
  gateway.socket.open();
  gateway.socket.frame(eventFrame('m1'));
  const split = eventFrame('m2');
  for (const seq of ['0', '1']) {
    const headers = split.headers.map((header) => (header.key === 'seq' ? { key: 'seq', value: seq } : header));
    gateway.socket.frame({ ...split, headers });
  }
  gateway.socket.bytes(new Uint8Array([255, 255, 255]));
  gateway.socket.text(5);
  await settled();
  gateway.socket.pong();
  await settled();
  // It is still the platform's to deliver to until the closing handshake is over.
  gateway.socket.frame(eventFrame('m3'));
  gateway.socket.end(GOODBYE);
  const results = await looked;
  expect(named(results, 'events left alone')).toMatchObject({
    result: 'warn',
    evidence: '3 events came to this connection, and none was acknowledged; it is closed',
  });
  expect(gateway.socket.sent.map(({ headers }) => headers)).toEqual([[{ key: 'type', value: 'ping' }]]);
  expect(gateway.socket.sent[0]?.service).toBe(5);
});

test('a gateway that accepts and never answers fails the first pong, whatever its transport says', async () => {
  const { clock, gateway, looked } = stage();
  await settled();
  gateway.socket.open();
  await settled();
  gateway.socket.transportPong();
  gateway.socket.frame(eventFrame('m1'));
  await clock.advanceBy(7_500);
  expect(gateway.socket.calls).toEqual(['close 1000']);
  gateway.socket.end(GOODBYE);
  const results = await looked;
  expect(outcomes(results)).toMatchObject({ handshake: 'ok', 'first pong': 'fail', 'events left alone': 'warn' });
  expect(named(results, 'first pong')).toMatchObject({
    evidence: 'proof_timeout after 7.5 s: no pong in 7500 ms after the 101',
    advice: expect.stringMatching(/^The socket opened but no pong .* It had 7\.5 s; --timeout gives it longer\.$/),
  });
});

test('a handshake that is not answered is cut off, and what needs it is skipped', async () => {
  const { clock, gateway, looked, visit } = stage();
  await clock.advanceBy(6_900);
  const results = await looked;
  expect(gateway.socket.calls).toEqual(['terminate']);
  expect(named(results, 'handshake')?.evidence).toBe(
    'dial_timeout after 6.9 s: no 101 in 6900 ms; directly (neither HTTPS_PROXY nor ALL_PROXY is set)',
  );
  expect(named(results, 'first pong')).toMatchObject({
    result: 'skip',
    evidence: 'not reached: handshake failed',
  });
  expect(named(results, 'events left alone')?.result).toBe('skip');
  await visit.leave();
});

test.each([
  [
    { how: 'refused', status: 403, headers: { 'handshake-status': '514', 'handshake-autherrcode': '1000040350' } },
    'connection_limit',
  ],
  [{ how: 'failed', error: 'dns', message: 'ENOTFOUND' }, 'dns_failed'],
  [{ how: 'failed', error: 'tls', message: 'expired' }, 'tls_untrusted'],
] as const)('a handshake that ends with %o is told as %s, by the table of failures', async (end, code) => {
  const { gateway, looked, visit } = stage();
  await settled();
  gateway.socket.end(end);
  const handshake = named(await looked, 'handshake');
  expect(handshake).toMatchObject({ result: 'fail', evidence: expect.stringContaining(code) });
  await visit.leave();
});

test('a gateway that accepts and closes at once fails the first pong', async () => {
  const { gateway, looked } = stage();
  await settled();
  gateway.socket.open();
  gateway.socket.end({ how: 'closed', code: 1000, reason: '' });
  const results = await looked;
  expect(named(results, 'first pong')).toMatchObject({
    result: 'fail',
    evidence: 'closed_by_peer after 0 ms: code 1000',
  });
  expect(named(results, 'events left alone')?.result).toBe('ok');
});

test('a token that is refused keeps nothing from being asked: the long connection needs none', async () => {
  const { gateway, looked } = stage({ token: { code: 10014, msg: `bad app_secret ${APP_SECRET}` } });
  await settled();
  gateway.socket.open();
  await settled();
  gateway.socket.pong();
  await settled();
  gateway.socket.end(GOODBYE);
  const results = await looked;
  expect(outcomes(results)).toMatchObject({
    configuration: 'ok',
    token: 'fail',
    discovery: 'ok',
    online: 'skip',
    handshake: 'ok',
    'first pong': 'ok',
    'online during': 'skip',
    'events left alone': 'ok',
    scopes: 'skip',
  });
  expect(named(results, 'token')?.evidence).toMatch(/^token_credentials_rejected after 0 ms: HTTP 200, code 10014/);
  expect(JSON.stringify(results)).not.toContain(APP_SECRET);
});

test('a ticket that is refused is told with what helps, and the socket is not tried', async () => {
  const { gateway, looked } = stage({ discovery: { code: 1000040351, msg: 'incorrect domain name', data: {} } });
  const results = await looked;
  expect(named(results, 'discovery')).toMatchObject({
    result: 'fail',
    evidence: 'wrong_domain after 0 ms: code 1000040351: incorrect domain name',
    advice: expect.stringContaining('Set the other domain.'),
  });
  expect(outcomes(results)).toMatchObject({ handshake: 'skip', 'first pong': 'skip', 'events left alone': 'skip' });
  expect(gateway.sockets).toEqual([]);
});

test('a pacing that makes no sense is a warning', async () => {
  const { looked, visit, clock } = stage({
    discovery: { ...TICKET, data: { URL: TICKET_URL, ClientConfig: { ...CONFIG, PingInterval: 'x' } } },
  });
  await clock.advanceBy(9_000);
  expect(named(await looked, 'discovery')).toMatchObject({
    result: 'warn',
    evidence: expect.stringContaining('PingInterval: unusable'),
  });
  await visit.leave();
});

test('a secret that cannot be read ends it before anybody is asked', async () => {
  const secret = () => Promise.reject(new SecretError('the secret file /run/x is empty; put the app secret there'));
  const { looked, asked } = stage({ secret });
  const results = await looked;
  expect(named(results, 'configuration')).toMatchObject({
    result: 'fail',
    evidence: expect.stringContaining('the secret file /run/x is empty'),
  });
  // The platform is asked whether it is there, and told of no app.
  expect(asked.map((each) => each.split(' ')[0])).toEqual(['endpoint']);
  expect(outcomes(results)).toMatchObject({ TLS: 'ok', token: 'skip', discovery: 'skip', handshake: 'skip' });
});

test('a secret on a dead mount costs its share of the time and no more', async () => {
  const { looked, clock } = stage({ secret: () => new Promise(() => {}) });
  await clock.advanceBy(4_200);
  expect(named(await looked, 'configuration')).toMatchObject({
    result: 'fail',
    evidence: expect.stringContaining('not read within 4.2 s'),
  });
});

test('a check that lacks an entry in its needs is a bug', () => {
  expect(() => foundBefore(null)).toThrow(TypeError);
  expect(foundBefore(0)).toBe(0);
});
