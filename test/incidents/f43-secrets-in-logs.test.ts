import { inspect } from 'node:util';
import { EventDispatcher } from '@larksuiteoapi/node-sdk';
import { trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createNodeHttp, wsDial } from '../../src/adapters/index.js';
import type { ConnectorOptions } from '../../src/connector-options.js';
import type { SinkSettings } from '../../src/connector-sinks.js';
import { createConnector, createSink, WSClient } from '../../src/index.js';
import { seededRandom } from '../../src/ports/index.js';
import {
  cardActionEvent,
  DEFAULT_APP,
  FAULT_KINDS,
  type FaultKind,
  type FaultOf,
  inMemoryFace,
  messageEvent,
  Platform,
  VirtualClock,
} from '../../src/simulator/index.js';
import type { WSClientParameters } from '../../src/ws-client/parameters.js';
import { eventually } from '../support/eventually.js';
import { everyFault } from '../support/every-fault.js';
import { BRISK_CONNECTION, realPlatform } from '../support/real-world.js';
import { textMessage } from '../support/sdk-client.js';
import { SecretHunt } from '../support/secret-hunt.js';

/** As the platform makes them: what the simulator's own begins with is a word. */
const SECRET = 'k9TzQ4wXv7LmB2nRp6YcH3sJd8FgA5eU';
const APP = { ...DEFAULT_APP, appSecret: SECRET };

const exporter = new InMemorySpanExporter();
beforeAll(() => {
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
});
afterAll(() => {
  trace.disable();
});
beforeEach(() => {
  exporter.reset();
});

/** What the connector said so far, by where it said it. */
function sayings() {
  const lines: string[] = [];
  const errors: unknown[] = [];
  const reports: unknown[] = [];
  const statuses: unknown[] = [];
  return {
    lines,
    errors,
    reports,
    statuses,
    logger: pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }),
    all: (metrics: string) => ({
      logs: lines.join(''),
      metrics,
      spans: exporter.getFinishedSpans().map(({ name, attributes, status, events, links, resource }) => ({
        name,
        attributes,
        status,
        events,
        links,
        resource,
      })),
      errors,
      reports,
      statuses,
    }),
  };
}

test('F43: the hunt finds a secret wherever it hides', () => {
  const hunt = new SecretHunt();
  hunt.learnFrom('{"tenant_access_token":"t-0123456789"} wss://gw/ws/v2?access_key=abcdefabcdefabcd&ticket=aaaa-bbbb');
  expect([hunt.count('token'), hunt.count('access_key'), hunt.count('ticket')]).toEqual([1, 1, 1]);
  const hidden = new Error('outer', { cause: { request: { headers: ['Bearer t-0123456789'] } } });
  expect(hunt.leaksIn({ clean: 't-01234', errors: [hidden], url: '?ticket=aaaa-bbbb' })).toMatchObject([
    { place: 'errors', kind: 'token' },
    { place: 'url', kind: 'ticket', after: '?ticket=' },
  ]);
  hunt.learn('password', 'p"ss w/rd+1');
  const leaks = hunt.leaksIn({
    clean: 'p"ss w/ and others, xp"ss w/rdx',
    json: '{"said":"p\\"ss w/rd+1"}',
    nested: JSON.stringify(JSON.stringify({ said: 'p"ss w/rd+1' })),
    url: '?p=p%22ss%20w%2Frd%2B1',
    form: 'p=p%22ss+w%2Frd%2B1',
    basic: `Basic ${Buffer.from('user:p"ss w/rd+1').toString('base64')}`,
    basic64: `Basic ${Buffer.from('me:p"ss w/rd+1').toString('base64url')}`,
    hex: Buffer.from('p"ss w/rd+1').toString('hex'),
    bytes: Buffer.from([0xff, ...Buffer.from('p"ss w/rd+1'), 0xfe]),
    cut: 'the password p"ss w/r…',
    rest: '…s w/rd+1 is wrong',
  });
  expect(leaks.map(({ place, how }) => `${place}: ${how}`)).toEqual([
    ...['json: in JSON', 'nested: in JSON within JSON', 'url: in a URL', 'form: in a form', 'basic: in base64'],
    ...['basic64: in base64', 'hex: in hexadecimal', 'bytes: as it is', 'cut: its beginning', 'rest: its end'],
  ]);
});

