import { Agent, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createNodeHttp, type HttpAdapter, systemClock } from '../../src/adapters/index.js';
import { seededRandom } from '../../src/ports/index.js';
import {
  createSdkClient,
  fetchToken,
  TOKEN_DEFAULTS,
  TOKEN_ROUTE,
  TokenError,
  TokenKeeper,
} from '../../src/token/index.js';

const APP_ID = 'cli_a1b2c3d4e5f60718';
const SECRET = 's3cr3t-of-the-app';

/** A platform of two routes: tokens t-1, t-2, … and everything else, which the test answers. */
interface Call {
  readonly path: string;
  readonly token: string | undefined;
  readonly body: string;
}
let tokenRequests: number;
let calls: Call[];
let answer: (call: Call, response: ServerResponse) => void;
let tokensFail: boolean;
let server: ReturnType<typeof createServer>;
let domain: string;
let keeper: TokenKeeper;
let adapter: HttpAdapter;
let lines: string[];

const ok = (response: ServerResponse): void => void json(response, 200, { code: 0, msg: 'ok', data: { is: 'fine' } });
const invalid = (response: ServerResponse, status = 400, code = 99_991_663): void =>
  json(response, status, { code, msg: 'Invalid access token' });

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  if (request.url === TOKEN_ROUTE) {
    tokenRequests += 1;
    if (tokensFail) json(response, 400, { code: 10_014, msg: 'app secret invalid' });
    else json(response, 200, { code: 0, msg: 'ok', tenant_access_token: `t-${tokenRequests}`, expire: 7_200 });
    return;
  }
  const call: Call = { path: request.url ?? '', token: request.headers.authorization, body };
  calls.push(call);
  answer(call, response);
}

beforeEach(async () => {
  tokenRequests = 0;
  calls = [];
  lines = [];
  tokensFail = false;
  answer = (_call, response) => ok(response);
  server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  domain = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  adapter = createNodeHttp();
  const endpoint = { http: adapter.http, baseUrl: domain, appId: APP_ID, secret: async () => SECRET };
  keeper = new TokenKeeper({
    clock: systemClock,
    random: seededRandom(1),
    // The least interval between requests has its own tests, in virtual time; here it would be waited for.
    policy: { ...TOKEN_DEFAULTS, fetchIntervalMs: 1 },
    report: () => {},
    fetch: (signal) => fetchToken(endpoint, signal),
  });
});
afterEach(async () => {
  keeper.stop();
  await adapter.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function client() {
  const logger = { debug: (fields: object, message: string): unknown => lines.push(inspect(fields) + message) };
  return createSdkClient({ appId: APP_ID, appSecret: SECRET, domain, keeper, logger });
}

const MESSAGE = {
  params: { receive_id_type: 'chat_id' },
  data: { receive_id: 'oc_1', msg_type: 'text', content: '{}' },
};
const send = (sdk: ReturnType<typeof client>) =>
  sdk.im.message.create(MESSAGE as Parameters<typeof sdk.im.message.create>[0]);
const isStale = ({ token }: Call): boolean => token === 'Bearer t-1';

/** What a promise rejects with; null if it does not. */
const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (reason: unknown) => reason,
  );

test('the SDK is not loaded before a client is asked for', () => {
  const isLoaded = (): boolean =>
    Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('@larksuiteoapi/node-sdk'));
  expect(isLoaded()).toBe(false);
  client();
  expect(isLoaded()).toBe(true);
});

test('five cold calls cause one token request, and all carry its token', async () => {
  keeper.start();
  const sdk = client();
  await Promise.all(Array.from({ length: 5 }, () => send(sdk)));
  expect(tokenRequests).toBe(1);
  expect(calls.map(({ token }) => token)).toEqual(Array(5).fill('Bearer t-1'));
});

