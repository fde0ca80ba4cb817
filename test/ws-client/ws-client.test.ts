import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  AppType,
  CardActionHandler,
  Domain,
  defaultHttpInstance,
  type EventDispatcher,
  type HttpInstance,
  LoggerLevel,
  WSClient as SdkWSClient,
  type WSConnectionStatus,
} from '@larksuiteoapi/node-sdk';
import { pino } from 'pino';
import { expect, expectTypeOf, onTestFinished, test } from 'vitest';
import { ConnectorError, type StartParameters, WSClient, type WSClientParameters } from '../../src/index.js';
import { cardActionEvent, DEFAULT_APP, messageEvent } from '../../src/simulator/index.js';
import { eventually } from '../support/eventually.js';
import { acknowledged, BRISK_CONNECTION, type RealPlatform, realPlatform } from '../support/real-world.js';
import { type SdkEvent, sdkDispatcher } from '../support/sdk-client.js';

const { appId } = DEFAULT_APP;
const MESSAGE = 'im.message.receive_v1';

interface Drop {
  readonly client: WSClient;
  /** Callbacks in order. */
  readonly told: string[];
  readonly errors: Error[];
  readonly lines: string[];
  readonly handled: SdkEvent[];
  readonly dispatcher: ReturnType<typeof sdkDispatcher>;
  connect(): Promise<void>;
}

function dropIn({ url }: Pick<RealPlatform, 'url'>, parameters: Partial<WSClientParameters> = {}): Drop {
  const told: string[] = [];
  const errors: Error[] = [];
  const lines: string[] = [];
  const handled: SdkEvent[] = [];
  const line =
    (level: string) =>
    (...parts: unknown[]): void =>
      void lines.push(`${level} ${parts.flat().join(' ')}`);
  const client = new WSClient({
    ...DEFAULT_APP,
    domain: url,
    logger: {
      error: line('error'),
      warn: line('warn'),
      info: line('info'),
      debug: line('debug'),
      trace: line('trace'),
    },
    loggerLevel: LoggerLevel.debug,
    connection: BRISK_CONNECTION,
    onReady: () => void told.push('ready'),
    onError: (error) => {
      told.push('error');
      errors.push(error);
    },
    onReconnecting: () => void told.push('reconnecting'),
    onReconnected: () => void told.push('reconnected'),
    ...parameters,
  });
  onTestFinished(() => client.close({ force: true }));
  const dispatcher = sdkDispatcher({ [MESSAGE]: (event) => void handled.push(event) });
  return {
    client,
    told,
    errors,
    lines,
    handled,
    dispatcher,
    connect: async () => {
      await client.start({ eventDispatcher: dispatcher });
      await eventually(() => client.getConnectionStatus().state === 'connected', 'the client is connected');
    },
  };
}

type Sdk = InstanceType<typeof SdkWSClient>;

test('types: each of the two stands where the other is asked for, as class, as instance and in its parameters', () => {
  expectTypeOf<typeof WSClient>().toExtend<typeof SdkWSClient>();
  expectTypeOf<WSClient>().toExtend<Sdk>();
  expectTypeOf<ConstructorParameters<typeof SdkWSClient>[0]>().toExtend<ConstructorParameters<typeof WSClient>[0]>();
  expectTypeOf<WSClientParameters>().toExtend<ConstructorParameters<typeof SdkWSClient>[0]>();
  expectTypeOf<Parameters<Sdk['start']>[0]>().toExtend<Parameters<WSClient['start']>[0]>();
  expectTypeOf<Parameters<Sdk['close']>>().toExtend<Parameters<WSClient['close']>>();
  expectTypeOf<ReturnType<WSClient['start']>>().toEqualTypeOf<ReturnType<Sdk['start']>>();
  expectTypeOf<ReturnType<WSClient['close']>>().toEqualTypeOf<ReturnType<Sdk['close']>>();
  expectTypeOf<ReturnType<WSClient['getReconnectInfo']>>().toEqualTypeOf<ReturnType<Sdk['getReconnectInfo']>>();
  expectTypeOf<ReturnType<WSClient['getConnectionStatus']>>().toEqualTypeOf<WSConnectionStatus>();
  // Everything public of the SDK's is there at run time.
  const face: readonly (keyof Sdk)[] = ['start', 'close', 'getReconnectInfo', 'getConnectionStatus'];
  expectTypeOf<keyof Sdk>().toEqualTypeOf<(typeof face)[number]>();
  for (const method of face) expect(typeof WSClient.prototype[method]).toBe(typeof SdkWSClient.prototype[method]);
  expect(WSClient.name).toBe(SdkWSClient.name);
});