test('F43: the hunt finds a secret wherever it stands in a text', () => {
  const hunt = new SecretHunt();
  hunt.learn('password', 'p"ss w/rd+1');
  hunt.learn('token', 'pppppppp');
  for (let before = 0; before < 40; before++) {
    const text = `${'x'.repeat(before)}p"ss w/rd+1${'y'.repeat(40 - before)}`;
    const leaks = hunt.leaksIn({ text, repeated: 'p'.repeat(before) });
    const found = leaks.map(({ place, kind, how }) => `${place}: ${kind} ${how}`);
    expect({ before, found }).toEqual({
      before,
      found: ['text: password as it is', ...(before < 8 ? [] : ['repeated: token as it is'])],
    });
  }
});

test('F43: through every fault of the simulator, nothing that the connector says holds a secret (seed 43)', async () => {
  const clock = new VirtualClock();
  // Tokens so short that each fault of theirs meets a renewal.
  const platform = new Platform({ clock, random: seededRandom(43), apps: [APP], tokenLifetimeMs: 60_000 });
  const hunt = new SecretHunt();
  hunt.learn('app secret', SECRET);
  const said = sayings();
  const face = inMemoryFace(platform, { random: seededRandom(44) });
  const connector = createConnector({
    ...APP,
    app: 'bot',
    domain: 'http://platform.invalid',
    handlers: {
      'im.message.receive_v1': async (_event, { logger }) => logger.info('handled'),
      'card.action.trigger': async () => {
        throw new Error('the database is away');
      },
    },
    logger: said.logger,
    seams: { clock, random: seededRandom(45), ...hunt.wiretap(face.http, face.dial) },
  });
  connector.on('report', (report) => said.reports.push(report));

  await connector.start();
  const strike = async (kind: FaultKind) => {
    platform.inject({ fault: kind, ...everyFault(SECRET)[kind] } as FaultOf<typeof kind>);
    // Faults of the way to a connection strike when one is lost; these need one that lives.
    if (!['half_open', 'silent_pongs', 'kick_every', 'mute'].includes(kind)) platform.inject({ fault: 'drop_socket' });
    platform.send(messageEvent({ text: kind }));
    platform.send(cardActionEvent());
    for (let look = 0; look < 4; look++) {
      await clock.advanceBy(4_000);
      const ready = connector.ready({ timeoutMs: 100 }).catch((error: unknown) => said.errors.push(error));
      await clock.advanceBy(100);
      await ready;
      said.statuses.push(connector.status());
    }
    await clock.advanceBy(120_000);
    platform.clear();
    said.statuses.push(connector.status());
  };
  for (const kind of FAULT_KINDS) await strike(kind);
  const metrics = await connector.registry.metrics();
  const isBack = await clock.runUntil(() => connector.status().connected.is, 600_000);
  expect(isBack).toBe(true);
  const stopped = connector.stop();
  await clock.advanceBy(20_000);
  await stopped;

  // It was a full run: tickets and tokens by the dozen, attempts that failed at every step, and something said of each.
  expect(hunt.count('ticket')).toBeGreaterThan(FAULT_KINDS.length);
  expect(hunt.count('access_key')).toBeGreaterThan(FAULT_KINDS.length);
  expect(hunt.count('token')).toBeGreaterThan(FAULT_KINDS.length / 2);
  expect(said.errors.length).toBeGreaterThan(3);
  const codes = new Set([...said.lines.join('').matchAll(/"failure":"(\w+)"/g)].map(([, code]) => code));
  for (const code of [
    ...['credentials_rejected', 'discovery_http_status', 'discovery_timeout', 'discovery_bad_answer', 'dial_refused'],
    ...['dial_timeout', 'heartbeat_timeout', 'connection_reset', 'closed_by_peer', 'dns_failed', 'thrown'],
    ...['token_credentials_rejected', 'token_http_status', 'token_bad_answer', 'token_timeout'],
  ])
    expect(codes, code).toContain(code);
  expect(exporter.getFinishedSpans().length).toBeGreaterThan(100);
  expect(hunt.leaksIn(said.all(metrics))).toEqual([]);
}, 60_000);

