import { expect, test } from 'vitest';
import {
  type Http,
  HttpError,
  type HttpRequest,
  type HttpResponse,
  NETWORK_ERRORS,
  SecretError,
} from '../../src/ports/index.js';
import { type FetchOutcome, fetchToken } from '../../src/token/index.js';

const SECRET = 's3cr3t-of-the-app';
const JWT = `eyJ${'a'.repeat(6_000)}.b-_c.d`;

type Answer = { status?: number; headers?: Record<string, string>; body: unknown };

async function ask(answer: Answer | Error, secret = async () => SECRET) {
  const requests: HttpRequest[] = [];
  const http: Http = async (request) => {
    requests.push(request);
    if (answer instanceof Error) throw answer;
    const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    const response: HttpResponse = { status: answer.status ?? 200, headers: answer.headers ?? {}, body };
    return response;
  };
  const endpoint = { http, baseUrl: 'https://open.feishu.cn/', appId: 'cli_a1b2c3d4e5f60718', secret };
  const outcome = await fetchToken(endpoint, new AbortController().signal);
  expect(JSON.stringify(outcome)).not.toContain(SECRET);
  return { outcome, requests };
}

const failureOf = (outcome: FetchOutcome): string => ('failure' in outcome ? outcome.failure : 'none');
const detailOf = (outcome: FetchOutcome): string => ('failure' in outcome ? outcome.detail : 'none');

test('the request is the one the platform documents, with a deadline and a bound', async () => {
  const { outcome, requests } = await ask({ body: { code: 0, msg: 'ok', tenant_access_token: 't-1', expire: 7_200 } });
  expect(outcome).toEqual({ token: 't-1', lifetimeMs: 7_200_000 });
  expect(requests).toHaveLength(1);
  expect(requests[0]).toMatchObject({
    method: 'POST',
    url: 'https://open.feishu.cn/open-apis/auth/v3/tenant_access_token/internal',
    route: '/open-apis/auth/v3/tenant_access_token/internal',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    timeoutMs: 10_000,
    maxBytes: 65_536,
  });
  expect(JSON.parse(requests[0]?.body ?? '')).toEqual({ app_id: 'cli_a1b2c3d4e5f60718', app_secret: SECRET });
});

test('a token as long as a JWT is fine', async () => {
  const { outcome } = await ask({ body: { code: 0, tenant_access_token: JWT, expire: 7_200 } });
  expect(outcome).toMatchObject({ token: JWT });
});

test.each<[string, Answer, string]>([
  ['code 10003', { body: { code: 10_003, msg: 'invalid param' } }, 'token_credentials_rejected'],
  ['code 10014', { body: { code: 10_014 } }, 'token_credentials_rejected'],
  ['code 10015 with HTTP 400', { status: 400, body: { code: 10_015 } }, 'token_credentials_rejected'],
  ['a code nobody documents', { status: 400, body: { code: 4_711 } }, 'token_code_unknown'],
  ['code 99991400 with HTTP 400', { status: 400, body: { code: 99_991_400 } }, 'token_rate_limited'],
  ['HTTP 429 without a body', { status: 429, body: '' }, 'token_rate_limited'],
  ['HTTP 500', { status: 500, body: { code: 10_014 } }, 'token_http_status'],
  ['HTTP 502 with HTML', { status: 502, body: '<html>' }, 'token_http_status'],
  ['HTTP 404 without a code', { status: 404, body: {} }, 'token_http_status'],
  ['HTML with HTTP 200', { headers: { 'content-type': 'text/html' }, body: '<html>' }, 'token_bad_answer'],
  ['an empty body', { body: '' }, 'token_bad_answer'],
  ['an array', { body: [] }, 'token_bad_answer'],
  ['no token', { body: { code: 0, expire: 7_200 } }, 'token_bad_answer'],
  ['an empty token', { body: { code: 0, tenant_access_token: '', expire: 7_200 } }, 'token_bad_answer'],
  ['a token that would forge a header', { body: { code: 0, tenant_access_token: 't\r\nx: y' } }, 'token_bad_answer'],
  ['a token of 17 KB', { body: { code: 0, tenant_access_token: 'a'.repeat(17_000) } }, 'token_bad_answer'],
])('%s is told apart', async (_name, answer, failure) => {
  expect(failureOf((await ask(answer)).outcome)).toBe(failure);
});

test.each(NETWORK_ERRORS)('the network error %s has its failure', async (kind) => {
  const expected = { timeout: 'token_timeout', too_large: 'token_bad_answer', protocol: 'token_bad_answer' };
  const { outcome } = await ask(new HttpError(kind, `it was ${kind}`));
  expect(failureOf(outcome)).toBe(kind in expected ? expected[kind as keyof typeof expected] : 'token_unreachable');
  expect(detailOf(outcome)).toBe(`${kind}: it was ${kind}`);
});