test('types: typical lines of bots compile with the import changed, and nothing else', () => {
  // Held by the SDK's type, in a field and in a list, and made by a factory that has the class as a parameter.
  class Channel {
    readonly #Client: typeof SdkWSClient;
    client: Sdk | null = null;
    constructor(Client: typeof SdkWSClient = SdkWSClient) {
      this.#Client = Client;
    }
    open(parameters: ConstructorParameters<typeof SdkWSClient>[0]): Sdk {
      this.client = new this.#Client(parameters);
      return this.client;
    }
  }
  const shared = { ...DEFAULT_APP, appType: AppType.SelfBuild, domain: Domain.Feishu };
  const parameters: ConstructorParameters<typeof WSClient>[0] = { ...shared, loggerLevel: LoggerLevel.fatal };
  parameters.autoReconnect = true;
  parameters.onError = (error) => expectTypeOf(error).toEqualTypeOf<Error>();
  expect(new Channel(WSClient).open(parameters)).toBeInstanceOf(WSClient);
  class Named extends WSClient {
    constructor(source: string) {
      super({ ...parameters, source, onReady: () => {}, onReconnecting: async () => {} });
    }
    override async start(given: Parameters<WSClient['start']>[0]): Promise<void> {
      await super.start(given);
    }
  }
  const named: Sdk = new Named('main');
  expect(named.getConnectionStatus()).toEqual({ state: 'idle', reconnectAttempts: 0 });
});

test('types: a dispatcher of another installed SDK fits, whose class is another one to the compiler', () => {
  // A member that is not public makes two copies of one class two types.
  abstract class OtherDispatcher {
    abstract readonly handles: Map<string, () => void>;
    abstract invoke(envelope: unknown, params?: { needCheck?: boolean }): Promise<unknown>;
    protected abstract registerAppTicketHandle(): void;
  }
  expectTypeOf<OtherDispatcher>().not.toExtend<EventDispatcher>();
  expectTypeOf<{ eventDispatcher: OtherDispatcher }>().toExtend<StartParameters>();
  expectTypeOf<{
    eventDispatcher: EventDispatcher;
    cardActionHandler: CardActionHandler;
  }>().toExtend<StartParameters>();
});

test('changing the import is enough: events reach the dispatcher, and results go into the acknowledgement', async () => {
  const platform = await realPlatform();
  const { client, dispatcher, told, handled } = dropIn(platform);
  expect(client.getConnectionStatus()).toEqual({ state: 'idle', reconnectAttempts: 0 });
  dispatcher.register({ 'card.action.trigger': () => ({ toast: { content: 'done' } }) });
  await client.start({ eventDispatcher: dispatcher });
  expect(client.getConnectionStatus().state).toBe('connecting');
  await eventually(() => told.includes('ready'), 'onReady');
  const message = platform.simulator.send(messageEvent({ text: 'hello' }));
  const card = platform.simulator.send(cardActionEvent());
  await acknowledged(message, 'the message');
  await acknowledged(card, 'the card action');
  expect(handled).toMatchObject([{ event_id: message.eventId, message: { content: '{"text":"hello"}' } }]);
  expect(card.result).toEqual({ toast: { content: 'done' } });
  const { lastConnectTime, nextConnectTime } = client.getReconnectInfo();
  expect(lastConnectTime).toBeGreaterThan(0);
  expect(nextConnectTime).toBe(0);
  expect(client.getConnectionStatus()).toEqual({ state: 'connected', lastConnectTime, reconnectAttempts: 0 });
});

