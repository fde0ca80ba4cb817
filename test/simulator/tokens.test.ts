import { expect, test } from 'vitest';
import { DEFAULT_APP } from '../../src/simulator/index.js';
import { after, get, post, stage } from './stage.js';

const PATH = '/open-apis/auth/v3/tenant_access_token/internal';
const CREDENTIALS = { app_id: DEFAULT_APP.appId, app_secret: DEFAULT_APP.appSecret };
const MINUTE_MS = 60_000;

function tokenStage(options: Parameters<typeof stage>[0] = {}) {
  const set = stage(options);
  const ask = async (body: unknown = CREDENTIALS) => {
    const answer = await after(set.clock, 10, post(set.face.http, PATH, body));
    return { status: answer.status, ...JSON.parse(answer.body) };
  };
  const call = async (token?: string) => {
    const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    const answer = await after(set.clock, 10, get(set.face.http, '/open-apis/bot/v3/info', headers));
    return { status: answer.status, code: JSON.parse(answer.body).code };
  };
  return { ...set, ask, call };
}

test('a token lives two hours', async () => {
  const { ask } = tokenStage();
  expect(await ask()).toMatchObject({
    status: 200,
    code: 0,
    msg: 'ok',
    expire: 7200,
    tenant_access_token: expect.stringMatching(/^t-[0-9a-f]{40}$/),
  });
});

test('while thirty minutes or more are left the same token comes back with what is left of it', async () => {
  const { ask, clock } = tokenStage();
  const first = await ask();
  await clock.advanceTo(90 * MINUTE_MS);
  const second = await ask();
  expect(second.tenant_access_token).toBe(first.tenant_access_token);
  expect(second.expire).toBe(30 * 60);
});

test('below thirty minutes a new token comes, and both are valid', async () => {
  const { ask, call, clock } = tokenStage();
  const first = await ask();
  await clock.advanceTo(91 * MINUTE_MS);
  const second = await ask();
  expect(second.tenant_access_token).not.toBe(first.tenant_access_token);
  expect(second.expire).toBe(7200);
  expect(await call(first.tenant_access_token)).toEqual({ status: 200, code: 0 });
  expect(await call(second.tenant_access_token)).toEqual({ status: 200, code: 0 });
});

test('an expired token is refused with 99991663', async () => {
  const { ask, call, clock } = tokenStage();
  const { tenant_access_token } = await ask();
  await clock.advanceTo(121 * MINUTE_MS);
  expect(await call(tenant_access_token)).toEqual({ status: 400, code: 99991663 });
});

test('a call without token, with a foreign one, or with a malformed one gets its own code', async () => {
  const { call } = tokenStage();
  expect(await call()).toEqual({ status: 400, code: 99991661 });
  expect(await call('t-0000000000000000000000000000000000000000')).toEqual({ status: 400, code: 99991663 });
  expect(await call('u-0000')).toEqual({ status: 400, code: 99991671 });
});

test('wrong credentials get no token but a code', async () => {
  const { ask } = tokenStage();
  expect(await ask({})).toMatchObject({ status: 400, code: 10003 });
  expect(await ask('not json')).toMatchObject({ status: 400, code: 10003 });
  expect(await ask({ app_id: 'cli_0000000000000000', app_secret: 'x' })).toMatchObject({ status: 200, code: 10014 });
  const wrong = await ask({ ...CREDENTIALS, app_secret: 'x' });
  expect(wrong).toMatchObject({ status: 200, code: 10015 });
  expect(wrong).not.toHaveProperty('tenant_access_token');
});

test('after a rotation only the new secret counts, while old tokens live on', async () => {
  const { ask, call, platform } = tokenStage();
  const { tenant_access_token } = await ask();
  platform.rotateSecret(DEFAULT_APP.appId, 'new secret');
  expect(await ask()).toMatchObject({ code: 10015 });
  expect(await ask({ ...CREDENTIALS, app_secret: 'new secret' })).toMatchObject({ code: 0, tenant_access_token });
  expect(await call(tenant_access_token)).toEqual({ status: 200, code: 0 });
});

