import { expect, test } from 'vitest';
import { Api } from '../../src/catchup/api.js';
import { type CatchupReport, NOTES_TABLE, resolveLookoutPolicy } from '../../src/catchup/index.js';
import { Notes } from '../../src/catchup/notes.js';
import { HttpError, type HttpRequest, type HttpResponse } from '../../src/ports/index.js';
import { HandClock } from '../support/hand-clock.js';
import { MemoryStore } from '../support/memory-store.js';

const ROUTE = '/open-apis/im/v1/messages';

const json = (status: number, body: unknown, headers: Record<string, string> = {}): HttpResponse => ({
  status,
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

function api(answer: (request: HttpRequest, count: number) => HttpResponse | Error) {
  const clock = new HandClock();
  const requests: HttpRequest[] = [];
  const invalidated: [string, number][] = [];
  const reports: CatchupReport[] = [];
  let token = 'token-1';
  const made = new Api({
    clock,
    http: async (request) => {
      requests.push(request);
      const given = answer(request, requests.length);
      if (given instanceof Error) throw given;
      return given;
    },
    token: {
      current: async () => token,
      invalidate: (old, code) => {
        invalidated.push([old, code]);
        token = 'token-2';
      },
    },
    baseUrl: 'https://platform.invalid/',
    policy: resolveLookoutPolicy(),
    report: (report) => reports.push(report),
    budgetChanged: () => {},
  });
  const call = async () => {
    const answered = made.call({
      route: ROUTE,
      query: { a: 'b c' },
      purpose: 'catchup',
      signal: new AbortController().signal,
    });
    await clock.advanceBy(1_000);
    return answered;
  };
  return { api: made, call, clock, requests, invalidated, reports };
}

test('a call carries the token, the query and a deadline', async () => {
  const { call, requests } = api(() => json(200, { code: 0, data: { x: 1 } }));
  expect(await call()).toEqual({ ok: true, data: { x: 1 } });
  expect(requests).toMatchObject([
    {
      method: 'GET',
      url: `https://platform.invalid${ROUTE}?a=b+c`,
      route: ROUTE,
      headers: { authorization: 'Bearer token-1' },
      timeoutMs: 15_000,
    },
  ]);
});

test.each([
  [
    json(400, { code: 99991672, msg: 'one of [im:message, im:chat:readonly] https://open.feishu.cn/app?q=im:x' }),
    'scope_missing',
    99991672,
  ],
  [json(400, { code: 230027, msg: 'no permission' }), 'scope_missing', 230027],
  [json(400, { code: 230002, msg: 'not in chat' }), 'not_a_member', 230002],
  [json(429, { code: 99991400 }), 'rate_limited', 99991400],
  [json(400, { code: 99991400 }), 'rate_limited', 99991400],
  [json(429, '<html>'), 'rate_limited', 99991400],
  [json(403, { code: 99991403 }), 'quota_exhausted', 99991403],
  [json(400, { code: 230001, msg: 'invalid' }), 'api_code', 230001],
  [json(503, '<html>'), 'http_status', null],
  [json(200, 'hello'), 'bad_answer', null],
  [new HttpError('timeout', 'too late'), 'unreachable', null],
  [new HttpError('too_large', 'too much'), 'bad_answer', null],
  [new HttpError('aborted', 'stopped'), 'aborted', null],
  [new Error('a bug in the port'), 'unreachable', null],
] as const)('what went wrong is an answer: %j is %s', async (given, failure, code) => {
  const { call } = api(() => given as HttpResponse | Error);
  expect(await call()).toMatchObject({ ok: false, failure: { failure, code } });
});

test('the scopes are read from the message, addresses are left out', async () => {
  const { call } = api(() =>
    json(400, {
      code: 99991672,
      msg: 'one of [im:message, im:chat:readonly]. https://open.feishu.cn/app/cli_1/auth?q=x',
    }),
  );
  const answer = await call();
  if (answer.ok) throw new Error('it should have been refused');
  expect(answer.failure.scopes).toEqual(['im:message', 'im:chat:readonly']);
  expect(answer.failure.detail).not.toContain('cli_1');
});

test('a token that the platform calls invalid is replaced, and the call repeated exactly once', async () => {
  const once = api((_, count) => (count === 1 ? json(400, { code: 99991663 }) : json(200, { code: 0 })));
  expect(await once.call()).toMatchObject({ ok: true });
  expect(once.invalidated).toEqual([['token-1', 99991663]]);
  expect(once.requests.map(({ headers }) => headers?.authorization)).toEqual(['Bearer token-1', 'Bearer token-2']);
  const always = api(() => json(400, { code: 99991663 }));
  expect(await always.call()).toMatchObject({ ok: false, failure: { failure: 'token_unavailable' } });
  expect(always.requests).toHaveLength(2);
});

test('a rate limit is honoured without asking again', async () => {
  const { call, clock, requests } = api((_, count) =>
    count === 1 ? json(429, { code: 99991400 }, { 'x-ogw-ratelimit-reset': '20' }) : json(200, { code: 0 }),
  );
  expect(await call()).toMatchObject({ ok: false, retryAfterMs: 20_000 });
  expect(await call()).toMatchObject({ ok: false, failure: { failure: 'rate_limited' } });
  expect(requests).toHaveLength(1);
  await clock.advanceBy(20_000);
  expect(await call()).toMatchObject({ ok: true });
});

test('calls start at least 200 ms apart', async () => {
  const starts: number[] = [];
  const { api: made, clock } = api(() => json(200, { code: 0 }));
  const { signal } = new AbortController();
  for (let call = 0; call < 3; call++) {
    void made.call({ route: ROUTE, query: {}, purpose: 'view', signal }).then(() => starts.push(clock.now()));
  }
  await clock.advanceBy(1_000);
  expect(starts).toEqual([0, 200, 400]);
});

test('notes are written late and together; a failure keeps them for the next time; younger values stand', async () => {
  const clock = new HandClock();
  const store = new MemoryStore({ clock });
  const reports: CatchupReport[] = [];
  const notes = new Notes({ clock, intervalMs: 1_000, report: (report) => reports.push(report) });
  notes.open(store);
  notes.set('a:1', 1);
  notes.set('a:2', 2);
  expect([...notes.read('a:')]).toEqual([
    ['1', 1],
    ['2', 2],
  ]);
  expect(store.count(NOTES_TABLE)).toBe(0);
  await clock.advanceBy(1_000);
  expect([store.resolvedCount, store.count(NOTES_TABLE)]).toEqual([1, 2]);
  store.failNext(1);
  notes.set('a:1', null);
  await clock.advanceBy(1_000);
  expect([reports.length, [...notes.read('a:').keys()]]).toEqual([1, ['2']]);
  notes.set('a:2', 3);
  await notes.flush();
  expect(store.count(NOTES_TABLE)).toBe(1);
  expect([...readAgain(clock, store)]).toEqual([['2', 3]]);
  expect(clock.pending).toBe(0);
});

test('what in the store is no note of ours is left out', async () => {
  const clock = new HandClock();
  const store = new MemoryStore({ clock });
  await store.commit([{ table: NOTES_TABLE, key: 'a:1', value: new Uint8Array([123]) }]);
  expect([...readAgain(clock, store)]).toEqual([]);
});

/** What another process finds under `a:`. */
function readAgain(clock: HandClock, store: MemoryStore) {
  const notes = new Notes({ clock, intervalMs: 1, report: () => {} });
  notes.open(store);
  return notes.read('a:');
}