test('F01: where the SDK has used up its retries, it goes on, and its callbacks tell the story', async () => {
  const platform = await realPlatform({
    clientConfig: { ReconnectCount: 0, ReconnectInterval: 1, ReconnectNonce: 0, PingInterval: 5 },
  });
  const { client, told, connect } = dropIn(platform);
  await connect();
  const outage = platform.simulator.inject({ fault: 'discovery_status', status: 502 });
  platform.simulator.inject({ fault: 'drop_socket' });
  await eventually(() => client.getConnectionStatus().reconnectAttempts >= 3, 'three attempts, two more than it may');
  expect(client.getConnectionStatus().state).toBe('reconnecting');
  platform.simulator.clear(outage);
  await eventually(() => told.includes('reconnected'), 'onReconnected');
  expect(told).toEqual(['ready', 'reconnecting', 'reconnected']);
  expect(client.getConnectionStatus()).toMatchObject({ state: 'connected', reconnectAttempts: 0 });
});

test('F09: a rejected secret is told to onError once, with what to do, and retried all the same', async () => {
  const platform = await realPlatform();
  const refusal = platform.simulator.inject({ fault: 'discovery_code', code: 514, message: 'auth failed' });
  const { client, told, errors, dispatcher } = dropIn(platform);
  await client.start({ eventDispatcher: dispatcher });
  await eventually(() => platform.count('discovery', appId) >= 3, 'three attempts');
  expect(told).toEqual(['error']);
  expect(errors[0]).toBeInstanceOf(ConnectorError);
  expect(errors[0]).toMatchObject({ code: 'credentials_rejected', verdict: 'operator' });
  expect(errors[0]?.message).toMatch(/auth failed.*Check both in the developer console\./);
  expect(client.getConnectionStatus().state).toBe('connecting');
  platform.simulator.clear(refusal);
  await eventually(() => told.includes('ready'), 'onReady');
  expect(told).toEqual(['error', 'ready']);
});

test('F34: ready is said of a proven connection alone, never after a failed attempt', async () => {
  const platform = await realPlatform();
  platform.simulator.inject({ fault: 'discovery_status', status: 500, times: 2 });
  const { client, told, dispatcher } = dropIn(platform);
  await client.start({ eventDispatcher: dispatcher });
  await eventually(() => platform.count('discovery', appId) >= 1, 'a failed attempt');
  expect(told).toEqual([]);
  await eventually(() => told.length > 0, 'onReady');
  expect(platform.count('discovery', appId)).toBe(3);
});

test('F24: two starts in one turn open one socket; the later dispatcher counts', async () => {
  const platform = await realPlatform();
  const { client, told, dispatcher, handled } = dropIn(platform);
  const later: SdkEvent[] = [];
  const second = sdkDispatcher({ [MESSAGE]: (event) => void later.push(event) });
  await Promise.all([client.start({ eventDispatcher: dispatcher }), client.start({ eventDispatcher: second })]);
  await eventually(() => told.includes('ready'), 'onReady');
  await acknowledged(platform.simulator.send(messageEvent()), 'a message');
  expect(platform.simulator.platform.connections()).toHaveLength(1);
  expect([handled.length, later.length]).toEqual([0, 1]);
});

test('a start() to a client that waits for its next attempt makes it now, as the SDK does', async () => {
  const platform = await realPlatform();
  platform.simulator.inject({ fault: 'discovery_status', status: 502, times: 1 });
  const never = { initialMs: 600_000, maxMs: 600_000, factor: 1, jitter: 'none' } as const;
  // Nothing but the start cuts the wait short: no looks of its own either, for as long as this takes.
  const patience = { backoff: never, lookMs: 86_400_000, reachMs: 86_400_000 };
  const { client, told, dispatcher } = dropIn(platform, { connection: patience, catchup: false });
  platform.simulator.inject({ fault: 'token_status', status: 502 });
  await client.start({ eventDispatcher: dispatcher });
  await eventually(() => client.getReconnectInfo().nextConnectTime > 0, 'it waits');
  expect(told).toEqual([]);
  await client.start({ eventDispatcher: dispatcher });
  await eventually(() => told.includes('ready'), 'onReady');
  expect(told).toEqual(['ready']);
});

