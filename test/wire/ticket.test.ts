import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  DEFAULT_PACING,
  type Discovery,
  gatewayOf,
  parseDiscovery,
  redactUrl,
  type Ticket,
} from '../../src/wire/index.js';

const SEED = 20260705;
const SECRET = '0123456789abcdef0123456789abcdef';
const TICKET = '7f3a1d52-2f0e-4c1b-9a77-5d1c0b8e6f21';
const URL_GIVEN = `wss://msg-frontier.feishu.cn/ws/v2?fpid=493&aid=552564&device_id=7627546355398364345&access_key=${SECRET}&service_id=33554678&ticket=${TICKET}`;
const CONFIG = { ReconnectCount: -1, ReconnectInterval: 5, ReconnectNonce: 1, PingInterval: 90 };

test('an answer becomes a ticket in our units', () => {
  expect(parseDiscovery(answer({ URL: URL_GIVEN, ClientConfig: CONFIG }), DEFAULT_PACING)).toEqual({
    type: 'ticket',
    ticket: {
      url: URL_GIVEN,
      connectionId: '7627546355398364345',
      service: 33_554_678,
      pacing: { pingIntervalMs: 90_000, reconnectCount: -1, reconnectIntervalMs: 5_000, reconnectNonceMs: 1_000 },
    },
    rejected: [],
  });
});

test('no ClientConfig, a partial one and a broken one: the previous pacing stays where nothing usable was said', () => {
  expect(ticketOf(answer({ URL: URL_GIVEN })).pacing).toBe(DEFAULT_PACING);
  expect(ticketOf(answer({ URL: URL_GIVEN, ClientConfig: null })).pacing).toBe(DEFAULT_PACING);
  expect(ticketOf(answer({ URL: URL_GIVEN, ClientConfig: { PingInterval: 60 } })).pacing).toEqual({
    ...DEFAULT_PACING,
    pingIntervalMs: 60_000,
  });
  expect(parseDiscovery(answer({ URL: URL_GIVEN, ClientConfig: { PingInterval: 0 } }), DEFAULT_PACING)).toMatchObject({
    type: 'ticket',
    rejected: [{ field: 'PingInterval' }],
  });
});

test('a URL without device_id or service_id is still a ticket', () => {
  expect(ticketOf(answer({ URL: 'ws://127.0.0.1:7777/ws' }))).toMatchObject({ connectionId: '', service: 0 });
});

test('service_id is found where the Node SDK misses it: as the first parameter', () => {
  expect(ticketOf(answer({ URL: 'ws://h/ws?service_id=-5&device_id=d' }))).toMatchObject({
    connectionId: 'd',
    service: -5,
  });
});

test.each([
  ['{"code":1,"msg":"system busy","data":{}}', 1, 'system busy'],
  [
    '{"code":1000040345,"msg":"app_id or app_secret is invalid","data":{}}',
    1_000_040_345,
    'app_id or app_secret is invalid',
  ],
  ['{"code":514,"msg":"m","data":null}', 514, 'm'],
  ['{"code":403}', 403, ''],
  ['{"code":-1,"msg":7,"data":"x"}', -1, ''],
])('the code is read before data: %s', (body, code, message) => {
  expect(parseDiscovery(body, DEFAULT_PACING)).toEqual({ type: 'code', code, message });
});

