import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { acceptsGzip, addMetricsRoute, type MetricsView } from '../../src/daemon/metrics-route.js';
import { HandClock } from '../support/hand-clock.js';

const TEXT = 'feishu_ws_connected{app="a"} 1\n'.repeat(1_000);
const open: FastifyInstance[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

/** A server with the route alone. `asked` resolves when so many requests were taken up. */
async function serve(
  changes: Partial<MetricsView> = {},
): Promise<{ url: string; asked: (times: number) => Promise<void> }> {
  const server = fastify();
  let requests = 0;
  const waiting = new Map<number, () => void>();
  server.server.on('request', () => {
    requests += 1;
    const tell = waiting.get(requests);
    if (tell !== undefined) setImmediate(tell);
  });
  addMetricsRoute(server, {
    scrape: async () => ({
      contentType: 'text/plain',
      body: [Buffer.from(TEXT.slice(0, 700)), Buffer.from(TEXT.slice(700))],
    }),
    clock: new HandClock(),
    logger: pino({ level: 'silent' }),
    ...changes,
  });
  open.push(server);
  const asked = (times: number): Promise<void> => new Promise((resolve) => waiting.set(times, resolve));
  return { url: await server.listen({ host: '127.0.0.1', port: 0 }), asked };
}

/** The answer as it came over the wire; `fetch` would unpack it. */
function ask(url: string, method: string, acceptEncoding?: string) {
  return new Promise<{ headers: NodeJS.Dict<string | string[]>; body: Buffer }>((resolve, reject) => {
    const headers = acceptEncoding === undefined ? {} : { 'accept-encoding': acceptEncoding };
    const asked = request(`${url}/metrics`, { method, headers, agent: false }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => resolve({ headers: answer.headers, body: Buffer.concat(parts) }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

test('a scraper that accepts gzip is given it, whole and with its length; any other gets the plain text', async () => {
  const { url } = await serve();
  const packed = await ask(url, 'GET', 'gzip');
  expect(packed.headers['content-encoding']).toBe('gzip');
  expect(packed.headers.vary).toBe('accept-encoding');
  expect(Number(packed.headers['content-length'])).toBe(packed.body.length);
  expect(packed.body.length).toBeLessThan(TEXT.length / 10);
  expect(gunzipSync(packed.body).toString()).toBe(TEXT);

  const plain = await ask(url, 'GET');
  expect(plain.headers['content-encoding']).toBeUndefined();
  expect(plain.headers['content-length']).toBe(`${TEXT.length}`);
  expect(plain.body.toString()).toBe(TEXT);
});

test('HEAD says how long it would be, and nothing else', async () => {
  const { url } = await serve();
  const { headers, body } = await ask(url, 'HEAD', 'identity');
  expect([headers['content-length'], body.length]).toEqual([`${TEXT.length}`, 0]);
});

test('what is short is not worth packing', async () => {
  const { url } = await serve({ scrape: async () => ({ contentType: 'text/plain', body: [Buffer.from('up 1\n')] }) });
  const { headers, body } = await ask(url, 'GET', 'gzip');
  expect([headers['content-encoding'], body.toString()]).toEqual([undefined, 'up 1\n']);
});

test('scrapers that ask at the same time share one scrape, whatever they accept', async () => {
  let finish = (): void => {};
  let scrapes = 0;
  const held = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const { url, asked } = await serve({
    scrape: async () => {
      scrapes += 1;
      await held;
      return { contentType: 'text/plain', body: [Buffer.from(TEXT)] };
    },
  });
  const allAsked = asked(4);
  const answers = ['gzip', 'gzip', 'identity', 'identity'].map((encoding) => ask(url, 'GET', encoding));
  await allAsked;
  finish();
  const told = (await Promise.all(answers)).map(({ headers, body }) =>
    headers['content-encoding'] === 'gzip' ? gunzipSync(body).toString() : body.toString(),
  );
  expect(told).toEqual([TEXT, TEXT, TEXT, TEXT]);
  expect(scrapes).toBe(1);
});

test('at its deadline a scrape is told to end, and everybody gets the reason', async () => {
  const clock = new HandClock();
  let told: AbortSignal | null = null;
  const { url, asked } = await serve({
    clock,
    scrape: (signal) => {
      told = signal;
      return new Promise(() => {});
    },
  });
  const allAsked = asked(2);
  const answers = ['gzip', 'identity'].map((encoding) =>
    fetch(`${url}/metrics`, { headers: { 'accept-encoding': encoding } }),
  );
  await allAsked;
  await clock.advanceBy(5_000);
  const [packed, plain] = await Promise.all(answers);
  expect([packed?.status, plain?.status]).toEqual([503, 503]);
  expect(await plain?.json()).toMatchObject({ error: 'metrics could not be collected: not finished within 5000 ms' });
  expect((told as AbortSignal | null)?.aborted).toBe(true);
});

test.each([
  ['gzip', true],
  ['deflate, GZIP;q=0.5, br', true],
  ['gzip;q=0', false],
  ['gzip; q=0.000', false],
  ['gzip;q=0.001', true],
  ['identity', false],
  ['', false],
  ['*', false],
  ['notgzip', false],
])('Accept-Encoding: %s', (header, isAccepted) => {
  expect(acceptsGzip(header)).toBe(isAccepted);
  expect(acceptsGzip(undefined)).toBe(false);
});