test('close() ends the socket with a close frame, says nothing to the callbacks, and lets it start again', async () => {
  const platform = await realPlatform();
  const { client, told, connect } = dropIn(platform);
  await connect();
  client.close();
  expect(client.getConnectionStatus().state).toBe('idle');
  await eventually(() => platform.simulator.platform.connections().length === 0, 'the platform has let go');
  await connect();
  expect(told).toEqual(['ready', 'ready']);
});

test('autoReconnect: false is obeyed: one failure is the end, and onError tells of the first connect alone', async () => {
  const platform = await realPlatform();
  platform.simulator.inject({ fault: 'discovery_status', status: 502, times: 1 });
  const first = dropIn(platform, { autoReconnect: false });
  await first.client.start({ eventDispatcher: first.dispatcher });
  await eventually(() => first.told.length > 0, 'onError');
  expect(first.errors[0]?.message).toBe('WebSocket connect failed and autoReconnect is disabled');
  expect(first.client.getConnectionStatus().state).toBe('failed');
  await first.connect();
  platform.simulator.inject({ fault: 'drop_socket' });
  await eventually(() => first.client.getConnectionStatus().state === 'failed', 'the client has given up');
  expect(first.told).toEqual(['error', 'ready']);
});

test('a CardActionHandler takes the card callbacks that the dispatcher has no handler for', async () => {
  const platform = await realPlatform();
  const { client, dispatcher, told } = dropIn(platform);
  // With a verification token: an HTTP callback would need a signature, which no long connection has.
  const cards = new CardActionHandler(
    { verificationToken: 'token', loggerLevel: LoggerLevel.error },
    (action: SdkEvent) => ({
      toast: { content: `by ${String(action.event_type)}` },
    }),
  );
  await client.start({ eventDispatcher: dispatcher, cardActionHandler: cards });
  await eventually(() => told.includes('ready'), 'onReady');
  const click = platform.simulator.send(cardActionEvent());
  await acknowledged(click, 'the click');
  expect(click.result).toEqual({ toast: { content: 'by card.action.trigger' } });
});

test('its lines go to the logger given, in the way of the SDK, without secrets', async () => {
  const platform = await realPlatform();
  const { lines, connect } = dropIn(platform);
  await connect();
  expect(lines.find((text) => text.startsWith('info [ws] [feishu] connected'))).toContain('"event":"connected"');
  expect(lines.join('\n')).not.toContain(DEFAULT_APP.appSecret);
});

test('a pino logger is used as it is, and a logger that throws or rejects disturbs nothing', async () => {
  const platform = await realPlatform();
  const written: string[] = [];
  const logger = pino({ level: 'info' }, { write: (text: string) => void written.push(text) });
  const quiet = dropIn(platform, { logger });
  await quiet.connect();
  expect(JSON.parse(written[0] ?? '{}')).toMatchObject({ app: appId });
  quiet.client.close({ force: true });
  const fails = () => Promise.reject(new Error('disk full'));
  const throws = () => {
    throw new Error('disk full');
  };
  const loud = dropIn(platform, { logger: { error: throws, warn: throws, info: throws, debug: fails, trace: fails } });
  await loud.connect();
});

test('a pino logger writes no line below a loggerLevel that is given', async () => {
  const platform = await realPlatform();
  const written: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (text: string) => void written.push(text) });
  await dropIn(platform, { logger, loggerLevel: LoggerLevel.error }).connect();
  expect(written).toEqual([]);
});

test('a callback that throws is logged and changes nothing', async () => {
  const platform = await realPlatform();
  const { lines, connect } = dropIn(platform, {
    onReady: () => {
      throw new Error('a bug of the user');
    },
  });
  await connect();
  await eventually(() => lines.some((text) => text.includes('a callback of WSClient threw')), 'the line');
});

test('metrics, journal and the other options of the connector stand beside those of the SDK', async () => {
  const platform = await realPlatform();
  const { client, connect } = dropIn(platform, { app: 'support-bot' });
  expect(client.connector).toBeNull();
  await connect();
  expect(await client.connector?.registry.metrics()).toContain('feishu_ws_connected{app="support-bot"} 1');
});

