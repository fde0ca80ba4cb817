import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { ConnectorError, type ConnectorOptions, createConnector } from '../src/index.js';
import { DEFAULT_APP, type Fault } from '../src/simulator/index.js';
import { encodeFrame, type Frame, METHOD } from '../src/wire/index.js';
import { type Loopback, serveHttp, serveTcp } from './support/loopback.js';
import { type RealConnector, realConnector } from './support/real-world.js';
import { virtualWorld } from './support/world.js';

/*
 * Every kind of input that cannot be used, and the one thing that becomes of it: a precise error before anything starts,
 * or a drop that is counted and logged. Told elsewhere in the same form: bodies of discovery (incidents/f19), frames on
 * real sockets and random bytes (incidents/f32), numbers in ClientConfig (incidents/f19, wire/pacing), configuration
 * files and variables (daemon/config), requests that the simulator cannot read (simulator/real-face).
 */

const GOOD: ConnectorOptions = { ...DEFAULT_APP, handlers: {} };

test.each<readonly [string, Record<string, unknown>, string]>([
  ['an app id of another form', { appId: 'my-app' }, 'appId must be cli_ and 16 hexadecimal digits'],
  ['no app id', { appId: undefined }, 'appId must be cli_ and 16 hexadecimal digits'],
  ['no secret', { appSecret: undefined }, 'either appSecret or appSecretFile is needed, or a clientAssertionProvider'],
  ['an empty secret', { appSecret: '' }, 'secret'],
  ['two secrets', { appSecretFile: '/nowhere' }, 'appSecret and appSecretFile exclude each other'],
  [
    'a secret beside a provider of assertions',
    { clientAssertionProvider: { retrieveToken: () => ({ value: 'x' }) } },
    'appSecret and clientAssertionProvider exclude each other',
  ],
  [
    'a provider without its method',
    { appSecret: undefined, clientAssertionProvider: {} },
    'must have a method retrieveToken',
  ],
  ['an exchange without assertions', { oauthBaseUrl: 'https://x' }, 'oauthBaseUrl goes with a clientAssertionProvider'],
  [
    'an exchange that is no URL',
    { appSecret: undefined, clientAssertionProvider: { retrieveToken: () => 'x' }, oauthBaseUrl: 'accounts' },
    'oauthBaseUrl must be a base URL such as',
  ],
  ['a tag with a space', { userAgentTags: ['my bot'] }, 'userAgentTags must be at most 8 words of letters'],
  ['no handlers', { handlers: undefined }, 'one of handlers, eventDispatcher and sink is needed'],
  ['a handler that is no function', { handlers: { a: 'b' } }, 'the handler of a must be a function'],
  ['an unknown option', { appsecret: 'x' }, 'unknown option appsecret; did you mean appSecret?'],
  ['an option like no other', { colour: 'red' }, 'unknown option colour; known are appId, appSecret'],
  [
    'an unknown option of the connection',
    { connection: { hearbeatMs: 1_000 } },
    'unknown option connection.hearbeatMs; did you mean connection.heartbeatMs?',
  ],
  ['an unknown option of the token', { token: { marginMs: 1 } }, 'unknown option token.marginMs; known are refresh'],
  [
    'an unknown option of the delivery',
    { delivery: { max: 1 } },
    'unknown option delivery.max; did you mean delivery.maxPending?',
  ],
  ['NaN', { connection: { heartbeatMs: Number.NaN } }, 'connection.heartbeatMs must be between 1 and 86400000'],
  ['a negative number', { connection: { dialTimeoutMs: -1 } }, 'connection.dialTimeoutMs must be between 1 and'],
  ['infinity', { connection: { answerTimeoutMs: Infinity } }, 'connection.answerTimeoutMs must be between 1 and'],
  ['a text for a number', { connection: { proofTimeoutMs: '10s' } }, 'connection.proofTimeoutMs must be between 1'],
  [
    'a backoff that shrinks',
    { connection: { backoff: { initialMs: 10, maxMs: 5, factor: 2, jitter: 'full' } } },
    'connection.backoff.maxMs must be from 10 to 86400000, got 5',
  ],
  ['NaN for the token', { token: { refreshMarginMs: Number.NaN } }, 'token.refreshMarginMs must be from 0 to'],
  ['a hammering token', { token: { fetchIntervalMs: 1 } }, 'token.fetchIntervalMs must be from 1000 to'],
  [
    'a text that reads like a number',
    { token: { fetchIntervalMs: '2000' } },
    'must be from 1000 to 86400000, got "2000"',
  ],
  [
    'such a text in a backoff',
    { delivery: { retry: { initialMs: 1, maxMs: 5, factor: '2', jitter: 'full' } } },
    'delivery.retry.factor must be from 1 to 100, got "2"',
  ],
  ['a backoff that is none', { connection: { backoff: null } }, 'connection.backoff must be options, got null'],
  [
    'a schedule that is no list',
    { token: { retry: { initialMs: 1, maxMs: 5, factor: 2, jitter: 'full', scheduleMs: 5 } } },
    'token.retry.scheduleMs must be a list of 1 to 1000 waits, got 5',
  ],
  ['limits that are none', { connection: 5 }, 'connection must be options, got 5'],
  ['no limits at all', { delivery: null }, 'delivery must be options, got an empty value'],
  ['a journal that is a path', { journal: './journal' }, 'journal must be options with a directory, got "./journal"'],
  ['handlers that are none', { handlers: 5 }, 'handlers must be an object of functions by event type, got 5'],
  [
    'a dispatcher that is none',
    { handlers: undefined, eventDispatcher: {} },
    'eventDispatcher must be an EventDispatcher of the official SDK, got a mapping',
  ],
  [
    'a sink that is none',
    { handlers: undefined, sink: 'stdout' },
    'sink must be what createSink makes, or a dispatcher',
  ],
  ['a logger that is none', { logger: {} }, 'logger must be a pino logger, got a mapping'],
  ['a registry that is none', { registry: {} }, 'registry must be a prom-client registry, got a mapping'],
  [
    'a path that is none',
    { appSecret: undefined, appSecretFile: 5 },
    'appSecretFile must be the path of a file, got 5',
  ],
  [
    'a canary that is none',
    { catchup: { canary: 5 } },
    'catchup.canary must be options with canary and schedule, got 5',
  ],
  [
    'NaN for the delivery',
    { delivery: { maxPending: Number.NaN } },
    'delivery.maxPending must be a whole number from 1',
  ],
  [
    'a fraction',
    { delivery: { maxPending: 1.5 } },
    'delivery.maxPending must be a whole number from 1 to 1000000, got 1.5',
  ],
  ['a domain without scheme', { domain: 'open.feishu.cn' }, 'domain must be feishu, lark or a base URL'],
  ['a domain of another scheme', { domain: 'ftp://x' }, 'domain must be feishu, lark or a base URL'],
  ['an empty name', { app: '' }, 'app must be 1 to 100 characters'],
  ['a name of two lines', { app: 'one\ntwo' }, 'app must be 1 to 100 characters, no control character among them'],
  ['a name that ends in a blank', { app: 'bot ' }, 'no blank at either end, got "bot "'],
  ['no connection at all', { connections: 0 }, 'connections must be a whole number from 1 to 10, got 0'],
  ['more than are sensible', { connections: 11 }, 'connections must be a whole number from 1 to 10, got 11'],
  ['half a connection', { connections: 1.5 }, 'connections must be a whole number from 1 to 10, got 1.5'],
])('%s is a precise error before anything starts', (_what, changes, message) => {
  const given = Object.fromEntries(Object.entries({ ...GOOD, ...changes }).filter(([, value]) => value !== undefined));
  const error = errorOf(() => createConnector(given as unknown as ConnectorOptions));
  expect(error).toBeInstanceOf(ConnectorError);
  expect(error).toMatchObject({ code: 'bad_option', verdict: 'operator' });
  expect(String(error)).toContain(message);
  expect(String(error)).not.toContain(DEFAULT_APP.appSecret);
});

