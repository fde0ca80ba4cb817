import { expect, test } from 'vitest';
import { createDiscovery } from '../../src/connection/index.js';
import { type Http, HttpError, type HttpRequest } from '../../src/ports/index.js';
import { DEFAULT_PACING } from '../../src/wire/index.js';

const NO_CREDENTIALS = '{"code":1000040344,"msg":"no credential","data":{}}';
const LIMITS = { timeoutMs: 5_000, signal: new AbortController().signal, gateway: null };

function setUp(
  answer: (request: HttpRequest) => { status?: number; body: string } | HttpError,
  secret = async () => 'hush',
) {
  const requests: HttpRequest[] = [];
  const http: Http = async (request) => {
    requests.push(request);
    const answered = answer(request);
    if (answered instanceof HttpError) throw answered;
    return { status: answered.status ?? 200, headers: {}, body: answered.body };
  };
  return { requests, ...createDiscovery({ http, baseUrl: 'https://open.example', appId: 'cli_1', secret }) };
}

const ask = { attempt: 3, pacing: DEFAULT_PACING, ...LIMITS };

test('it asks as the official SDK does, with the credentials in the body', async () => {
  const { discover, requests } = setUp(() => ({ body: NO_CREDENTIALS }));
  await discover(ask);
  expect(requests[0]).toMatchObject({
    method: 'POST',
    url: 'https://open.example/callback/ws/endpoint',
    headers: { locale: 'zh', 'content-type': 'application/json' },
    body: '{"AppID":"cli_1","AppSecret":"hush"}',
    attempt: 3,
  });
});

test('a code is read whatever the HTTP status says; a status without one is a failure of its own', async () => {
  const refused = setUp(() => ({ status: 400, body: '{"code":1000040345,"msg":"app secret is invalid"}' }));
  expect(await refused.discover(ask)).toMatchObject({ failure: { code: 'credentials_rejected' } });
  const broken = setUp(() => ({ status: 502, body: '<html>Bad Gateway</html>' }));
  expect(await broken.discover(ask)).toEqual({ failure: { code: 'discovery_http_status', detail: 'HTTP 502' } });
  const portal = setUp(() => ({ body: '<html>please log in</html>' }));
  expect(await portal.discover(ask)).toMatchObject({ failure: { code: 'discovery_bad_answer' } });
});

test('every way the network fails has a name, and a bug of ours is none of them', async () => {
  const expected = {
    dns: 'dns_failed',
    timeout: 'discovery_timeout',
    tls: 'tls_untrusted',
    proxy: 'proxy_failed',
    reset: 'discovery_unreachable',
  };
  for (const [kind, code] of Object.entries(expected)) {
    const { discover } = setUp(() => new HttpError(kind as 'dns', 'as told'));
    expect(await discover(ask)).toEqual({ failure: { code, detail: 'as told' } });
  }
  const buggy = setUp(() => {
    throw new TypeError('a bug');
  });
  await expect(buggy.discover(ask)).rejects.toThrow('a bug');
});

test('a secret that cannot be read is an operator failure, and the platform is not asked', async () => {
  const { discover, requests } = setUp(
    () => ({ body: '' }),
    async () => {
      throw new Error('the secret file /run/secret is empty');
    },
  );
  expect(await discover(ask)).toEqual({
    failure: { code: 'secret_unavailable', detail: 'the secret file /run/secret is empty' },
  });
  expect(requests).toEqual([]);
});

test('a look at the platform carries no credentials, and only the platform itself answers it', async () => {
  const there = setUp(() => ({ body: NO_CREDENTIALS }));
  expect(await there.lookAt('platform', LIMITS)).toBe(true);
  expect(there.requests[0]?.body).toBe('{}');
  const portal = setUp(() => ({ body: '<html>please log in</html>' }));
  expect(await portal.lookAt('platform', LIMITS)).toBe(false);
  const broken = setUp(() => ({ status: 502, body: '' }));
  expect(await broken.lookAt('platform', LIMITS)).toBe(false);
});

test('a look at the secret tells whether it is another one than the latest that was sent', async () => {
  const vault = { secret: 'first' };
  const { discover, lookAt } = setUp(
    () => ({ body: NO_CREDENTIALS }),
    async () => vault.secret,
  );
  await discover(ask);
  expect(await lookAt('secret', LIMITS)).toBe(false);
  vault.secret = 'second';
  expect(await lookAt('secret', LIMITS)).toBe(true);
});

test('an assertion takes the place of the secret, in the body that the official SDK sends', async () => {
  const requests: HttpRequest[] = [];
  const http: Http = async (request) => {
    requests.push(request);
    return { status: 200, headers: {}, body: NO_CREDENTIALS };
  };
  const relays = ['https://relay.example/eu', null];
  const { discover, lookAt } = createDiscovery({
    http,
    baseUrl: 'https://open.example',
    appId: 'cli_1',
    assertion: async (audience) => ({ value: `for ${audience}`, relayUrl: relays.pop() ?? null }),
  });
  await discover(ask);
  await discover(ask);
  const body = '{"AppID":"cli_1","AppSecret":"","ClientAssertion":"for open.example"}';
  expect(requests).toMatchObject([
    { url: 'https://open.example/callback/ws/endpoint', body, attempt: 3 },
    { url: 'https://relay.example/eu/callback/ws/endpoint', headers: { 'x-target-service': 'open.example' }, body },
  ]);
  expect(requests[0]?.headers).not.toHaveProperty('x-target-service');
  expect(await lookAt('secret', LIMITS)).toBe(false);
});

test('while a slow source is asked, a look compares with the secret that was sent last', async () => {
  const answers: ((secret: string) => void)[] = [];
  const { discover, lookAt } = setUp(
    () => ({ body: NO_CREDENTIALS }),
    () => new Promise((resolve) => answers.push(resolve)),
  );
  const first = discover(ask);
  answers.shift()?.('hush');
  await first;
  const second = discover(ask);
  const look = lookAt('secret', LIMITS);
  for (const answer of answers) answer('hush');
  expect(await look).toBe(false);
  await second;
});