test('httpInstance and agent are the way out, for calls and for the socket', async () => {
  const platform = await realPlatform();
  const asked: string[] = [];
  const httpInstance: HttpInstance = Object.assign(Object.create(defaultHttpInstance), {
    request: (options: { url?: string }) => {
      asked.push(new URL(options.url ?? '').pathname);
      return defaultHttpInstance.request(options);
    },
  });
  const agent = new Agent();
  const sockets: string[] = [];
  const { createConnection } = agent;
  agent.createConnection = (options, onConnect) => {
    sockets.push(String(options.port));
    return createConnection.call(agent, options, onConnect);
  };
  const { client, connect } = dropIn(platform, { httpInstance, agent });
  await connect();
  expect(asked).toContain('/callback/ws/endpoint');
  expect(sockets).toEqual([new URL(platform.url).port]);
  expect(client.connector?.status().token.isValid).toBe(true);
});

test('F19: what an httpInstance throws is sorted as our own calls are', async () => {
  const platform = await realPlatform();
  const failures: string[] = [];
  const answers: (() => Promise<unknown>)[] = [
    () => Promise.reject(Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })),
    () =>
      Promise.reject(
        Object.assign(new Error('status 502'), { response: { status: 502, data: '<html>', headers: {} } }),
      ),
    () => Promise.resolve('<html>'),
  ];
  const httpInstance: HttpInstance = Object.assign(Object.create(defaultHttpInstance), {
    request: (options: { url?: string }) => {
      const isDiscovery = options.url?.endsWith('/callback/ws/endpoint') ?? false;
      return ((isDiscovery && answers.shift()) || (() => defaultHttpInstance.request(options)))();
    },
  });
  const { client, dispatcher } = dropIn(platform, { httpInstance });
  await client.start({ eventDispatcher: dispatcher });
  client.connector?.on('report', ({ room, report }) => {
    if (room === 'connection' && report.type === 'attempt_failed') failures.push(report.failure.code);
  });
  await eventually(() => client.getConnectionStatus().state === 'connected', 'the client is connected');
  expect(failures).toEqual(['dns_failed', 'discovery_http_status', 'discovery_bad_answer']);
});

test('what can never work is refused when the client is made, not logged and forgotten', () => {
  const made = (parameters: WSClientParameters) => () => new WSClient(parameters);
  expect(made({ ...DEFAULT_APP, appId: 'cli_1' })).toThrow(/appId must be cli_ and 16 hexadecimal digits/);
  expect(made({ appId })).toThrow(/appSecret/);
  expect(made({ appId, appSecret: '' })).toThrow(/appSecret/);
  expect(made({ ...DEFAULT_APP, domain: 'open.feishu.cn' })).toThrow(/domain must be/);
  expect(made({ ...DEFAULT_APP, connections: 99 })).toThrow(/connections must be/);
});

test.each([
  ['nothing', undefined],
  ['no dispatcher', {}],
  ['handlers that were not made into one', { eventDispatcher: { [MESSAGE]: () => {} } }],
])('a start() with %s is refused, as every event would be lost', async (_what, given) => {
  const client = new WSClient({ ...DEFAULT_APP, domain: 'http://127.0.0.1:9' });
  const started = client.start(given as unknown as StartParameters);
  await expect(started).rejects.toMatchObject({ code: 'bad_option' });
  expect(client.getConnectionStatus().state).toBe('idle');
});

