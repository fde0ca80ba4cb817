import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import type { LetterApp } from '../../src/connector-dead-letters.js';
import { openHttpSurface } from '../../src/daemon/http-surface.js';
import { OPEN_SURFACE } from '../../src/daemon/index.js';
import { letterSegment } from '../../src/daemon/letter-id.js';
import { JOURNAL_TABLES } from '../../src/delivery/index.js';
import { VirtualClock } from '../../src/simulator/virtual-clock.js';
import { blankHistory, statusWith } from '../support/app-connector.js';
import { eventually } from '../support/eventually.js';
import { appWithLetters } from '../support/letter-store.js';

const clock = new VirtualClock();
const TOKEN = 'a-token-of-the-test';

async function surfaceOf(apps: readonly LetterApp[], host = '127.0.0.1') {
  const surface = await openHttpSurface(
    { host, port: 0 },
    {
      apps: () =>
        apps.map((app) => ({
          ...app,
          status: () => statusWith(),
          reconnect: () => false,
          catchUp: () => 1,
          history: blankHistory,
        })),
      phase: () => 'running',
      scrape: async () => ({ contentType: 'text/plain', body: [] }),
      version: '1.2.3',
      startedAt: 0,
      clock,
      logger: pino({ level: 'silent' }),
    },
    { settings: { ...OPEN_SURFACE, token: { text: TOKEN } } },
  );
  onTestFinished(() => surface.close());
  /** As fetch, but with any path and header as it stands. */
  const ask = async (method: string, path: string, headers: Record<string, string> = {}) => {
    const { port } = surface.address;
    const all = { authorization: `Bearer ${TOKEN}`, ...headers };
    const request = httpRequest({ host: '127.0.0.1', port, path, method, headers: all, agent: false }).end();
    const [response] = await once(request, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString('utf8');
    return { status: response.statusCode as number, body, json: body === '' ? null : JSON.parse(body) };
  };
  return { ask, get: (path: string) => ask('GET', path), post: (path: string) => ask('POST', path) };
}

test('the list goes page by page through all apps, without a word of what the events say', async () => {
  const sales = await appWithLetters(clock, 'sales', [{ eventId: 's1', envelope: { event: { text: 'private' } } }]);
  const { get } = await surfaceOf([sales, await appWithLetters(clock, 'support', ['t1', 't2'])]);
  const first = await get('/dead-letters?limit=2');
  expect([first.status, first.json.apps.map(({ count }: { count: number }) => count)]).toEqual([200, [1, 2]]);
  expect(first.json.letters).toMatchObject([
    { app: 'sales', eventId: 's1', reason: 'attempts', attempts: 5, detail: 'boom' },
    { app: 'support', eventId: 't1' },
  ]);
  const second = await get(`/dead-letters?limit=2&after=${encodeURIComponent(first.json.next)}`);
  expect([second.json.letters.length, second.json.letters[0].eventId, second.json.next]).toEqual([1, 't2', null]);
  expect((await get('/dead-letters?app=support')).json.letters).toHaveLength(2);
  expect(first.body + second.body).not.toContain('private');
});

test('one is shown with its event, and each is replayed and dropped once', async () => {
  const sales = await appWithLetters(clock, 'sales', ['s1', 's2']);
  const { get, post } = await surfaceOf([sales]);
  expect(await get('/dead-letters/s1')).toMatchObject({
    status: 200,
    json: { app: 'sales', eventId: 's1', envelope: { schema: '2.0', event: { n: 1 } } },
  });
  expect(await post('/dead-letters/s1/replay?app=sales')).toMatchObject({
    status: 200,
    json: { app: 'sales', eventId: 's1', how: 'replayed' },
  });
  expect(await post('/dead-letters/s2/drop')).toMatchObject({ status: 200, json: { eventId: 's2', how: 'dropped' } });
  expect([sales.letters.count, sales.store.count(JOURNAL_TABLES.entries)]).toEqual([0, 1]);
  expect(await post('/dead-letters/s2/drop')).toMatchObject({ status: 404, json: { reason: 'no_such_letter' } });
});

test.each<[string, string, number, string | undefined]>([
  ['GET', '/dead-letters?app=nobody', 404, 'no_such_app'],
  ['GET', '/dead-letters?app=plain', 409, 'no_journal'],
  ['GET', '/dead-letters?limit=0', 400, 'bad_query'],
  ['GET', '/dead-letters?limit=1e3', 400, 'bad_query'],
  ['GET', '/dead-letters?ap=sales', 400, 'bad_query'],
  ['GET', '/dead-letters?app=sales&app=plain', 400, 'bad_query'],
  ['GET', '/dead-letters/s9', 404, 'no_such_letter'],
  ['GET', '/dead-letters/s1?app=nobody', 404, 'no_such_app'],
  ['POST', '/dead-letters/s1/drop?app=plain', 409, 'no_journal'],
  ['POST', '/dead-letters/s1/drop?all=1', 400, 'bad_query'],
  ['POST', '/dead-letters', 405, undefined],
  ['POST', '/dead-letters/s1', 405, undefined],
  ['DELETE', '/dead-letters/s1', 405, undefined],
  ['GET', '/dead-letters/s1/drop', 405, undefined],
  ['GET', '/dead-letters/s1/else', 404, undefined],
  ['POST', '/dead-letters/s1/drop/all', 405, undefined],
])('%s %s is answered with %i %s, and settles nothing', async (method, path, status, reason) => {
  const sales = await appWithLetters(clock, 'sales', ['s1']);
  const plain: LetterApp = { app: 'plain', appId: 'cli_00000000000000bb', deadLetters: null };
  const { ask } = await surfaceOf([sales, plain]);
  const answer = await ask(method, path);
  expect([answer.status, answer.json.reason]).toEqual([status, reason]);
  expect(answer.json).toMatchObject({ error: expect.any(String), hint: expect.any(String) });
  expect(sales.letters.count).toBe(1);
});

test.each(['..', '.', '~', 'a/../b', 'ü 😀', '\ud800', '%00', '<script>', 'x'.repeat(2_000)])(
  'a letter of the id %j is shown and settled like any other',
  async (id) => {
    const sales = await appWithLetters(clock, 'sales', ['before', id, 'after']);
    const { get, post } = await surfaceOf([sales]);
    const { pathname } = new URL(`http://x/dead-letters/${letterSegment(id)}`);
    expect((await get(pathname)).json.eventId).toBe(id);
    expect((await post(`${pathname}/drop`)).json.eventId).toBe(id);
    expect(sales.letters.list().letters.map(({ eventId }) => eventId)).toEqual(['before', 'after']);
  },
);

test.each(['/dead-letters/%E0%A4%A', '/dead-letters/%', '/dead-letters//drop', `/dead-letters/${'x'.repeat(20_000)}`])(
  'a path that no letter has, such as %.30s, is refused without harm',
  async (path) => {
    const { get } = await surfaceOf([await appWithLetters(clock, 'sales', ['s1'])]);
    const { status } = await get(path).catch(() => ({ status: 431 }));
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect((await get('/dead-letters')).status).toBe(200);
  },
);

test.each(['127.0.0.1', '0.0.0.0'])('on %s none is shown or settled without the control token', async (host) => {
  const sales = await appWithLetters(clock, 'sales', ['s1']);
  const { ask } = await surfaceOf([sales], host);
  const stranger = { authorization: '' };
  expect((await ask('GET', '/dead-letters', stranger)).status).toBe(200);
  for (const answer of [
    await ask('GET', '/dead-letters/s1', stranger),
    await ask('POST', '/dead-letters/s1/drop', stranger),
    await ask('POST', '/dead-letters/s1/replay', stranger),
  ]) {
    expect(answer).toMatchObject({ status: 401, json: { hint: expect.stringContaining('send a bearer token') } });
    expect(answer.body).not.toContain('schema');
  }
  expect(sales.letters.count).toBe(1);
});

test.each<[Record<string, string>, number]>([
  [{ origin: 'https://attacker.example' }, 403],
  [{ 'sec-fetch-site': 'cross-site' }, 403],
  [{ 'sec-fetch-site': 'same-site' }, 403],
  [{ host: 'attacker.example' }, 421],
])('no web page sees or settles one: %o is answered with %i', async (headers, status) => {
  const sales = await appWithLetters(clock, 'sales', ['s1']);
  const { ask } = await surfaceOf([sales]);
  for (const [method, path] of [
    ['GET', '/dead-letters/s1'],
    ['POST', '/dead-letters/s1/replay'],
    ['POST', '/dead-letters/s1/drop'],
  ] as const) {
    expect((await ask(method, path, headers)).status).toBe(status);
  }
  expect(sales.letters.count).toBe(1);
});

test('a journal that takes no note is no reason to wait for ever', async () => {
  const sales = await appWithLetters(clock, 'sales', ['s1']);
  sales.store.commitDelayMs = 3_600_000;
  const { post } = await surfaceOf([sales]);
  const asked = post('/dead-letters/s1/drop');
  await eventually(() => clock.pendingTimers > 2, 'the deadline beside the commit and the answer');
  await clock.advanceBy(5_000);
  expect(await asked).toMatchObject({ status: 503, json: { reason: 'not_in_time', hint: expect.any(String) } });
});

test('a full disk is a 503 that says so', async () => {
  const sales = await appWithLetters(clock, 'sales', ['s1']);
  sales.store.failNext(1, 'disk_full');
  const { post } = await surfaceOf([sales]);
  expect(await post('/dead-letters/s1/drop')).toMatchObject({
    status: 503,
    json: { reason: 'journal_unusable', hint: expect.stringContaining('No space is left') },
  });
});