test.each([
  ['30', 30_000],
  ['0', 1_000],
  ['999999', 600_000],
  ['-1', null],
  ['soon', null],
  ['', null],
])('a rate limit that resets in "%s" seconds asks for %s ms of patience', async (reset, retryAfterMs) => {
  const headers = { 'x-ogw-ratelimit-reset': reset };
  const { outcome } = await ask({
    status: 400,
    headers,
    body: { code: 99_991_400, msg: 'request trigger frequency limit' },
  });
  expect(outcome).toMatchObject({ failure: 'token_rate_limited', retryAfterMs });
});

test('the detail says status, code, message and log id', async () => {
  const headers = { 'x-tt-logid': '20260101000000ABCDEF' };
  const { outcome } = await ask({ status: 400, headers, body: { code: 10_014, msg: 'app secret invalid' } });
  expect(detailOf(outcome)).toBe('HTTP 400, code 10014, app secret invalid, log id 20260101000000ABCDEF');
});

test('a platform that quotes the secret, or half a token, finds neither in the detail', async () => {
  const quoting = await ask({ status: 400, body: { code: 10_015, msg: `bad secret ${SECRET}\u001b[31m` } });
  expect(detailOf(quoting.outcome)).not.toContain('\u001b');
  const cut = await ask({ body: `{"code":0,"tenant_access_token":"t-${'x'.repeat(40)}"` });
  expect(detailOf(cut.outcome)).toBe('HTTP 200, 76 characters that are no JSON object (no content type)');
});

test("a secret that can not be read is the operator's business, and no request is made", async () => {
  const missing = await ask({ body: {} }, async () => {
    throw new SecretError('the secret file x is empty');
  });
  expect(missing.outcome).toEqual({
    failure: 'secret_unavailable',
    detail: 'the secret file x is empty',
    retryAfterMs: null,
  });
  expect(missing.requests).toHaveLength(0);
  const other = await ask({ body: {} }, async () => {
    throw new Error(`unexpected token in ${SECRET}`);
  });
  expect(detailOf(other.outcome)).toBe('the source of the app secret failed');
});

const ASSERTION = 'header.payload.signature';

async function exchange(answer: Answer, ground: { baseUrl: string; oauthBaseUrl?: string; relayUrl?: string }) {
  const requests: HttpRequest[] = [];
  const { relayUrl = null, ...endpoint } = ground;
  const outcome = await fetchToken(
    {
      ...endpoint,
      appId: 'cli_a1b2c3d4e5f60718',
      http: async (request) => {
        requests.push(request);
        return { status: answer.status ?? 200, headers: {}, body: JSON.stringify(answer.body) };
      },
      assertion: async (audience) => ({ value: `${ASSERTION} ${audience}`, relayUrl }),
    },
    new AbortController().signal,
  );
  expect(JSON.stringify(outcome)).not.toContain(ASSERTION);
  return { outcome, request: requests[0] };
}

test('an assertion is exchanged for a token where the platform keeps its accounts, as the official SDK does it', async () => {
  const granted = { body: { access_token: 't-2', token_type: 'Bearer', expires_in: 3_600 } };
  const { outcome, request } = await exchange(granted, { baseUrl: 'https://open.feishu.cn' });
  expect(outcome).toEqual({ token: 't-2', lifetimeMs: 3_600_000 });
  expect(request).toMatchObject({ url: 'https://accounts.feishu.cn/oauth/v3/token', route: '/oauth/v3/token' });
  expect(JSON.parse(request?.body ?? '')).toEqual({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: `${ASSERTION} accounts.feishu.cn`,
    client_id: 'cli_a1b2c3d4e5f60718',
  });
});

test.each([
  [{ baseUrl: 'https://open.larksuite.com' }, 'https://accounts.larksuite.com/oauth/v3/token'],
  [{ baseUrl: 'https://open.feishu.cn.example' }, 'https://open.feishu.cn.example/oauth/v3/token'],
  [{ baseUrl: 'http://127.0.0.1:7777', oauthBaseUrl: 'https://sso.example/' }, 'https://sso.example/oauth/v3/token'],
  [
    { baseUrl: 'https://open.feishu.cn', relayUrl: 'https://relay.example/eu' },
    'https://relay.example/eu/oauth/v3/token',
  ],
])('with %o the exchange is at %s', async (ground, url) => {
  expect((await exchange({ body: {} }, ground)).request?.url).toBe(url);
});

test.each<[string, Answer, string]>([
  ['invalid_client', { status: 401, body: { error: 'invalid_client' } }, 'token_credentials_rejected'],
  [
    'invalid_grant',
    { status: 400, body: { error: 'invalid_grant', error_description: `no ${ASSERTION} accounts.feishu.cn` } },
    'token_credentials_rejected',
  ],
  ['another refusal', { status: 400, body: { error: 'temporarily_unavailable' } }, 'token_http_status'],
  ['no token in it', { body: { expires_in: 3_600 } }, 'token_bad_answer'],
  ['a code beside the token', { body: { code: 20_001, access_token: 't-3' } }, 'token_code_unknown'],
])('an exchange that answers %s has its own failure, and tells no assertion', async (_what, answer, code) => {
  const { outcome } = await exchange(answer, { baseUrl: 'https://open.feishu.cn' });
  expect(failureOf(outcome)).toBe(code);
});
