import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  BRISK_CLIENT_CONFIG,
  cardActionEvent,
  createSimulator,
  DEFAULT_APP,
  messageEvent,
  type Simulator,
  type SimulatorOptions,
} from '../../src/simulator/index.js';
import { ackFrame, decodeFrame, encodeFrame, type Frame, headerOf } from '../../src/wire/index.js';
import { envelopeOf } from './stage.js';

const running: Simulator[] = [];
const sockets: WebSocket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  for (const simulator of running.splice(0)) await simulator.stop();
});

async function started(options: SimulatorOptions = {}) {
  const simulator = createSimulator(options);
  running.push(simulator);
  const { url } = await simulator.start();
  return { simulator, url };
}

async function socketUrl(base: string): Promise<string> {
  const response = await fetch(`${base}/callback/ws/endpoint`, {
    method: 'POST',
    body: JSON.stringify({ AppID: DEFAULT_APP.appId, AppSecret: DEFAULT_APP.appSecret }),
  });
  const { data } = (await response.json()) as { data: { URL: string } };
  return data.URL;
}

/** A bare `ws` client that keeps everything it hears, and lets a test wait for the n-th of it. */
class Ear {
  readonly socket: WebSocket;
  readonly heard: string[] = [];
  readonly frames: Frame[] = [];
  readonly #waiting: (() => void)[] = [];

