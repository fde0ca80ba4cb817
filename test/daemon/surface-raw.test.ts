import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { SAFE_HEADERS } from '../../src/daemon/surface-gate.js';
import { OPEN_SURFACE } from '../../src/daemon/surface-settings.js';
import { eventually } from '../support/eventually.js';
import { HandClock } from '../support/hand-clock.js';
import { BASIC, GUARDED, openStage, sendRaw, silentReader } from './surface-stage.js';

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? 0);
const CLOSE = 'Connection: close\r\n\r\n';

/** What no honest client sends, and what is answered; 0: nothing, the connection ends. */
test.each<[string, string, number]>([
  [
    'length and chunks',
    'POST /reconnect HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
  ],
  [
    'chunks of another coding',
    'POST /reconnect HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, identity\r\n\r\n',
    400,
  ],
  ['two lengths', 'POST /reconnect HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n', 400],
  ['a negative length', 'POST /reconnect HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n', 400],
  ['two hosts', `GET /livez HTTP/1.1\r\nHost: localhost\r\nHost: attacker.example\r\n${CLOSE}`, 400],
  [
    'two credentials',
    `GET /livez HTTP/1.1\r\nHost: localhost\r\nAuthorization: a\r\nauthorization: b\r\n${CLOSE}`,
    400,
  ],
  ['no host', `GET /livez HTTP/1.1\r\n${CLOSE}`, 400],
  ['another host', `GET /livez HTTP/1.1\r\nHost: attacker.example\r\n${CLOSE}`, 421],
  ['a header without a name', `GET /livez HTTP/1.1\r\nHost: localhost\r\n: x\r\n${CLOSE}`, 400],
  ['a header folded over lines', `GET /livez HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n${CLOSE}`, 400],
  ['a space before the colon', `GET /livez HTTP/1.1\r\nHost : localhost\r\n${CLOSE}`, 400],
  ['a zero byte in a header', `GET /livez HTTP/1.1\r\nHost: localhost\r\nX: a\u0000b\r\n${CLOSE}`, 400],
  ['a bare line feed between headers', `GET /livez HTTP/1.1\r\nHost: localhost\nX: y\r\n${CLOSE}`, 400],
  ['a whole URL as target', `GET http://localhost/livez HTTP/1.1\r\nHost: localhost\r\n${CLOSE}`, 400],
  ['a whole URL of another host', `GET http://attacker.example/status HTTP/1.1\r\nHost: localhost\r\n${CLOSE}`, 400],
  ['an asterisk as target', `OPTIONS * HTTP/1.1\r\nHost: localhost\r\n${CLOSE}`, 400],
  ['a tunnel', `CONNECT attacker.example:443 HTTP/1.1\r\nHost: localhost\r\n${CLOSE}`, 0],
  ['a trace', `TRACE /livez HTTP/1.1\r\nHost: localhost\r\nCookie: a=b\r\n${CLOSE}`, 405],
  ['a method that nobody knows', `FETCH /livez HTTP/1.1\r\nHost: localhost\r\n${CLOSE}`, 400],
  ['a body where there is none', `GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n${CLOSE}abcd`, 400],
  ['HTTP/3.0', `GET /livez HTTP/3.0\r\nHost: localhost\r\n${CLOSE}`, 400],
  ['HTTP/2 by prior knowledge', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['a handshake of TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003', 400],
  ['no HTTP at all', 'EHLO attacker.example\r\n\r\n', 400],
  ['a header beyond the limit', `GET /livez HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n${CLOSE}`, 431],
  ['a path beyond the limit', `GET /${'x'.repeat(9_000)} HTTP/1.1\r\nHost: localhost\r\n${CLOSE}`, 414],
  ['no host, and much else', `GET /livez HTTP/1.1\r\nX: y\r\n${CLOSE}`, 400],
  ['an expectation', `GET /livez HTTP/1.1\r\nHost: localhost\r\nExpect: 200-whatever\r\n${CLOSE}`, 417],
  ['HTTP/1.0 without a host, as probes speak it', 'GET /livez HTTP/1.0\r\n\r\n', 200],
  [
    'an upgrade, which is not taken',
    'GET /livez HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: close, upgrade\r\n\r\n',
    200,
  ],
])('%s', async (_what, bytes, status) => {
  const { port, ask } = await openStage(OPEN_SURFACE);
  const answer = await sendRaw(port, bytes);
  expect([statusOf(answer), answer]).toEqual([status, answer]);
  expect(answer.match(/^HTTP\/1\.1 /gm)?.length ?? 0).toBe(status === 0 ? 0 : 1);
  // Whoever wrote it: the gate, or nobody but the server.
  const headers = answer.toLowerCase().split('\r\n');
  if (status !== 0)
    for (const [name, value] of Object.entries(SAFE_HEADERS)) expect(headers).toContain(`${name}: ${value}`);
  expect(headers.some((header) => /^(server|x-powered-by|access-control-[a-z-]+):/.test(header))).toBe(false);
  // A trace would hand back what a page must not see.
  expect(answer).not.toContain('a=b');
  expect((await ask('GET', '/livez')).status).toBe(200);
});

test.each(['/%zz', '/%', '/dead-letters/%e0%a4%a', '/%zz?a=%zz'])(
  'a path whose escapes are none, %s, is refused as everything is, and not repeated',
  async (path) => {
    const { ask, refusals, lines } = await openStage(GUARDED);
    const { status, headers, body } = await ask('GET', path);
    expect([status, JSON.parse(body)]).toEqual([
      400,
      { error: 'the path is malformed', hint: 'Its escapes are a % and two hexadecimal digits; a % itself is %25.' },
    ]);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    expect((await ask('GET', path, { host: 'attacker.example' })).status).toBe(421);
    expect([refusals, JSON.stringify(lines).includes('%')]).toEqual([['malformed', 'host'], false]);
  },
);

const QUICK = { headersMs: 40, requestMs: 80, lookEveryMs: 10 };

test('whoever does not finish the headers of a request is cut off', async () => {
  const { port, refusals } = await openStage(OPEN_SURFACE, {}, QUICK);
  const answer = await sendRaw(port, 'GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
  expect(statusOf(answer)).toBe(408);
  expect(refusals).toEqual(['late']);
});

/** Time enough for whoever is not slow on purpose, on a busy machine too. */
const PATIENT = { headersMs: 1_000, requestMs: 1_000, lookEveryMs: 10 };

test('whoever does not finish a body is cut off', async () => {
  const { port } = await openStage(OPEN_SURFACE, {}, PATIENT);
  const answer = await sendRaw(port, 'POST /reconnect HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nab');
  // It is refused before its body is read, and the connection with it.
  expect([statusOf(answer), /^connection: close/im.test(answer)]).toEqual([403, true]);
});

test('whoever connects and says nothing is cut off, and others are served meanwhile', async () => {
  const { port, ask } = await openStage(OPEN_SURFACE, {}, PATIENT);
  const silent = sendRaw(port, '');
  expect((await ask('GET', '/livez')).status).toBe(200);
  expect(statusOf(await silent)).toBe(408);
});

/** Larger than what the kernel's buffers of both ends take. */
const LARGE = Buffer.alloc(32 * 1_024 * 1_024, 'x');
const large = { scrape: async () => ({ contentType: 'text/plain', body: [LARGE] }) };
const SCRAPE = 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n';

test('whoever does not read an answer loses the connection once the time for it is over', async () => {
  const clock = new HandClock();
  const { port, refusals, ask } = await openStage(OPEN_SURFACE, { ...large, clock });
  const { socket, ended } = await silentReader(port, SCRAPE);
  await once(socket, 'readable');
  await clock.advanceBy(30_000);
  socket.resume();
  await ended;
  expect(refusals).toEqual(['late']);
  expect((await ask('GET', '/livez')).status).toBe(200);
});

test('those who read nothing hold a bounded number of answers, and none of the probes', async () => {
  const { port, ask, refusals } = await openStage(OPEN_SURFACE, large, { answers: 3, answersPerAddress: 2 });
  const readers = [await silentReader(port, SCRAPE), await silentReader(port, SCRAPE)];
  for (const { socket } of readers) await once(socket, 'readable');
  const refused = await ask('GET', '/metrics');
  expect([refused.status, refused.headers['retry-after'], JSON.parse(refused.body).error]).toEqual([503, '1', 'busy']);
  expect(refusals).toEqual(['busy']);
  expect((await ask('GET', '/livez')).status).toBe(200);
  for (const { socket, ended } of readers) {
    socket.destroy();
    await ended;
  }
  await eventually(async () => (await ask('HEAD', '/status')).status === 200, 'the shares are given back');
});

test('one connection that asks for much and reads nothing holds no more', async () => {
  let scrapes = 0;
  const scrape = async () => {
    scrapes += 1;
    return { contentType: 'text/plain', body: [LARGE] };
  };
  const { port, ask } = await openStage(OPEN_SURFACE, { scrape }, { answersPerAddress: 4 });
  const { socket } = await silentReader(port, SCRAPE.repeat(200));
  await once(socket, 'readable');
  await eventually(async () => (await ask('GET', '/livez')).status === 200, 'the others are served');
  expect(scrapes).toBeLessThanOrEqual(4);
});

test('a connection reset with queued requests gives its shares back', async () => {
  let statuses = 0;
  const apps = () => {
    statuses += 1;
    return [];
  };
  const { port, ask } = await openStage(OPEN_SURFACE, { ...large, apps }, { answersPerAddress: 4 });
  const queued = 'GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(3);
  for (const _round of ['first', 'second']) {
    statuses = 0;
    // The first answer is more than the connection takes, and the others wait for it.
    const { socket, ended } = await silentReader(port, SCRAPE + queued);
    await once(socket, 'readable');
    await eventually(() => statuses === 3, 'every request is under way');
    socket.resetAndDestroy();
    await ended;
    await eventually(async () => (await ask('GET', '/status')).status === 200, 'the shares are given back');
  }
});

test('strangers who are refused hold no share that readers need', async () => {
  const { port, ask, refusals } = await openStage(GUARDED, large, { answers: 2 });
  const [admitted, wrong] = [BASIC, 'Bearer x'].map((value) =>
    SCRAPE.replace('\r\n\r\n', `\r\nAuthorization: ${value}\r\n\r\n`),
  );
  const { socket } = await silentReader(port, `${admitted}${wrong?.repeat(10)}`);
  await once(socket, 'readable');
  await eventually(() => refusals.length === 10, 'the strangers are refused');
  expect((await ask('GET', '/status', { authorization: BASIC })).status).toBe(200);
  expect(new Set(refusals)).toEqual(new Set(['credentials']));
});

/** Opens one after the other, each accepted before the next. */
async function idlers(count: number, port: number, localAddress = '127.0.0.1') {
  const open: { readonly socket: Socket; readonly ended: Promise<unknown> }[] = [];
  for (let index = 0; index < count; index++) {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => {}); // a reset is an end as well
    await once(socket, 'connect');
    open.push({ socket, ended: once(socket.resume(), 'close') });
  }
  return open;
}

test('connections beyond the limit are let in, and the one that has been idle longest makes room and is told of', async () => {
  const { port, refusals, ask } = await openStage(OPEN_SURFACE, {}, { connections: 9, connectionsPerAddress: 3 });
  const [first, second, third] = await idlers(3, port);
  first?.socket.write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await eventually(() => (first?.socket.bytesRead ?? 0) > 0, 'the first is served, and idle anew');
  expect((await ask('GET', '/livez')).status).toBe(200);
  await second?.ended;
  expect((await ask('GET', '/livez')).status).toBe(200);
  await eventually(() => refusals.length > 0, 'it is told');
  expect([refusals, first?.socket.closed, third?.socket.closed]).toEqual([['busy'], false, false]);
});

test('one address at its limit makes room at its own expense, and all of them at that of whoever is idle longest', async () => {
  const { port, refusals, ask } = await openStage(OPEN_SURFACE, {}, { connections: 3, connectionsPerAddress: 2 });
  const [other] = await idlers(1, port, '127.0.0.2');
  const [mine] = await idlers(2, port);
  expect((await ask('GET', '/livez')).status).toBe(200);
  await mine?.ended;
  expect(other?.socket.closed).toBe(false);
  await idlers(2, port, '127.0.0.3');
  await other?.ended;
  expect(new Set(refusals)).toEqual(new Set(['busy']));
});

test.each<[string, string]>([
  ['say nothing', ''],
  ['never end a header', 'GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Slow: '],
  ['never end a body', 'POST /reconnect HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\na'],
  ['read nothing of what they ask for', 'GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(500)],
])('200 clients that %s keep no probe from its answer', async (_what, bytes) => {
  const { port, ask } = await openStage(OPEN_SURFACE);
  for (let round = 0; round < 10; round++) {
    await Promise.all(Array.from({ length: 20 }, () => silentReader(port, bytes)));
    expect((await ask('GET', '/livez')).status).toBe(200);
    expect((await ask('GET', '/readyz')).status).toBe(200);
  }
});

test('a connection that asked often enough is asked to end', async () => {
  const { port } = await openStage(OPEN_SURFACE, {}, { requestsPerConnection: 2 });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const connections: (string | string[] | undefined)[] = [];
  for (let count = 0; count < 2; count++) {
    const [response] = await once(get({ host: '127.0.0.1', port, path: '/livez', agent }), 'response');
    connections.push(response.headers.connection);
    await once(response.resume(), 'end');
  }
  expect(connections).toEqual(['keep-alive', 'close']);
});

test('a body beyond the limit is refused, in one piece and in chunks', async () => {
  const settings = { ...OPEN_SURFACE, token: { text: 'a-token-of-the-test' } };
  const { port, done, refusals } = await openStage(settings);
  const head = 'POST /reconnect HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer a-token-of-the-test\r\n';
  const body = 'x'.repeat(2_000);
  const whole = await sendRaw(port, `${head}Connection: close\r\nContent-Length: 2000\r\n\r\n${body}`);
  const chunked = await sendRaw(
    port,
    `${head}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n${body}\r\n0\r\n\r\n`,
  );
  const told = { error: 'the body is too large', hint: 'It may have 1024 bytes; nothing here needs one.' };
  for (const answer of [whole, chunked]) expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toEqual(told);
  expect(refusals).toEqual(['malformed', 'malformed']);
  expect([statusOf(whole), statusOf(chunked), done]).toEqual([413, 413, []]);
});