test('F43: a gateway that repeats the ticket in its refusal or close reason does not get it into anything we say', async () => {
  const clock = new VirtualClock();
  const platform = new Platform({ clock, random: seededRandom(43), apps: [APP] });
  const hunt = new SecretHunt();
  const said = sayings();
  const face = inMemoryFace(platform);
  const { http, dial } = hunt.wiretap(face.http, face.dial);
  let dials = 0;
  const connector = createConnector({
    ...APP,
    app: 'bot',
    domain: 'http://platform.invalid',
    handlers: {},
    logger: said.logger,
    seams: {
      clock,
      random: seededRandom(45),
      http,
      dial: (url, listener) => {
        dials += 1;
        const { search, searchParams } = new URL(url);
        const repeated = `cannot serve ${search} nor ${searchParams.get('ticket')}`;
        const end =
          dials % 2 === 0
            ? ({ how: 'refused', status: 403, headers: { 'handshake-msg': repeated } } as const)
            : ({ how: 'closed', code: 4000, reason: repeated } as const);
        return dial(url, { ...listener, opened: () => listener.closed(end), closed: () => {} });
      },
    },
  });
  connector.on('report', (report) => said.reports.push(report));
  await connector.start();
  for (let round = 0; round < 6; round++) {
    const ready = connector.ready({ timeoutMs: 9_000 }).catch((error: unknown) => said.errors.push(error));
    await clock.advanceBy(10_000);
    await ready;
    said.statuses.push(connector.status());
  }
  expect(dials).toBeGreaterThan(3);
  expect(said.lines.join('')).toContain('cannot serve');
  expect(hunt.leaksIn(said.all(await connector.registry.metrics()))).toEqual([]);
});

test('F43: on real sockets, with the SDK’s Client: neither what we say nor what we throw holds a secret', async () => {
  const { simulator, url } = await realPlatform({ apps: [APP] });
  const hunt = new SecretHunt();
  hunt.learn('app secret', SECRET);
  const said = sayings();
  const adapter = createNodeHttp();
  const connector = createConnector({
    ...APP,
    app: 'bot',
    domain: url,
    handlers: { '*': async () => {} },
    logger: said.logger,
    // What hangs is waited for; everything else must never seem to, however busy the machine is.
    connection: { ...BRISK_CONNECTION, dialTimeoutMs: 1_000, discoveryTimeoutMs: 1_000 },
    token: { callerTimeoutMs: 1_000 },
    seams: hunt.wiretap(adapter.http, wsDial),
  });
  connector.on('report', (report) => said.reports.push(report));
  try {
    await connector.start();
    const send = (text: string) =>
      connector.client.im.message.create(textMessage(text), undefined).then(
        (answer) => said.statuses.push(answer),
        (error: unknown) => said.errors.push(error),
      );
    await send('fine');
    for (const fault of [
      { fault: 'api_code', code: 99991672, times: 1 },
      { fault: 'api_code', code: 99991663, times: 2 },
      { fault: 'api_status', status: 502, times: 1 },
      { fault: 'refuse_tcp', via: 'http', times: 1 },
    ] as const) {
      const thrownBefore = said.errors.length;
      simulator.inject(fault);
      await send(fault.fault);
      expect(said.errors.length, inspect(fault)).toBe(thrownBefore + 1);
      simulator.clear();
    }
    for (const fault of [
      { fault: 'discovery_body', body: 'truncated', times: 1 },
      { fault: 'discovery_hang', times: 1 },
      { fault: 'handshake_hang', sends: 'half_answer', times: 1 },
      { fault: 'handshake_refuse', message: `app_secret=${SECRET}`, times: 1 },
      { fault: 'refuse_tcp', times: 1 },
      { fault: 'accept_then_close', how: 'reset', times: 1 },
    ] as const) {
      await connector.ready();
      const failuresBefore = said.lines.filter((line) => line.includes('attempt_failed')).length;
      simulator.inject(fault);
      simulator.inject({ fault: 'drop_socket' });
      await eventually(
        () => said.lines.filter((line) => line.includes('attempt_failed')).length > failuresBefore,
        `an attempt that fails by ${fault.fault}`,
      );
      said.errors.push(await connector.ready({ timeoutMs: 1 }).catch((error: unknown) => error));
      said.statuses.push(connector.status());
    }
    const metrics = await connector.registry.metrics();
    expect(hunt.count('token')).toBeGreaterThan(0);
    expect(hunt.count('ticket')).toBeGreaterThan(6);
    expect(hunt.leaksIn(said.all(metrics))).toEqual([]);
  } finally {
    await connector.stop({ drainMs: 100 });
    await adapter.close();
  }
});