test.each([
  [undefined, 'nothing'],
  [null, 'an empty value'],
  ['cli_0', '"cli_0"'],
])('options that are %s are a precise error too', (options, given) => {
  const error = errorOf(() => createConnector(options as unknown as ConnectorOptions));
  expect(error).toMatchObject({ code: 'bad_option' });
  expect(String(error)).toContain(`options must be an object with appId and a secret at least, got ${given}`);
});

test('a limit that is undefined is left out', () => {
  const limits = { connection: { heartbeatMs: undefined }, delivery: { concurrency: undefined } };
  expect(() => createConnector({ ...GOOD, ...limits } as unknown as ConnectorOptions)).not.toThrow();
});

test.each<readonly [string, Fault, string, Record<string, unknown>]>([
  ['malformed protobuf', { fault: 'garbage_frame' }, frameErrors('malformed'), { reason: 'malformed' }],
  ['a text message', { fault: 'text_frame' }, frameErrors('text'), { reason: 'text' }],
  ['an unknown method', { fault: 'unknown_method_frame' }, frameErrors('unknown_method'), { reason: 'unknown_method' }],
  ['an oversized frame', { fault: 'oversized_frame' }, frameErrors('too_large'), { reason: 'too_large' }],
  ['an unknown type', { fault: 'unknown_type_frame' }, drops('unknown_type'), { reason: 'unknown_type' }],
  ['the older card callback', { fault: 'card_frame' }, drops('card_frame'), { reason: 'card_frame' }],
  [
    'discovery that answers HTML',
    { fault: 'discovery_body', body: 'html', times: 1 },
    connectFailures('discovery_bad_answer'),
    { failure: 'discovery_bad_answer', detail: expect.stringContaining('the body is not JSON: ') },
  ],
  [
    'discovery that answers nothing',
    { fault: 'discovery_body', body: 'empty', times: 1 },
    connectFailures('discovery_bad_answer'),
    { failure: 'discovery_bad_answer', detail: 'the body is empty' },
  ],
  [
    'a pacing of no numbers',
    { fault: 'discovery_config', config: 'text', times: 1 },
    'feishu_connector_log_messages_total{level="warn"}',
    { event: 'pacing_rejected', field: 'PingInterval' },
  ],
  [
    'a pong that is no JSON',
    { fault: 'pong_payload', payload: 'not_json', times: 1 },
    'feishu_connector_log_messages_total{level="warn"}',
    { event: 'pacing_rejected' },
  ],
])('%s is counted and logged, and costs no event', async (_what, fault, series, line) => {
  const world = virtualWorld();
  await world.connect();
  const before = await world.metric(series);
  world.platform.inject(fault);
  if ('times' in fault) world.platform.inject({ fault: 'drop_socket' });
  await world.clock.advanceBy(100);
  await world.untilConnected(60_000);
  await world.chat(2);
  expect(await world.metric(series)).toBeGreaterThan(before);
  expect(world.logs).toContainEqual(expect.objectContaining(line));
  expect(await world.reckon()).toEqual({ sent: 2, lost: [], handledTwice: [] });
  await world.stop();
});

