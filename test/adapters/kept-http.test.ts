import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createKeptHttp, createTransport } from '../../src/adapters/index.js';
import { HttpError, type HttpRequest } from '../../src/ports/index.js';
import { serveHttp, serveTcp } from '../support/loopback.js';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

function adapter(connections = 1) {
  const kept = createKeptHttp(createTransport({ proxy: 'none' }), { connections });
  cleanups.push(kept.close);
  return kept;
}

const get = (url: string, changes: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url,
  route: '/route',
  timeoutMs: 10_000,
  maxBytes: 1_000,
  ...changes,
});

const kindOf = (call: Promise<unknown>) =>
  call.then(
    () => 'answered',
    (error: unknown) => (error instanceof HttpError ? error.kind : `not an HttpError: ${String(error)}`),
  );

test('no more connections than allowed, and each for many requests', async () => {
  const sockets = new Set<Socket>();
  const server = await serveHttp((request, response) => {
    sockets.add(request.socket);
    response.end('ok');
  });
  cleanups.push(server.close);
  const { http } = adapter(2);
  await Promise.all(Array.from({ length: 20 }, () => http(get(server.url))));
  expect(sockets.size).toBeLessThanOrEqual(2);
});

test('a connection that the server closed between two requests is no failure of the second', async () => {
  const sockets: Socket[] = [];
  const server = await serveHttp((request, response) => {
    sockets.push(request.socket);
    response.end('ok');
  });
  cleanups.push(server.close);
  const { http } = adapter();
  await http(get(server.url));
  const closed = new Promise((resolve) => sockets[0]?.once('close', resolve));
  sockets[0]?.end();
  await closed;
  expect((await http(get(server.url))).status).toBe(200);
  expect(sockets[1]).not.toBe(sockets[0]);
});

test('after a failure the next request has fresh connections, while the others go on (F28)', async () => {
  let count = 0;
  const server = await serveTcp((socket) => {
    count += 1;
    if (count === 1) socket.once('data', () => socket.destroy());
    else socket.once('data', () => socket.end('HTTP/1.1 204 No Content\r\n\r\n'));
  });
  cleanups.push(server.close);
  const { http } = adapter();
  expect(await kindOf(http(get(server.url)))).toBe('reset');
  expect((await http(get(server.url))).status).toBe(204);
  expect(count).toBe(2);
});

test('what waits for a connection is under its own deadline, and `close` ends everything as aborted', async () => {
  const server = await serveTcp(() => {});
  cleanups.push(server.close);
  const { http, close } = adapter(1);
  const first = kindOf(http(get(server.url)));
  expect(await kindOf(http(get(server.url, { timeoutMs: 30 })))).toBe('timeout');
  const third = kindOf(http(get(server.url)));
  await close();
  expect([await first, await third]).toEqual(['aborted', 'aborted']);
});

test('a body that is larger than wanted is an error, or is cut, as the caller says', async () => {
  const server = await serveHttp((_request, response) => response.end('x'.repeat(5_000)));
  cleanups.push(server.close);
  const { http } = adapter();
  expect(await kindOf(http(get(server.url)))).toBe('too_large');
  expect(await http(get(server.url, { whenLarger: 'cut' }))).toMatchObject({ status: 200, body: 'x'.repeat(1_000) });
  expect(await http(get(server.url, { whenLarger: 'cut', maxBytes: 5_000 }))).toMatchObject({
    body: 'x'.repeat(5_000),
  });
});

test('the word that ends one request does nothing to the next one on its connection', async () => {
  const sockets: Socket[] = [];
  const over = new AbortController();
  const server = await serveHttp((request, response) => {
    sockets.push(request.socket);
    if (sockets.length === 2) over.abort();
    response.end('ok');
  });
  cleanups.push(server.close);
  const { http } = adapter();
  await http(get(server.url, { signal: over.signal }));
  expect((await http(get(server.url))).status).toBe(200);
  expect(sockets[1]).toBe(sockets[0]);
});

test('a connection that failed closes the idle ones, and those in use after their answer', async () => {
  const sockets: Socket[] = [];
  let hold: (response: ServerResponse) => void = () => {};
  const held = new Promise<ServerResponse>((resolve) => {
    hold = resolve;
  });
  const server = await serveHttp((request, response) => {
    sockets.push(request.socket);
    if (request.url === '/held') hold(response);
    else if (request.url === '/broken') request.socket.destroy();
    else response.end('ok');
  });
  cleanups.push(server.close);
  const { http } = adapter(3);
  const busy = http(get(`${server.url}/held`));
  const idle = http(get(server.url));
  await Promise.all([idle, held]);
  const closed = sockets.map((socket) => once(socket, 'close'));
  expect(await kindOf(http(get(`${server.url}/broken`)))).toBe('reset');
  (await held).end('late');
  expect((await busy).body).toBe('late');
  await Promise.all(closed);
  expect((await http(get(server.url))).status).toBe(200);
});

test('a server that keeps no connection gets a new one for each request', async () => {
  const sockets = new Set<Socket>();
  const server = await serveHttp((request, response) => {
    sockets.add(request.socket);
    response.writeHead(200, { connection: 'close' }).end('ok');
  });
  cleanups.push(server.close);
  const { http } = adapter();
  for (const _ of [1, 2, 3]) expect((await http(get(server.url))).body).toBe('ok');
  expect(sockets.size).toBe(3);
});