test.each([99_991_661, 99_991_663, 99_991_664, 99_991_668, 99_991_671])(
  'a call that is told %i with HTTP 400 is repeated once with a new token',
  async (code) => {
    answer = (call, response) => (isStale(call) ? invalid(response, 400, code) : ok(response));
    keeper.start();
    expect(await send(client())).toMatchObject({ code: 0, data: { is: 'fine' } });
    expect(calls.map(({ token }) => token)).toEqual(['Bearer t-1', 'Bearer t-2']);
    expect(calls[1]?.body).toBe(calls[0]?.body);
    expect(tokenRequests).toBe(2);
  },
);

test('the same with HTTP 200', async () => {
  answer = (call, response) => (isStale(call) ? invalid(response, 200) : ok(response));
  keeper.start();
  expect(await send(client())).toMatchObject({ code: 0 });
  expect(calls).toHaveLength(2);
});

test('an API that always calls the token invalid sees exactly one repetition, and the caller its answer', async () => {
  answer = (_call, response) => invalid(response);
  keeper.start();
  const error = await errorOf(send(client()));
  expect(error).toMatchObject({ response: { status: 400, data: { code: 99_991_663 } } });
  expect(calls).toHaveLength(2);
  expect(tokenRequests).toBe(2);
});

test('five calls at once with a stale token cause one new token and five repetitions', async () => {
  answer = (call, response) => (isStale(call) ? invalid(response) : ok(response));
  keeper.start();
  const sdk = client();
  await Promise.all(Array.from({ length: 5 }, () => send(sdk)));
  expect(tokenRequests).toBe(2);
  expect(calls.filter(isStale)).toHaveLength(5);
  expect(calls).toHaveLength(10);
});

test("a call with somebody else's token is left alone", async () => {
  answer = (_call, response) => invalid(response, 400, 99_991_668);
  keeper.start();
  const sdk = client();
  const { withUserAccessToken } = createRequire(import.meta.url)('@larksuiteoapi/node-sdk');
  const error = await errorOf(
    sdk.request({ method: 'GET', url: '/open-apis/contact/v3/users/me' }, withUserAccessToken('u-alice')),
  );
  expect(error).toMatchObject({ response: { data: { code: 99_991_668 } } });
  expect(calls.map(({ token }) => token)).toEqual(['Bearer u-alice']);
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('u-alice');
});

test('another refusal is not repeated', async () => {
  answer = (_call, response) => json(response, 400, { code: 99_991_672, msg: 'scope missing' });
  keeper.start();
  expect(await errorOf(send(client()))).toMatchObject({ response: { data: { code: 99_991_672 } } });
  expect(calls).toHaveLength(1);
});

test('an upload from a stream is not repeated, but the next call has a new token', async () => {
  answer = (call, response) => (isStale(call) ? invalid(response) : ok(response));
  keeper.start();
  const sdk = client();
  const image = Readable.from([Buffer.from('pixels')]);
  const upload = sdk.im.image.create({ data: { image_type: 'message', image: image as never } });
  expect(await errorOf(upload)).toMatchObject({ response: { data: { code: 99_991_663 } } });
  expect(calls).toHaveLength(1);
  expect(calls[0]?.body).toContain('pixels');
  await send(sdk);
  expect(calls[1]?.token).toBe('Bearer t-2');
});

test('an upload from memory is repeated whole', async () => {
  answer = (call, response) => (isStale(call) ? invalid(response) : ok(response));
  keeper.start();
  await client().im.image.create({ data: { image_type: 'message', image: Buffer.from('pixels') } });
  expect(calls).toHaveLength(2);
  expect(calls[1]?.body).toContain('pixels');
});

test('a download that is refused as a stream is understood, and repeated', async () => {
  answer = (call, response) => (isStale(call) ? invalid(response) : response.end('bytes'));
  keeper.start();
  const path = { message_id: 'om_1', file_key: 'f_1' };
  const file = await client().im.messageResource.get({ params: { type: 'file' }, path });
  let content = '';
  for await (const chunk of file.getReadableStream()) content += String(chunk);
  expect(content).toBe('bytes');
  expect(calls).toHaveLength(2);
});