test.each<[string, object]>([
  ['parameters of the Client in one object with its own', { appType: 0, disableTokenCache: false, cache: {} }],
  ['parameters of the EventDispatcher', { encryptKey: 'a-key', verificationToken: 'a-token' }],
  ['a base URL for OAuth beside a secret', { oauthBaseUrl: 'https://accounts.feishu.cn' }],
  ['nulls from a file', { domain: null, logger: null, extraUaTags: null, clientAssertionProvider: null, agent: null }],
  [
    'undefined for everything',
    { httpInstance: undefined, wsConfig: undefined, onReady: undefined, journal: undefined },
  ],
  ['a handshake limit beyond every bound', { handshakeTimeoutMs: Number.POSITIVE_INFINITY }],
  ['a handshake limit below a millisecond', { handshakeTimeoutMs: 0.5 }],
  ['a handshake limit that is text', { handshakeTimeoutMs: '5000' }],
  ['limits that are no number', { handshakeTimeoutMs: Number.NaN, wsConfig: { pingTimeout: Number.NaN } }],
  ['a ping limit of a day and more', { wsConfig: { pingTimeout: 100_000 } }],
  ['members of wsConfig that nobody knows', { wsConfig: { PingInterval: 30, PingTimeout: 5 } }],
  ['more tags than are sent', { source: 'bot', extraUaTags: Array(12).fill('tag') }],
])('it takes what the SDK takes without a word: %s', (_what, given) => {
  const lines: string[] = [];
  const write = (...parts: unknown[]) => void lines.push(parts.flat().join(' '));
  const logger = { error: write, warn: write, info: write, debug: write, trace: write };
  const parameters = { ...DEFAULT_APP, logger, loggerLevel: LoggerLevel.trace, ...given };
  new SdkWSClient(parameters);
  new WSClient({ ...parameters, logger: parameters.logger ?? pino({ level: 'silent' }) });
  expect(lines).toEqual([]);
});

test('what neither of the two knows is without effect, as with the SDK, and said', () => {
  const lines: string[] = [];
  const write = (...parts: unknown[]) => void lines.push(parts.flat().join(' '));
  const logger = { error: write, warn: write, info: write, debug: write, trace: write };
  const parameters: WSClientParameters & { jornal: object; handlers: object } = {
    ...DEFAULT_APP,
    logger,
    jornal: { directory: './journal' },
    handlers: {},
  };
  new WSClient(parameters);
  expect(lines).toEqual([
    expect.stringContaining(
      'these parameters of WSClient mean nothing to it {"app":"cli_a1b2c3d4e5f60718","parameters":"jornal, handlers"}',
    ),
  ]);
});

test('a bot that wraps handleEventData, to have card frames taken as events, finds it and needs it no more', () => {
  const client = new WSClient({ ...DEFAULT_APP, loggerLevel: LoggerLevel.fatal });
  const patched = client as unknown as { handleEventData: (frame: unknown) => unknown };
  const original = patched.handleEventData.bind(patched);
  patched.handleEventData = (frame) => original(frame);
  expect(Object.keys(WSClient.prototype)).toEqual([]);
});

test('keyless credentials work as with the SDK: an assertion signs discovery, and is exchanged for the token', async () => {
  const platform = await realPlatform({
    apps: [{ appId, appSecret: 'not the client’s', clientAssertion: 'signed.by.a-service' }],
  });
  const audiences: string[] = [];
  const clientAssertionProvider = {
    retrieveToken: (audience: string) => {
      audiences.push(audience);
      return { value: 'signed.by.a-service' };
    },
  };
  const { client, connect, handled, lines } = dropIn(platform, { clientAssertionProvider });
  await connect();
  const message = platform.simulator.send(messageEvent({ text: 'keyless' }));
  await acknowledged(message, 'the message');
  expect(handled).toMatchObject([{ event_id: message.eventId }]);
  await eventually(() => client.connector?.status().token.expiresAt !== null, 'the token was granted');
  expect(audiences).toEqual([new URL(platform.url).host, new URL(platform.url).host]);
  expect(lines.join('\n')).not.toContain('signed.by');
});

test('source and extraUaTags stand in the User-Agent of every call on the wire, written as the SDK writes them', async () => {
  const agents = new Set<string | undefined>();
  const server = createServer((request, response) => {
    agents.add(request.headers['user-agent']?.replace(/\/[\d.]+ /, ' '));
    response.end('{"code":1}');
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  // The SDK's own instance writes its own name over one that it does not recognise.
  for (const through of [{}, { httpInstance: defaultHttpInstance as unknown as HttpInstance }]) {
    agents.clear();
    const { client, dispatcher } = dropIn(
      { url: `http://127.0.0.1:${port}` },
      { ...through, source: 'my bot', extraUaTags: ['é', 'team/1'] },
    );
    await client.start({ eventDispatcher: dispatcher });
    await eventually(() => agents.size > 0 && client.getConnectionStatus().reconnectAttempts > 1, 'a few calls');
    expect([...agents]).toEqual(['feishu-connector source/my_bot _ team_1']);
    client.close({ force: true });
  }
});