  constructor(url: string) {
    this.socket = new WebSocket(url);
    sockets.push(this.socket);
    this.socket.on('open', () => this.#hear('open'));
    this.socket.on('message', (bytes: Buffer, isBinary) => {
      if (isBinary && bytes[0] === 0x08) this.frames.push(decodeFrame(new Uint8Array(bytes)));
      this.#hear(isBinary ? 'binary' : `text ${bytes}`);
    });
    this.socket.on('pong', () => this.#hear('pong'));
    this.socket.on('error', (error: Error & { code?: string }) => this.#hear(`error ${error.code ?? error.message}`));
    this.socket.on('close', (code, reason) => this.#hear(`close ${code} ${reason}`.trim()));
  }

  /** Resolves when `what` was heard `times` times. */
  async hears(what: string, times = 1): Promise<void> {
    while (this.heard.filter((entry) => entry === what).length < times)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  ping(): void {
    const service = Number(new URL(this.socket.url).searchParams.get('service_id'));
    this.send({ seqId: 0n, logId: 0n, service, method: 0, headers: [{ key: 'type', value: 'ping' }] });
  }

  send(frame: Frame): void {
    this.socket.send(encodeFrame(frame));
  }

  #hear(what: string): void {
    this.heard.push(what);
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

async function opened(base: string): Promise<Ear> {
  const ear = new Ear(await socketUrl(base));
  await ear.hears('open');
  return ear;
}

/** Resolves when the predicate holds, asked whenever the event loop has gone round; the test's own limit ends it. */
async function until(predicate: () => boolean): Promise<void> {
  while (!predicate()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** The TCP socket below, for what no WebSocket client would do. */
function tcpOf(ear: Ear): Socket {
  return (ear.socket as unknown as { _socket: Socket })._socket;
}

/** A raw TCP exchange: what the server sent until it closed. */
async function raw(base: string, text: string): Promise<string> {
  const { hostname, port } = new URL(base);
  const socket: Socket = connect(Number(port), hostname);
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  socket.on('error', () => {});
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

test('discovery, handshake, ping, event and acknowledgement over real sockets', async () => {
  const { simulator, url } = await started({ clientConfig: BRISK_CLIENT_CONFIG });
  const ear = await opened(url);
  ear.ping();
  await ear.hears('binary');
  expect(envelopeOf(ear.frames[0])).toEqual(BRISK_CLIENT_CONFIG);
  ear.socket.ping();
  await ear.hears('pong');
  const sent = simulator.send(messageEvent({ text: 'hello' }));
  await ear.hears('binary', 2);
  expect(envelopeOf(ear.frames[1])).toEqual(sent.envelope);
  const [, event] = ear.frames;
  if (event) ear.send(ackFrame(event, { code: 200, handlingMs: 1 }));
  await until(() => sent.state === 'acknowledged');
  expect(sent.acks).toMatchObject([{ code: 200, isLate: false }]);
});

test("a callback's answer comes back in the acknowledgement", async () => {
  const { simulator, url } = await started();
  const ear = await opened(url);
  const sent = simulator.send(cardActionEvent());
  await ear.hears('binary');
  const [event] = ear.frames;
  if (event)
    ear.send(ackFrame(event, { code: 200, result: { toast: { type: 'info', content: '好' } }, handlingMs: 1 }));
  await until(() => sent.state === 'acknowledged');
  expect(sent.result).toEqual({ toast: { type: 'info', content: '好' } });
});

test('a token from the token endpoint opens the API, and the message sent is recorded', async () => {
  const { simulator, url } = await started();
  const answer = await fetch(`${url}/open-apis/auth/v3/tenant_access_token/internal`, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ app_id: DEFAULT_APP.appId, app_secret: DEFAULT_APP.appSecret }),
  });
  const { tenant_access_token } = (await answer.json()) as { tenant_access_token: string };
  const sent = await fetch(`${url}/open-apis/im/v1/messages?receive_id_type=chat_id`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tenant_access_token}` },
    body: JSON.stringify({ receive_id: 'oc_1', msg_type: 'text', content: '{"text":"hi"}' }),
  });
  expect(sent.status).toBe(200);
  expect(simulator.platform.sent).toMatchObject([{ chatId: 'oc_1', content: '{"text":"hi"}' }]);
});

test('a used ticket is refused with HTTP 403 and the three headers', async () => {
  const { url } = await started();
  const ear = await opened(url);
  const again = new WebSocket(ear.socket.url);
  again.on('error', () => {});
  const [, response] = await once(again, 'unexpected-response');
  expect(response.statusCode).toBe(403);
  expect(response.headers).toMatchObject({ 'handshake-status': '514', 'handshake-autherrcode': '0' });
  expect(response.rawHeaders).toContain('Handshake-Autherrcode');
  again.terminate();
});

test('an event glued to the 101 arrives in the same segment', async () => {
  const { simulator, url } = await started();
  simulator.inject({ fault: 'glue_to_101' });
  const target = new URL(await socketUrl(url));
  const socket = connect(Number(target.port), target.hostname);
  socket.write(
    `GET ${target.pathname}${target.search} HTTP/1.1\r\nHost: ${target.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  const [segment] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  const end = segment.indexOf('\r\n\r\n') + 4;
  expect(segment.subarray(0, end).toString()).toMatch(/^HTTP\/1\.1 101 /);
  expect(segment.length).toBeGreaterThan(end + 100);
  expect(segment.toString()).toContain('glued to the 101');
});

test('accept_then_close: by close frame, and by reset after a 101 that got through', async () => {
  const { simulator, url } = await started();
  simulator.inject({ fault: 'accept_then_close', code: 1001, reason: 'bye', times: 1 });
  const closed = new Ear(await socketUrl(url));
  await closed.hears('close 1001 bye');
  expect(closed.heard).toEqual(['open', 'close 1001 bye']);
  simulator.inject({ fault: 'accept_then_close', how: 'reset', times: 1 });
  const reset = new Ear(await socketUrl(url));
  await reset.hears('close 1006');
  expect(reset.heard[0]).toBe('open');
});

test('drop_socket resets TCP, close_socket sends a close frame', async () => {
  const { simulator, url } = await started();
  const dropped = await opened(url);
  const failed = once(tcpOf(dropped), 'error');
  simulator.inject({ fault: 'drop_socket' });
  expect(await failed).toMatchObject([{ code: 'ECONNRESET' }]);
  await dropped.hears('close 1006');
  const closed = await opened(url);
  simulator.inject({ fault: 'close_socket', code: 4000, reason: 'kick' });
  await closed.hears('close 4000 kick');
});

test('half_open: the socket stays open and silent, and everything flows once it ends', async () => {
  const { simulator, url } = await started();
  const ear = await opened(url);
  const id = simulator.inject({ fault: 'half_open' });
  ear.ping();
  ear.socket.ping();
  simulator.send(messageEvent());
  // A second, unfrozen connection does all of it in the meantime: what the first does not hear by then, it will not hear.
  const witness = await opened(url);
  witness.ping();
  await witness.hears('binary');
  expect(ear.heard).toEqual(['open']);
  expect(ear.socket.readyState).toBe(WebSocket.OPEN);
  simulator.clear(id);
  await ear.hears('binary', 2);
  await ear.hears('pong');
});

test('half_open: the client’s death is not noticed by the platform', async () => {
  const { simulator, url } = await started();
  const ear = await opened(url);
  const id = simulator.inject({ fault: 'half_open' });
  ear.socket.terminate();
  await ear.hears('close 1006');
  await opened(url);
  expect(simulator.platform.connections()).toHaveLength(2);
  simulator.clear(id);
  await until(() => simulator.platform.connections().length === 1);
});

test('silent_pongs: neither kind of ping is answered, events still come', async () => {
  const { simulator, url } = await started();
  simulator.inject({ fault: 'silent_pongs', pings: 'both' });
  const ear = await opened(url);
  ear.ping();
  ear.socket.ping();
  await until(() => simulator.platform.traffic.count('websocket_ping') === 1);
  simulator.send(messageEvent());
  await ear.hears('binary');
  expect(ear.heard).toEqual(['open', 'binary']);
  expect(headerOf(ear.frames[0] as Frame, 'type')).toBe('event');
});

test('odd frames go out as they are', async () => {
  const { simulator, url } = await started();
  const ear = await opened(url);
  simulator.inject({ fault: 'text_frame', text: 'good day' });
  simulator.inject({ fault: 'garbage_frame' });
  simulator.inject({ fault: 'oversized_frame', bytes: 2_000_000 });
  await ear.hears('binary', 2);
  expect(ear.heard).toEqual(['open', 'text good day', 'binary', 'binary']);
  expect(ear.frames[0]?.payload).toHaveLength(2_000_000);
});

test('fragments of a real event join to the event', async () => {
  const { simulator, url } = await started();
  const ear = await opened(url);
  simulator.inject({ fault: 'fragment_events', parts: 3, pauseMs: 0 });
  const sent = simulator.send(messageEvent({ text: '你好' }));
  await ear.hears('binary', 3);
  const joined = Buffer.concat(ear.frames.map((frame) => frame.payload ?? new Uint8Array()));
  expect(JSON.parse(joined.toString())).toEqual(sent.envelope);
});

test('hanging requests and handshakes are never answered, and do not keep the simulator from stopping', async () => {
  const { simulator, url } = await started();
  const target = await socketUrl(url);
  simulator.inject({ fault: 'handshake_hang', times: 1 });
  const ear = new Ear(target);
  await until(() => simulator.platform.traffic.recent('handshake').at(-1)?.outcome === 'hung');
  simulator.inject({ fault: 'discovery_hang' });
  const hanging = socketUrl(url).then(
    () => 'answered',
    () => 'broken off',
  );
  await until(() => simulator.platform.traffic.recent('discovery').at(-1)?.outcome === 'hung');
  expect(ear.heard).toEqual([]);
  await simulator.stop();
  expect(await hanging).toBe('broken off');
  await ear.hears('close 1006');
});

test('half a handshake answer is sent, and no more', async () => {
  const { simulator, url } = await started();
  simulator.inject({ fault: 'handshake_hang', sends: 'half_answer' });
  const target = new URL(await socketUrl(url));
  const socket = connect(Number(target.port), target.hostname);
  socket.write(
    `GET ${target.pathname}${target.search} HTTP/1.1\r\nHost: ${target.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  const [segment] = (await once(socket, 'data')) as [Buffer];
  expect(segment.toString()).toBe('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnec');
  socket.destroy();
});

test('refused connections are reset before any answer', async () => {
  const { simulator, url } = await started();
  const target = await socketUrl(url);
  simulator.inject({ fault: 'refuse_tcp', times: 2 });
  await expect(fetch(`${url}/open-apis/x`)).rejects.toThrow('fetch failed');
  const ear = new Ear(target);
  await ear.hears('close 1006');
  expect(ear.heard[0]).toBe('error ECONNRESET');
});

test('delayed answers come after their delay', async () => {
  const { simulator, url } = await started();
  simulator.inject({ fault: 'discovery_delay', delayMs: 30 });
  simulator.inject({ fault: 'handshake_delay', delayMs: 30 });
  const ear = await opened(url);
  expect(ear.heard).toEqual(['open']);
});

test('malformed requests are answered precisely and nothing falls over', async () => {
  const { url } = await started();
  expect(await raw(url, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  const upgrade = 'Host: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n';
  expect(await raw(url, `GET /elsewhere HTTP/1.1\r\n${upgrade}\r\n`)).toMatch(/^HTTP\/1\.1 404 /);
  expect(await raw(url, `GET // HTTP/1.1\r\n${upgrade}\r\n`)).toMatch(/^HTTP\/1\.1 404 /);
  expect(await raw(url, `GET /ws/v2 HTTP/1.1\r\n${upgrade}\r\n`)).toMatch(/^HTTP\/1\.1 403 /);
  const target = new URL(await socketUrl(url));
  const keyless = `GET ${target.pathname}${target.search} HTTP/1.1\r\n${upgrade}\r\n`;
  expect(await raw(url, keyless)).toMatch(/^HTTP\/1\.1 400 /);
  const huge = await fetch(`${url}/callback/ws/endpoint`, { method: 'POST', body: 'x'.repeat(1_100_000) });
  expect(huge.status).toBe(413);
  expect((await fetch(`${url}/nowhere`)).status).toBe(404);
  expect(await socketUrl(url)).toMatch(/^ws:/);
});

test('a request that breaks off in the middle harms nobody', async () => {
  const { url } = await started();
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write('POST /callback/ws/endpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"AppID"');
  await once(socket, 'connect');
  socket.resetAndDestroy();
  await once(socket, 'close');
  expect(await socketUrl(url)).toMatch(/^ws:/);
});

test('a client that breaks RFC 6455 is closed, the others live', async () => {
  const { simulator, url } = await started();
  const good = await opened(url);
  const bad = await opened(url);
  // A data frame of a reserved opcode, unmasked: two offences.
  tcpOf(bad).write(Uint8Array.from([0x83, 0x00]));
  await bad.hears('close 1002');
  good.ping();
  await good.hears('binary');
  await until(() => simulator.platform.connections().length === 1);
});

test('a client that does not answer a close frame is cut off', async () => {
  const { simulator, url } = await started();
  const ear = await opened(url);
  ear.socket.pause();
  const tcp = tcpOf(ear);
  simulator.inject({ fault: 'close_socket' });
  expect(simulator.platform.connections()).toHaveLength(0);
  tcp.resume();
  await once(tcp, 'close');
});

test('the port is free after stop, and a taken port is an error of start', async () => {
  const { simulator, url } = await started();
  const port = Number(new URL(url).port);
  const second = createSimulator({ port });
  await expect(second.start()).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await second.stop();
  await simulator.stop();
  await simulator.stop();
  const third = await started({ port });
  expect(third.url).toBe(url);
});

test('clients are dropped when the simulator stops', async () => {
  const { simulator, url } = await started();
  const ear = await opened(url);
  await simulator.stop();
  await ear.hears('close 1006');
});

test('the control API: state, faults, events, ledger', async () => {
  const { simulator, url } = await started();
  const ear = await opened(url);
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${url}/_simulator/${path}`, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const state = await ask('state');
  expect(state).toMatchObject({
    status: 200,
    body: { apps: [{ appId: DEFAULT_APP.appId, connections: 1 }], ledger: { total: 0 }, faults: [] },
  });
  expect(JSON.stringify(state)).not.toContain(DEFAULT_APP.appSecret);
  const posted = await ask('faults', { method: 'POST', body: '{"fault":"discovery_code","code":1}' });
  expect(posted).toEqual({ status: 201, body: { id: 'fault-1' } });
  expect((await ask('faults')).body.faults).toHaveLength(1);
  expect(await ask('faults?id=fault-9', { method: 'DELETE' })).toMatchObject({ status: 404 });
  expect(await ask('faults', { method: 'DELETE' })).toEqual({ status: 200, body: { cleared: 1 } });
  const event = await ask('events', { method: 'POST', body: '{"kind":"message","text":"from afar"}' });
  expect(event).toMatchObject({ status: 201, body: { eventType: 'im.message.receive_v1', state: 'pending' } });
  await ear.hears('binary');
  expect(envelopeOf(ear.frames[0]).event.message.content).toBe('{"text":"from afar"}');
  expect((await ask('ledger?limit=1&state=pending')).body.events).toHaveLength(1);
  expect(simulator.ledger.summary.total).toBe(1);
});

test('the control API refuses pages of other origins and foreign host names', async () => {
  const { url } = await started();
  const withOrigin = (origin: string) => fetch(`${url}/_simulator/state`, { headers: { origin } });
  expect((await withOrigin('http://evil.example')).status).toBe(403);
  expect((await withOrigin('null')).status).toBe(403);
  expect((await withOrigin(url)).status).toBe(200);
  const { hostname, port } = new URL(url);
  const rebound = httpRequest({ hostname, port, path: '/_simulator/state', headers: { host: 'evil.example' } });
  rebound.end();
  const [response] = await once(rebound, 'response');
  response.resume();
  expect(response.statusCode).toBe(403);
});