test('F43: what listeners and callbacks throw is logged without what hangs on it, by a logger of the user’s own too', async () => {
  const { url } = await realPlatform({ apps: [APP] });
  const hunt = new SecretHunt();
  hunt.learn('app secret', SECRET);
  const said = sayings();
  const throws = (): never => {
    throw Object.assign(new Error(`cannot sign with ${SECRET}`), { config: { data: { app_secret: SECRET } } });
  };
  const connector = createConnector({ ...APP, domain: url, handlers: HANDLERS, logger: said.logger });
  connector.on('state', throws);
  const client = new WSClient({ ...APP, domain: url, logger: said.logger, onReady: throws });
  try {
    await client.start({ eventDispatcher: new EventDispatcher({ logger: SILENT }) });
    await connector.start();
    await connector.ready();
    for (const line of ['a listener of connector.on threw', 'a callback of WSClient threw'])
      await eventually(() => said.lines.some((each) => each.includes(line)), line);
    expect(said.lines.join('')).toContain('cannot sign with [redacted]');
    expect(hunt.leaksIn({ lines: said.lines })).toEqual([]);
  } finally {
    client.close({ force: true });
    await connector.stop({ drainMs: 0 });
  }
});

/** Where a secret may land by a slip, and is refused. */
const HANDLERS = { '*': async () => {} };
test.each<[string, Readonly<Record<string, unknown>>]>([
  ['as the id', { appId: SECRET, appSecret: APP.appId }],
  ['as the id and as itself', { appId: SECRET }],
  ['in the domain', { domain: `https://me:${SECRET}@open.feishu.cn` }],
  ['as the domain', { domain: SECRET }],
  ['in the query of the domain', { domain: `https://open.feishu.cn/?app_secret=${SECRET}` }],
  ['as the proxy', { proxy: `ht tp://me:${SECRET}@proxy` }],
  ['as a certificate', { ca: SECRET }],
  ['as the file of it', { appSecret: undefined, appSecretFile: SECRET, clientAssertionProvider: {} }],
  ['as a list', { appSecret: [SECRET] }],
  ['as a tag', { userAgentTags: [`${SECRET}!`] }],
  ['as a number', { connections: SECRET }],
  ['as a limit', { connection: { heartbeatMs: SECRET } }],
  ['as a way', { delivery: { staleEvents: SECRET } }],
  ['as a directory', { journal: { directory: '', durability: SECRET } }],
  ['as an option', { catchup: SECRET }],
])('F43: a secret %s of the library is refused without being repeated', (_where, slip) => {
  const hunt = new SecretHunt();
  hunt.learn('app secret', SECRET);
  const given = { ...APP, handlers: HANDLERS, ...slip };
  const thrown: unknown[] = [];
  for (const create of [
    () => createConnector(given as unknown as ConnectorOptions),
    () => new WSClient(given as unknown as WSClientParameters),
  ]) {
    try {
      create();
    } catch (error) {
      thrown.push(error);
    }
  }
  expect(thrown.length).toBeGreaterThan(0);
  for (const error of thrown) expect(error).toMatchObject({ code: 'bad_option' });
  expect(hunt.leaksIn({ thrown })).toEqual([]);
});

test('F43: settings of a sink that are refused do not repeat what is secret in them', () => {
  const hunt = new SecretHunt();
  hunt.learn('secret', SECRET);
  const thrown: unknown[] = [];
  for (const settings of [
    { webhook: { url: `ftp://me:${SECRET}@hooks.example` } },
    { webhook: { url: `https://hooks.example/?key=${SECRET}`, mode: SECRET } },
    { webhook: { url: 'https://hooks.example', secret: SECRET.slice(0, 20) } },
    { jetstream: { servers: `ftp://me:${SECRET}@broker` } },
    { jetstream: { servers: `nats://${SECRET}@broker`, subject: `${SECRET} ${SECRET}` } },
  ]) {
    try {
      createSink(settings as unknown as SinkSettings, { app: 'bot' });
    } catch (error) {
      thrown.push(error);
    }
  }
  expect(thrown).toHaveLength(5);
  expect(hunt.leaksIn({ thrown })).toEqual([]);
});

