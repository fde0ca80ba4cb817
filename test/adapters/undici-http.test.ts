import { afterEach, expect, test } from 'vitest';
import { createUndiciHttp } from '../../src/adapters/index.js';
import { HttpError, type HttpRequest } from '../../src/ports/index.js';
import { type Loopback, serveHttp, serveTcp } from '../support/loopback.js';

const open: { close(): Promise<void> }[] = [];
const { http, close } = createUndiciHttp();
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
