import { expect, test } from 'vitest';
import { apiCodeOf, apiFailureOf, apiLimitOf, type HttpCall, observeHttp } from '../../src/observe/index.js';
import { type Http, HttpError, type HttpRequest } from '../../src/ports/index.js';
import { HandClock } from '../support/hand-clock.js';

const REQUEST: HttpRequest = {
  method: 'POST',
  url: 'https://open.feishu.cn:8443/callback/ws/endpoint?secret=1',
  route: '/callback/ws/endpoint',
  body: '{"AppSecret":"x"}',
  timeoutMs: 1_000,
  maxBytes: 1_000,
};

async function observed(
  http: (clock: HandClock) => Http,
  request = REQUEST,
): Promise<{ calls: HttpCall[]; settled: unknown }> {
  const clock = new HandClock();
  const calls: HttpCall[] = [];
  const observe = observeHttp(http(clock), (call) => calls.push(call), clock);
  const settled = await observe(request).catch((error: unknown) => error);
  return { calls, settled };
}

test('an answer passes through untouched, and is told without query, headers or body', async () => {
  const response = { status: 200, headers: { 'x-tt-logid': '1' }, body: '{"code":514,"msg":"no"}' };
  const { calls, settled } = await observed((clock) => async () => {
    await clock.advanceBy(40);
    return response;
  });
  expect(settled).toBe(response);
  expect(calls).toEqual([
    {
      route: '/callback/ws/endpoint',
      method: 'POST',
      status: 200,
      error: null,
      apiCode: 514,
      startedAt: { now: 0, wallNow: new HandClock().wallNow() },
      durationMs: 40,
      address: 'open.feishu.cn',
    },
  ]);
});

test('an error passes through untouched, and its kind is told', async () => {
  const error = new HttpError('dns', 'no such host');
  const { calls, settled } = await observed(() => () => Promise.reject(error), { ...REQUEST, attempt: 7 });
  expect(settled).toBe(error);
  expect(calls).toMatchObject([{ status: null, error: 'dns', apiCode: null, attempt: 7 }]);
});

test('an error of an unknown kind, and a URL that is none, are told as such', async () => {
  const { calls } = await observed(() => () => Promise.reject(new Error('bug')), { ...REQUEST, url: 'nonsense' });
  expect(calls).toMatchObject([{ error: 'unknown', address: '' }]);
});

test('an observer that throws changes nothing for the caller', async () => {
  const response = { status: 200, headers: {}, body: '' };
  const explode = (): never => {
    throw new Error('bang');
  };
  const http = observeHttp(async () => response, explode, new HandClock());
  expect(await http(REQUEST)).toBe(response);
  const refused = new HttpError('refused', 'nobody listens');
  const failing = observeHttp(() => Promise.reject(refused), explode, new HandClock());
  await expect(failing(REQUEST)).rejects.toBe(refused);
});

test.each<[string, number | null]>([
  ['{"code":0,"msg":"ok"}', 0],
  [' {\n "code" : 99991663 }', 99_991_663],
  ['{"code":-1,"msg":""}', -1],
  ['{"msg":"first","code":10014}', 10_014],
  ['{"data":{"code":7},"msg":"only inside"}', null],
  ['{"msg":"{\\"code\\":5","code":6}', 6],
  ['{"code":1.5}', null],
  ['{"code":"0"}', null],
  ['{"code":null}', null],
  ['{"code":12', null],
  ['[{"code":1}]', null],
  ['<html>code</html>', null],
  ['', null],
])('the code of %s is %s', (body, code) => {
  expect(apiCodeOf(body)).toBe(code);
});

test('a long answer is parsed only if its code comes first', () => {
  const padding = 'x'.repeat(70_000);
  expect(apiCodeOf(`{"code":3,"data":"${padding}"}`)).toBe(3);
  expect(apiCodeOf(`{"data":"${padding}","code":3}`)).toBe(null);
});

test('the platform speaks before the HTTP status around it, and nothing speaks after a network error', () => {
  const call = (changes: Partial<HttpCall>): HttpCall => ({
    route: '/r',
    method: 'GET',
    status: 200,
    error: null,
    apiCode: 0,
    startedAt: { now: 0, wallNow: 0 },
    durationMs: 0,
    address: '',
    ...changes,
  });
  expect(apiFailureOf(call({}))).toBe(null);
  expect(apiFailureOf(call({ apiCode: null }))).toBe(null);
  expect(apiFailureOf(call({ status: 400, apiCode: 99_991_663 }))).toBe('api_code');
  expect(apiFailureOf(call({ status: 400, apiCode: null }))).toBe('http_status');
  expect(apiFailureOf(call({ status: null, apiCode: null, error: 'reset' }))).toBe('reset');
  expect(apiLimitOf(call({ apiCode: 99_991_400 }))).toBe('rate');
  expect(apiLimitOf(call({ status: 429, apiCode: null }))).toBe('rate');
  expect(apiLimitOf(call({ status: 429, apiCode: 99_991_403 }))).toBe('quota');
  expect(apiLimitOf(call({ status: 400, apiCode: 99_991_663 }))).toBe(null);
});