test('the message of a refusal is one printable line without secrets', () => {
  const body = JSON.stringify({ code: 514, msg: `bad\r\n\u001b[31m ticket=${TICKET} ${'x '.repeat(500)}` });
  const refusal = parseDiscovery(body, DEFAULT_PACING);
  if (refusal.type !== 'code') throw new Error(`got ${refusal.type}`);
  expect(refusal.message).toMatch(/^bad \[31m ticket… x x/);
  expect(refusal.message).toHaveLength(200);
});

test.each([
  ['', 'the body is empty'],
  [' \n', 'the body is empty'],
  ['{}', 'the answer has no code'],
  ['[]', 'the body is JSON but no object: []'],
  ['null', 'the body is JSON but no object: null'],
  ['"no"', 'the body is JSON but no object: "no"'],
  ['<html>\n<title>Log in</title>', 'the body is not JSON: <html> <title>Log in</title>'],
  ['upstream connect error', 'the body is not JSON: upstream connect error'],
  ['{"code":"0","data":{}}', 'the code is no integer but string'],
  ['{"code":null}', 'the code is no integer but object'],
  ['{"code":0.5}', 'the code is no integer but number'],
  ['{"code":0}', 'code 0 without an object data'],
  ['{"code":0,"data":null}', 'code 0 without an object data'],
  ['{"code":0,"data":[]}', 'code 0 without an object data'],
  ['{"code":0,"data":{}}', 'code 0 without URL'],
  ['{"code":0,"data":{"URL":""}}', 'URL is empty'],
  ['{"code":0,"data":{"URL":null}}', 'URL is no string but null'],
  ['{"code":0,"data":{"URL":7}}', 'URL is no string but number'],
  ['{"code":0,"data":{"URL":"/ws/v2?ticket=1"}}', 'URL cannot be parsed (15 characters)'],
  ['{"code":0,"data":{"URL":"https://h/ws?ticket=1"}}', 'URL is https: not ws: or wss:'],
  ['{"code":0,"data":{"URL":"wss://h/ws?ticket=1#top"}}', 'URL has a fragment identifier'],
  ['{"code":0,"data":{"URL":"wss://h/ws?service_id=abc"}}', 'service_id of the URL is no 32-bit integer'],
  ['{"code":0,"data":{"URL":"wss://h/ws?service_id="}}', 'service_id of the URL is no 32-bit integer'],
  ['{"code":0,"data":{"URL":"wss://h/ws?service_id=2147483648"}}', 'service_id of the URL is no 32-bit integer'],
  ['{"code":0,"data":{"URL":"wss://h/ws?service_id=1e3"}}', 'service_id of the URL is no 32-bit integer'],
])('the body %j is no ticket: %s', (body, detail) => {
  expect(parseDiscovery(body, DEFAULT_PACING)).toEqual({ type: 'invalid', detail });
});

test('an excerpt is short, however long the page', () => {
  const discovery = parseDiscovery(`<p>${'word '.repeat(100_000)}`, DEFAULT_PACING);
  if (discovery.type !== 'invalid') throw new Error(`got ${discovery.type}`);
  expect(discovery.detail).toBe(`the body is not JSON: ${`<p>${'word '.repeat(100)}`.slice(0, 79)}…`);
});

test('half an answer names its fault but none of its secrets, wherever it was cut', () => {
  const whole = answer({ URL: URL_GIVEN, ClientConfig: CONFIG });
  for (let end = 1; end < whole.length; end++) expectNoSecret(parseDiscovery(whole.slice(0, end), DEFAULT_PACING));
});

test.each([
  [`${URL_GIVEN}`],
  [`"${URL_GIVEN}"`],
  [`["${URL_GIVEN}"]`],
  [`location: ${encodeURIComponent(URL_GIVEN)}`],
  [`<a href="${URL_GIVEN.replaceAll('&', '&amp;')}">go</a>`],
  [`{"data":{"ticket":"${TICKET}","access_key" : "${SECRET}"`],
  [`ticket: ${TICKET}\naccess_key = "${SECRET}"`],
  [`Authorization: Bearer ${SECRET}`],
  [`${SECRET} ${TICKET}`],
  [`${'x'.repeat(1_990)}${SECRET}`],
])('no excerpt shows a secret: %s', (body) => {
  expectNoSecret(parseDiscovery(body, DEFAULT_PACING));
});

test('no excerpt shows even a short ticket that stands behind its name', () => {
  const secret = fc.stringMatching(/^[a-z0-9]{6,12}Q$/);
  const name = fc.constantFrom(
    'ticket=',
    'access_key=',
    '&ticket=',
    '"ticket":"',
    'access_key: ',
    'ticket%3D',
    'ticket = "',
  );
  const noise = fc.stringMatching(/^[<>a-f &;{}[\]\n]{0,30}$/);
  fc.assert(
    fc.property(noise, name, secret, noise, (before, label, value, after) => {
      expect(JSON.stringify(parseDiscovery(`<${before}${label}${value}${after}`, DEFAULT_PACING))).not.toContain(value);
    }),
    { seed: SEED, numRuns: 1_000 },
  );
});

test('no body throws', () => {
  const body = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc
      .record({ code: fc.constantFrom(0, 1, '0'), msg: fc.anything(), data: fc.jsonValue() }, { requiredKeys: [] })
      .map(toJson),
    fc.oneof(fc.webUrl(), fc.string()).map((url) => answer({ URL: url })),
  );
  fc.assert(
    fc.property(body, (text) => {
      expect(['ticket', 'code', 'invalid']).toContain(parseDiscovery(text, DEFAULT_PACING).type);
    }),
    { seed: SEED, numRuns: 1_000 },
  );
});

test('a redacted URL keeps scheme, host and path only', () => {
  expect(redactUrl(URL_GIVEN)).toBe('wss://msg-frontier.feishu.cn/ws/v2');
  expect(redactUrl('ws://user:pass@127.0.0.1:7777/ws?ticket=1#x')).toBe('ws://127.0.0.1:7777/ws');
  expect(redactUrl('no URL at all?ticket=1')).toBe('(unreadable URL)');
});

test.each([
  [URL_GIVEN, 'msg-frontier.feishu.cn', 443, '/ws/v2', 'wss://msg-frontier.feishu.cn'],
  ['ws://h?device_id=d', 'h', 80, '/', 'ws://h'],
  ['ws://127.0.0.1:7777/ws', '127.0.0.1', 7777, '/ws', 'ws://127.0.0.1:7777'],
  ['wss://[::1]:8443/a/b?ticket=1', '::1', 8443, '/a/b', 'wss://[::1]:8443'],
])('the gateway of %s', (url, address, port, path, origin) => {
  const ticket: Ticket = { url, connectionId: 'd', service: 1, pacing: DEFAULT_PACING };
  expect(gatewayOf(ticket)).toEqual({ origin, address, port, path, connectionId: 'd' });
});

test('a ticket whose URL cannot be read is a bug, and its error does not carry the URL', () => {
  const ticket: Ticket = { url: `?ticket=${TICKET}`, connectionId: '', service: 0, pacing: DEFAULT_PACING };
  const error = errorOf(() => gatewayOf(ticket));
  expect(error).toEqual(new TypeError('the URL of the ticket cannot be parsed'));
  expect(JSON.stringify({ ...(error as object) })).not.toContain(TICKET);
});

function answer(content: unknown): string {
  return JSON.stringify({ code: 0, msg: '', data: content });
}

function ticketOf(body: string): Ticket {
  const discovery = parseDiscovery(body, DEFAULT_PACING);
  if (discovery.type !== 'ticket') throw new Error(`got ${JSON.stringify(discovery)}`);
  return discovery.ticket;
}

function expectNoSecret(discovery: Discovery): void {
  expect(discovery.type).toBe('invalid');
  const shown = JSON.stringify(discovery);
  for (const secret of [SECRET, TICKET]) {
    for (let at = 0; at + 8 <= secret.length; at++) expect(shown).not.toContain(secret.slice(at, at + 8));
  }
}

function errorOf(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}

function toJson(value: unknown): string {
  return JSON.stringify(value, (_, member) => (typeof member === 'bigint' ? String(member) : member));
}