test.each<readonly [string, Record<string, string>, string, string, readonly number[]]>([
  ['a payload that is no JSON', {}, '{"schema":', 'bad_envelope', [500]],
  ['a payload that is no object', {}, '[]', 'bad_envelope', [500]],
  ['an event without id', {}, '{"schema":"2.0","header":{"event_type":"a"},"event":{}}', 'bad_envelope', [500]],
  ['an empty payload', {}, '', 'bad_envelope', [500]],
  ['no message_id', { message_id: '' }, '{}', 'bad_headers', []],
  ['a sum that is no number', { sum: 'NaN' }, '{}', 'bad_headers', []],
  ['a negative seq', { seq: '-1' }, '{}', 'bad_headers', []],
  ['a seq beyond its sum', { seq: '7' }, '{}', 'bad_fragment', []],
  ['a sum of zero', { sum: '0' }, '{}', 'bad_fragment', []],
  ['a billion fragments', { sum: '999999999' }, '{}', 'bad_fragment', []],
])('a data frame with %s is dropped, counted, logged, and acknowledged 500 or not at all', async (...row) => {
  const [, headers, payload, reason, acks] = row;
  const world = virtualWorld();
  await world.connect();
  const sent = world.platform.send(() => ({ schema: '2.0', header: { event_id: 'e', event_type: 'a' }, event: {} }));
  await world.clock.advanceBy(100);
  // The platform's own id of a message it knows, so that its ledger takes note of an answer.
  const messageId = sent.deliveries[0]?.messageId ?? '';
  const acksBefore = sent.acks.length;
  world.platform.connections()[0]?.send(encodeFrame(dataFrame({ message_id: messageId, ...headers }, payload)));
  await world.clock.advanceBy(100);
  expect(await world.metric(drops(reason))).toBe(1);
  expect(world.logs).toContainEqual(expect.objectContaining({ event: 'dropped', reason, level: 40 }));
  expect(sent.acks.slice(acksBefore).map(({ code }) => code)).toEqual(acks);
  expect(world.connector.status().connected.is).toBe(true);
  expect(world.handled).toHaveLength(1);
  await world.stop();
});

