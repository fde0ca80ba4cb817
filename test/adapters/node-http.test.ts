import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createNodeHttp } from '../../src/adapters/index.js';
import { HttpError, type HttpRequest } from '../../src/ports/index.js';
import { type Loopback, serveHttp, serveTcp } from '../support/loopback.js';

const open: { close(): Promise<void> }[] = [];
const { http, close } = createNodeHttp();
open.push({ close });
afterEach(async () => {
  await Promise.all(open.splice(1).map((one) => one.close()));
});

function keep<Kept extends { close(): Promise<void> }>(one: Kept): Kept {
  open.push(one);
  return one;
}

function post(url: string, changes: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'POST', url, route: '/route', timeoutMs: 10_000, maxBytes: 1_000, ...changes };
}

const kindOf = (call: Promise<unknown>) =>
  call.then(
    () => 'answered',
    (error: unknown) => (error instanceof HttpError ? error.kind : `not an HttpError: ${String(error)}`),
  );

test('any status is an answer, with its body and lower-case headers', async () => {
  const server = keep(
    await serveHttp((request, response) => {
      request.setEncoding('utf8');
      request.on('data', (body: string) => {
        response.writeHead(503, { 'X-Seen': [request.method ?? '', body] });
        response.end('busy');
      });
    }),
  );
  const answer = await http(post(server.url, { body: '{"a":1}' }));
  expect(answer).toMatchObject({ status: 503, body: 'busy', headers: { 'x-seen': 'POST, {"a":1}' } });
});

test('a server that never answers costs the deadline and no more', async () => {
  const server = keep(await serveTcp(() => {}));
  expect(await kindOf(http(post(server.url, { timeoutMs: 20 })))).toBe('timeout');
});

test('the deadline covers a body that drips', async () => {
  const server: Loopback<unknown> = keep(
    await serveHttp((_request, response) => {
      response.writeHead(200);
      response.write('one byte, then silence');
    }),
  );
  expect(await kindOf(http(post(server.url, { timeoutMs: 20 })))).toBe('timeout');
});

test('our own signal is `aborted`, not a time-out', async () => {
  const abort = new AbortController();
  const server = keep(await serveTcp(() => abort.abort()));
  expect(await kindOf(http(post(server.url, { signal: abort.signal })))).toBe('aborted');
  expect(await kindOf(http(post(server.url, { signal: AbortSignal.abort() })))).toBe('aborted');
});

test('a body larger than allowed is refused instead of kept in memory', async () => {
  const server = keep(await serveHttp((_request, response) => response.end('x'.repeat(2_000))));
  expect(await kindOf(http(post(server.url)))).toBe('too_large');
});

test('nobody listening, a reset and a peer that speaks no HTTP have names of their own', async () => {
  const gone = await serveTcp(() => {});
  await gone.close();
  expect(await kindOf(http(post(gone.url)))).toBe('refused');
  const rude = keep(await serveTcp((socket) => socket.once('data', () => socket.resetAndDestroy())));
  expect(await kindOf(http(post(rude.url)))).toBe('reset');
  const other = keep(await serveTcp((socket) => socket.once('data', () => socket.write('SSH-2.0-OpenSSH_9.2\r\n'))));
  expect(await kindOf(http(post(other.url)))).toBe('protocol');
});

test('no error message holds the query or the body', async () => {
  const gone = await serveTcp(() => {});
  await gone.close();
  const error = await http(post(`${gone.url}/x?ticket=hush`, { body: 'secret' })).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(HttpError);
  expect(String(error)).not.toMatch(/hush|secret/);
});

test('every exchange has a connection of its own, and leaves none behind', async () => {
  const ended: Promise<unknown>[] = [];
  const server = keep(await serveHttp((_request, response) => response.end('x'.repeat(2_000))));
  server.server.on('connection', (socket: Socket) => ended.push(once(socket, 'close')));
  await http(post(server.url, { maxBytes: 2_000 }));
  await http(post(server.url, { whenLarger: 'cut' }));
  expect(await kindOf(http(post(server.url)))).toBe('too_large');
  expect((await Promise.all(ended)).length).toBe(3);
});

test('a connection is closed even where the server would keep it', async () => {
  let ended: Promise<unknown> | null = null;
  const server = keep(
    await serveTcp((socket) => {
      ended = once(socket, 'close');
      socket.once('data', () =>
        socket.write('HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok'),
      );
    }),
  );
  expect((await http(post(server.url))).body).toBe('ok');
  await ended;
});

test('an exchange that was given up leaves no connection behind', async () => {
  let ended: Promise<unknown> | null = null;
  const server = keep(
    await serveTcp((socket) => {
      ended = once(socket, 'close');
      socket.resume();
    }),
  );
  expect(await kindOf(http(post(server.url, { timeoutMs: 20 })))).toBe('timeout');
  await ended;
});

test('an answer that breaks off is a reset, whether in its head or in its body', async () => {
  const inHead = keep(await serveTcp((socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n'))));
  expect(await kindOf(http(post(inHead.url)))).toBe('reset');
  const inBody = keep(
    await serveTcp((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive.')),
    ),
  );
  expect(await kindOf(http(post(inBody.url)))).toBe('reset');
});

test('a head without end is refused, and so is a 101 that nobody asked for', async () => {
  const endless = keep(
    await serveTcp((socket) =>
      socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\n${`X-A: ${'a'.repeat(99)}\r\n`.repeat(400)}`)),
    ),
  );
  expect(await kindOf(http(post(endless.url)))).toBe('protocol');
  for (const head of ['Upgrade: x', 'Upgrade: x\r\nConnection: upgrade']) {
    let ended: Promise<unknown> | null = null;
    const eager = keep(
      await serveTcp((socket) => {
        ended = once(socket, 'close');
        socket.once('data', () => socket.write(`HTTP/1.1 101 Switching Protocols\r\n${head}\r\n\r\n`));
      }),
    );
    expect(await kindOf(http(post(eager.url)))).toBe('protocol');
    await ended;
  }
});

test('a redirect is an answer, an early hint is none, and headers that are there twice are joined', async () => {
  const server = keep(
    await serveTcp((socket) =>
      socket.once('data', () =>
        socket.end(
          'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n' +
            'HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nX-A: 1\r\nX-A: 2\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n' +
            'Age: 1\r\nAge: 2\r\nContent-Length: 0\r\n\r\n',
        ),
      ),
    ),
  );
  expect(await http(post(server.url))).toMatchObject({
    status: 302,
    headers: { location: 'http://127.0.0.1:1/', 'x-a': '1, 2', 'set-cookie': 'a, b', age: '1, 2' },
  });
});

test('the request names its host and its length, with path and query as they were given', async () => {
  let seen: unknown = null;
  const server = keep(
    await serveHttp((request, response) => {
      seen = [request.url, request.headers.host, request.headers['content-length'], request.headers['x-b']];
      response.end();
    }),
  );
  await http(post(`${server.url}/a%20b?c=d&e=%2F`, { body: 'ü', headers: { 'x-b': 'c' } }));
  expect(seen).toEqual(['/a%20b?c=d&e=%2F', `127.0.0.1:${server.port}`, '2', 'c']);
});

test('what cannot be sent is an HttpError that repeats neither the URL nor a header', async () => {
  const broken = [post('no url'), post('http://127.0.0.1:1/', { headers: { 'x-secret': 'hush\nhush' } })].map(
    (request) => http(request).catch((error: unknown) => error),
  );
  for (const error of await Promise.all(broken)) {
    expect(error).toBeInstanceOf(HttpError);
    expect(String(error)).not.toContain('hush');
  }
});