test('F43: what a connector, its client and the drop-in show of themselves holds no secret', async () => {
  const { url } = await realPlatform({ apps: [APP] });
  const hunt = new SecretHunt();
  hunt.learn('app secret', SECRET);
  hunt.learn('encrypt key', 'Jh7GfD5sAq1WzX3cVb9NmK2l');
  hunt.learn('proxy password', 'p8xy-Pa55-w0rd');
  const dispatcher = new EventDispatcher({ encryptKey: 'Jh7GfD5sAq1WzX3cVb9NmK2l', logger: SILENT }).register({});
  const proxied = createConnector({
    ...APP,
    domain: url,
    proxy: 'http://me:p8xy-Pa55-w0rd@127.0.0.1:9',
    eventDispatcher: dispatcher,
    logger: pino({ level: 'silent' }),
  });
  const adapter = createNodeHttp();
  const connector = createConnector({
    ...APP,
    domain: url,
    handlers: HANDLERS,
    logger: pino({ level: 'silent' }),
    seams: hunt.wiretap(adapter.http, wsDial),
  });
  const client = new WSClient({ ...APP, domain: url, logger: SILENT });
  try {
    await client.start({ eventDispatcher: dispatcher });
    await connector.start();
    await connector.ready();
    await connector.client.im.message.create(textMessage('fine'));
    const holders = { connector, proxied, client, sdk: connector.client, inside: client.connector, all: [connector] };
    // As people log things: what JSON cannot hold says so.
    const shown = Object.entries(holders).map(([name, holder]) => {
      const spread = { ...holder };
      return [name, inspect(holder, { depth: 20 }), inspect(spread, { depth: 20 }), String(holder)] as const;
    });
    expect(hunt.count('token')).toBe(1);
    expect(hunt.leaksIn({ shown, statuses: [connector.status(), client.getConnectionStatus()] })).toEqual([]);
  } finally {
    client.close({ force: true });
    await proxied.stop({ drainMs: 0 });
    await connector.stop({ drainMs: 0 });
    await adapter.close();
  }
});
const nothing = (): void => {};
const SILENT = { error: nothing, warn: nothing, info: nothing, debug: nothing, trace: nothing };

test('F43: a client assertion is as secret as a secret, whoever repeats it', async () => {
  const assertion = 'Zx9-assertion-of-the-test.Kq2payload.Lw7signature';
  const app = { ...DEFAULT_APP, clientAssertion: assertion };
  const clock = new VirtualClock();
  const platform = new Platform({ clock, random: seededRandom(43), apps: [app], tokenLifetimeMs: 60_000 });
  const hunt = new SecretHunt();
  hunt.learn('assertion', assertion);
  const said = sayings();
  const face = inMemoryFace(platform, { random: seededRandom(44) });
  const { http, dial } = hunt.wiretap(face.http, face.dial);
  let isEchoing = false;
  let echoes = 0;
  const connector = createConnector({
    appId: app.appId,
    app: 'bot',
    clientAssertionProvider: { retrieveToken: () => ({ value: assertion }) },
    domain: 'http://platform.invalid',
    oauthBaseUrl: 'http://platform.invalid',
    handlers: HANDLERS,
    logger: said.logger,
    seams: {
      clock,
      random: seededRandom(45),
      dial,
      http: async (request) => {
        if (!isEchoing) return http(request);
        echoes += 1;
        const body = JSON.stringify({ code: 1, msg: `no ${request.body}`, error_description: `no ${request.body}` });
        return { status: 400, headers: {}, body };
      },
    },
  });
  connector.on('report', (report) => said.reports.push(report));
  await connector.start();
  expect(await clock.runUntil(() => connector.status().connected.is, 60_000)).toBe(true);
  isEchoing = true;
  platform.inject({ fault: 'drop_socket' });
  await clock.advanceBy(120_000);
  const ready = connector.ready({ timeoutMs: 100 }).catch((error: unknown) => said.errors.push(error));
  await clock.advanceBy(100);
  await ready;
  said.statuses.push(connector.status());
  const metrics = await connector.registry.metrics();
  const stopped = connector.stop();
  await clock.advanceBy(20_000);
  await stopped;
  expect([echoes > 5, said.errors.length]).toEqual([true, 1]);
  expect(said.lines.join('')).toContain('no {');
  expect(hunt.leaksIn(said.all(metrics))).toEqual([]);
});