test('each app has tokens of its own', async () => {
  const other = { appId: 'cli_00000000000000ff', appSecret: 'other' };
  const { ask } = tokenStage({ apps: [DEFAULT_APP, other] });
  const mine = await ask();
  const theirs = await ask({ app_id: other.appId, app_secret: other.appSecret });
  expect(mine.tenant_access_token).not.toBe(theirs.tenant_access_token);
});

test('fault token_code: a code instead of a token, with the HTTP status it names', async () => {
  const { ask, platform } = tokenStage();
  platform.inject({ fault: 'token_code', code: 99991400, status: 429, times: 1 });
  expect(await ask()).toMatchObject({ status: 429, code: 99991400 });
  expect(await ask()).toMatchObject({ status: 200, code: 0 });
});

test('fault token_status: an HTTP error with HTML', async () => {
  const { clock, face, platform } = tokenStage();
  platform.inject({ fault: 'token_status', status: 502 });
  const answer = await after(clock, 10, post(face.http, PATH, CREDENTIALS));
  expect(answer.status).toBe(502);
  expect(answer.headers['content-type']).toBe('text/html');
});

test('fault token_delay: the answer comes, later', async () => {
  const { clock, face, platform } = tokenStage();
  platform.inject({ fault: 'token_delay', delayMs: 8000 });
  await expect(after(clock, 8009, post(face.http, PATH, CREDENTIALS))).rejects.toThrow('nothing came of it');
  expect((await after(clock, 8010, post(face.http, PATH, CREDENTIALS))).status).toBe(200);
});

test('fault token_hang: the deadline of the request is all that ends it', async () => {
  const { clock, face, platform } = tokenStage();
  platform.inject({ fault: 'token_hang', forMs: 60_000 });
  await expect(after(clock, 15_000, post(face.http, PATH, CREDENTIALS))).rejects.toMatchObject({ kind: 'timeout' });
  await clock.advanceTo(60_000);
  expect((await after(clock, 10, post(face.http, PATH, CREDENTIALS))).status).toBe(200);
});

test.each([
  ['html', /^<html>/],
  ['empty', /^$/],
  ['truncated', /^\{"code":0,"msg":"ok","tenant_access_tok$/],
  ['no_token', /^\{"code":0,"msg":"ok","expire":7200\}$/],
  ['no_expire', /^\{"code":0,"msg":"ok","tenant_access_token":"[^"]+"\}$/],
  ['object', /^\{\}$/],
] as const)('fault token_body %s: HTTP 200 without a usable token', async (body, expected) => {
  const { clock, face, platform } = tokenStage();
  platform.inject({ fault: 'token_body', body });
  const answer = await after(clock, 10, post(face.http, PATH, CREDENTIALS));
  expect(answer.status).toBe(200);
  expect(answer.body).toMatch(expected);
});

test('fault token_body huge: more than a reader should take', async () => {
  const { clock, face, platform } = tokenStage();
  platform.inject({ fault: 'token_body', body: 'huge' });
  await expect(after(clock, 10, post(face.http, PATH, CREDENTIALS))).rejects.toMatchObject({ kind: 'too_large' });
});

test('fault token_expire: every call issues a new token that soon ends', async () => {
  const { ask, call, clock, platform } = tokenStage();
  platform.inject({ fault: 'token_expire', lifetimeMs: 3000 });
  const first = await ask();
  const second = await ask();
  expect([first.expire, second.expire]).toEqual([3, 3]);
  expect(second.tenant_access_token).not.toBe(first.tenant_access_token);
  await clock.advanceBy(3000);
  expect(await call(second.tenant_access_token)).toMatchObject({ code: 99991663 });
});

test('fault revoke_tokens: what was issued is void, the next call issues a new one', async () => {
  const { ask, call, platform } = tokenStage();
  const { tenant_access_token } = await ask();
  platform.inject({ fault: 'revoke_tokens' });
  expect(await call(tenant_access_token)).toMatchObject({ code: 99991663 });
  const fresh = await ask();
  expect(fresh.tenant_access_token).not.toBe(tenant_access_token);
  expect(fresh.expire).toBe(7200);
});