test('an app that the platform does not know, and a wrong secret, are told to whoever waits, with what to do', async () => {
  for (const wrong of [{ appId: 'cli_ffffffffffffffff' }, { appSecret: 'not-the-secret-of-this-app' }]) {
    const world = virtualWorld({ connector: wrong });
    await world.connector.start();
    const ready = world.connector.ready({ timeoutMs: 1_000 }).catch((error: unknown) => error);
    await world.clock.advanceBy(1_000);
    expect(await ready).toMatchObject({
      code: 'not_ready',
      verdict: 'operator',
      message: expect.stringContaining('Check both in the developer console'),
      cause: { code: 'credentials_rejected' },
    });
    expect(world.logs).toContainEqual(
      expect.objectContaining({ level: 50, event: 'attempt_failed', failure: 'credentials_rejected' }),
    );
    expect(world.connector.status().attempts.nextAt).not.toBeNull();
    await world.stop();
  }
});

test.each<readonly [string, (port: number) => Promise<Loopback<unknown>>, string]>([
  [
    'an HTTP page instead of an upgrade',
    async () => serveHttp((_, response) => response.end('<html>')),
    'dial_refused',
  ],
  ['a 101 with a wrong accept key', () => answering(`${SWITCHING}Sec-WebSocket-Accept: no\r\n\r\n`), 'dial_bad_answer'],
  ['a 101 without an accept key', () => answering(`${SWITCHING}\r\n`), 'dial_bad_answer'],
  ['noise', () => answering('\u0000\u0001\u0002 what?\r\n\r\n'), 'dial_bad_answer'],
  ['an end without a word', () => answering(null), 'dial_unreachable'],
])(
  'a gateway that answers the handshake with %s is a failure with a name, and asked again',
  async (_what, serve, failure) => {
    const gateway = await serve(0);
    onTestFinished(() => gateway.close());
    const platform = await serveHttp((_request, response) =>
      response.end(
        JSON.stringify({ code: 0, msg: '', data: { URL: `ws://127.0.0.1:${gateway.port}/ws/v2?service_id=1` } }),
      ),
    );
    onTestFinished(() => platform.close());
    const ours = realConnector(platform.url);
    await ours.connector.start();
    await ours.metricReaches(connectFailures(failure), 2);
    expect(ours.logs).toContainEqual(expect.objectContaining({ event: 'attempt_failed', failure, step: 'dial' }));
    expect(ours.connector.status()).toMatchObject({ connected: { is: false }, lastFailure: { code: failure } });
    await noSocketIsLeft(ours);
  },
);

test('a platform that nobody serves is a failure with a name, not a hang', async () => {
  const server = createServer();
  const { url, close } = await serveHttp(() => {});
  server.close();
  await close();
  const ours = realConnector(url);
  await ours.connector.start();
  await ours.metricReaches(connectFailures('discovery_unreachable'), 2);
  expect(await ours.connector.ready({ timeoutMs: 1 }).catch((error: unknown) => error)).toMatchObject({
    code: 'not_ready',
    cause: { code: 'discovery_unreachable' },
  });
  await noSocketIsLeft(ours);
});

const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n';

/** Says this to whoever has asked something; null: hangs up. */
function answering(text: string | null) {
  return serveTcp((socket) => socket.once('data', () => (text === null ? socket.end() : socket.end(text, 'latin1'))));
}

async function noSocketIsLeft(ours: RealConnector): Promise<void> {
  await ours.connector.stop();
  expect(await ours.metric('feishu_ws_sockets_open{app="bot"}')).toBe(0);
}

function dataFrame(headers: Record<string, string>, payload: string): Frame {
  const all = { type: 'event', sum: '1', seq: '0', trace_id: 't', ...headers };
  return {
    seqId: 1n,
    logId: 1n,
    service: 1,
    method: METHOD.data,
    headers: Object.entries(all).map(([key, value]) => ({ key, value })),
    payload: new TextEncoder().encode(payload),
  };
}

function frameErrors(reason: string): string {
  return `feishu_ws_frame_errors_total{app="bot",reason="${reason}"}`;
}

function drops(reason: string): string {
  return `feishu_events_dropped_total{app="bot",reason="${reason}"}`;
}

function connectFailures(failure: string): string {
  return `feishu_ws_connect_failures_total{app="bot",failure="${failure}",verdict="retry"}`;
}

function errorOf(make: () => unknown): unknown {
  try {
    make();
  } catch (error) {
    return error;
  }
  return null;
}