test('without a token the call fails with the reason, and the SDK asks for none by itself', async () => {
  tokensFail = true;
  keeper.start();
  const error = await errorOf(send(client()));
  expect(error).toBeInstanceOf(TokenError);
  expect(error).toMatchObject({
    code: 'token_unavailable',
    verdict: 'operator',
    cause: { code: 'token_credentials_rejected', detail: expect.stringContaining('10014') },
  });
  expect(calls).toHaveLength(0);
  expect(tokenRequests).toBe(1);
});

test('when no new token comes, the caller gets what the API answered', async () => {
  answer = (_call, response) => {
    tokensFail = true;
    invalid(response);
  };
  keeper.start();
  expect(await errorOf(send(client()))).toMatchObject({ response: { data: { code: 99_991_663 } } });
  expect(calls).toHaveLength(1);
});

test('neither error nor log line holds the secret or the token, however deep one looks', async () => {
  answer = (_call, response) => json(response, 500, { code: 1, msg: 'internal' });
  keeper.start();
  const sdk = client();
  const refused = await errorOf(send(sdk));
  const requested = await errorOf(sdk.request({ method: 'GET', url: '/open-apis/x' }));
  answer = (_call, response) => response.destroy();
  const broken = await errorOf(send(sdk));
  // The SDK's user token calls send the secret themselves.
  const body = { app_id: APP_ID, app_secret: SECRET };
  const credentials = await errorOf(sdk.httpInstance.post(`${domain}/open-apis/auth/v3/app_access_token`, body));
  for (const error of [refused, requested, broken, credentials]) {
    expect(error).toBeInstanceOf(Error);
    const shown = inspect(error, { depth: 20, showHidden: true, maxStringLength: null });
    expect(shown).not.toContain(SECRET);
    expect(shown).not.toContain('t-1');
  }
  expect(lines.join('\n')).toContain('/open-apis/im/v1/messages Request failed with status code 500');
  expect(lines.join('\n')).not.toMatch(/t-1|s3cr3t|oc_1/);
});

test('F43: the client itself, as somebody may log it, shows no secret', async () => {
  const sdk = client();
  for (const holder of [sdk, sdk.tokenManager, { client: sdk }, { ...sdk }])
    expect(inspect(holder, { depth: 20, maxStringLength: null })).not.toContain(SECRET);
  expect(sdk.appSecret).toBe(SECRET);
});

test('a call that is not answered ends at its deadline, and one with its own limit at that', async () => {
  answer = () => {};
  keeper.start();
  await keeper.current();
  const sdk = createSdkClient({ appId: APP_ID, domain, keeper, timeoutMs: 50 });
  expect(await errorOf(send(sdk))).toMatchObject({ code: 'ECONNABORTED', message: 'timeout of 50ms exceeded' });
  const own = { method: 'GET', url: `${domain}/slow`, timeout: 20 };
  expect(await errorOf(sdk.httpInstance.request(own))).toMatchObject({ message: 'timeout of 20ms exceeded' });
});

test("the given agents carry every call, and don't hang on its errors", async () => {
  answer = (_call, response) => invalid(response, 400, 1);
  keeper.start();
  const agent = new Agent({ keepAlive: true });
  const freed: unknown[] = [];
  agent.on('free', (socket) => freed.push(socket));
  const error = await errorOf(send(createSdkClient({ appId: APP_ID, domain, keeper, agents: { http: agent } })));
  expect(freed).toHaveLength(1);
  expect(error).toHaveProperty('config');
  expect(error).not.toHaveProperty('config.httpAgent');
  agent.destroy();
});

test('a call whose answer trickles for ever ends too', async () => {
  const trickles: NodeJS.Timeout[] = [];
  answer = (_call, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{');
    trickles.push(setInterval(() => response.write(' '), 5));
  };
  keeper.start();
  await keeper.current();
  const sdk = createSdkClient({ appId: APP_ID, domain, keeper, timeoutMs: 10_000, callLimitMs: 50 });
  expect(await errorOf(send(sdk))).toMatchObject({ message: 'not finished within 50 ms' });
  for (const trickle of trickles) clearInterval(trickle);
});
