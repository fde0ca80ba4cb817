import {
  CardActionHandler,
  defaultHttpInstance,
  EventDispatcher,
  type HttpInstance,
  type EventDispatcher as SdkEventDispatcher,
  WSClient as SdkWSClient,
} from '@larksuiteoapi/node-sdk';
import { expect, test } from 'vitest';
import { WSClient } from '../../src/index.js';
import {
  BRISK_CLIENT_CONFIG,
  cardActionEvent,
  customEvent,
  DEFAULT_APP,
  type EventDraft,
  type Fault,
  messageEvent,
  version1Event,
} from '../../src/simulator/index.js';
import { eventually } from '../support/eventually.js';
import { acknowledged, BRISK_CONNECTION, OTHER_APP, type RealPlatform, realPlatform } from '../support/real-world.js';
import { type SdkEvent, type SdkOptions, type SdkPeer, sdkPeer } from '../support/sdk-client.js';

/*
 * The SDK's client and ours in its place: the same parameters, the same platform, the same faults. What both do alike is
 * one expectation; where they differ, docs/migration.md has a row.
 */
const MESSAGE = 'im.message.receive_v1';

interface Twins {
  readonly platform: RealPlatform;
  readonly sdk: SdkPeer;
  readonly ours: SdkPeer;
  /** What each of them did, of both. */
  of<Found>(look: (twin: SdkPeer, appId: string) => Found): readonly [Found, Found];
  /** @returns Takes it back. */
  inject(fault: Fault): () => void;
  /** Waits until it is true of both. */
  until(look: (twin: SdkPeer) => boolean, what: string): Promise<void>;
}

async function twins(
  options: (whose: 'sdk' | 'ours') => SdkOptions = () => ({}),
  clientConfig = { ...BRISK_CLIENT_CONFIG, PingInterval: 120 },
): Promise<Twins> {
  const platform = await realPlatform({ clientConfig });
  const made = (whose: 'sdk' | 'ours', app: typeof DEFAULT_APP, Client: typeof SdkWSClient) => {
    const { parameters, ...rest } = options(whose);
    // The SDK's client ignores what it does not know, and so ours alone gets brisk by it.
    return sdkPeer(platform.url, { ...rest, app, Client, parameters: { connection: BRISK_CONNECTION, ...parameters } });
  };
  const sdk = made('sdk', OTHER_APP, SdkWSClient);
  const ours = made('ours', DEFAULT_APP, WSClient);
  return {
    platform,
    sdk,
    ours,
    of: (look) => [look(sdk, OTHER_APP.appId), look(ours, DEFAULT_APP.appId)],
    inject: (fault) => {
      const { simulator } = platform;
      const ids = [OTHER_APP, DEFAULT_APP].map(({ appId }) => simulator.inject({ ...fault, appId } as Fault));
      return () => {
        for (const id of ids) simulator.clear(id);
      };
    },
    until: async (look, what) => {
      await eventually(() => look(sdk), `of the SDK: ${what}`);
      await eventually(() => look(ours), `of ours: ${what}`);
    },
  };
}

function alike<Found>([sdk, ours]: readonly [Found, Found]): Found {
  expect(ours).toEqual(sdk);
  return ours;
}

const status = ({ client }: SdkPeer) => {
  const { state, reconnectAttempts } = client.getConnectionStatus();
  return { state, reconnectAttempts };
};

test('a life: idle, connecting, ready, lost, back, closed, and started again, told alike', async () => {
  const { of, inject, until } = await twins();
  expect(alike(of(status))).toEqual({ state: 'idle', reconnectAttempts: 0 });
  expect(alike(of(({ client }) => client.getReconnectInfo()))).toEqual({ lastConnectTime: 0, nextConnectTime: 0 });
  expect(alike(of(({ client }) => client.close()))).toBeUndefined();
  const started = of(({ client, dispatcher }) => client.start({ eventDispatcher: dispatcher }));
  expect(alike(of(status))).toEqual({ state: 'connecting', reconnectAttempts: 0 });
  for (const start of started) expect(await start).toBeUndefined();
  await until(({ told }) => told.includes('ready'), 'ready');
  expect(alike(of(status))).toEqual({ state: 'connected', reconnectAttempts: 0 });

  const mend = inject({ fault: 'discovery_status', status: 502 });
  inject({ fault: 'drop_socket' });
  await until(({ told }) => told.includes('reconnecting'), 'reconnecting');
  expect(alike(of(({ state }) => state))).toBe('reconnecting');
  mend();
  await until(({ told }) => told.includes('reconnected'), 'reconnected');
  expect(alike(of(status))).toEqual({ state: 'connected', reconnectAttempts: 0 });

  expect(alike(of(({ client }) => client.close()))).toBeUndefined();
  expect(alike(of(status))).toEqual({ state: 'idle', reconnectAttempts: 0 });
  expect(alike(of(({ client }) => client.close({ force: true })))).toBeUndefined();
  const again = of(({ client, dispatcher }) => client.start({ eventDispatcher: dispatcher }));
  // Once it was up, the SDK says so for life.
  expect(alike(of(({ state }) => state))).toBe('reconnecting');
  await Promise.all(again);
  await until(({ told }) => told.length === 4, 'ready again');
  expect(alike(of(({ told }) => told))).toEqual(['ready', 'reconnecting', 'reconnected', 'ready']);
});

const circular: Record<string, unknown> = {};
circular.self = circular;
const RESULTS: readonly (readonly [string, () => unknown])[] = [
  ['nothing', () => undefined],
  ['null', () => null],
  ['zero', () => 0],
  ['an empty text', () => ''],
  ['false', () => false],
  ['a text', () => 'done'],
  ['a number', () => 7],
  ['true', () => true],
  ['an empty object', () => ({})],
  ['a list', () => [1]],
  ['a promise', async () => ({ seen: 1 })],
  ['Chinese', () => ({ toast: { content: '已批准' } })],
  ['what throws', () => raise(new Error('no database'))],
  ['what throws a text', () => raise('no database')],
  ['what rejects', () => Promise.reject(new Error('no database'))],
  ['what JSON cannot hold', () => circular],
  ['a function', () => () => {}],
];

function raise(error: unknown): never {
  throw error;
}

test('acks: whatever a handler of an event or of a callback does, the platform is told the same', async () => {
  const results = new Map<string, () => unknown>();
  const handle = (event: SdkEvent) => results.get(String(event.event_id))?.();
  const { platform, of } = await twins(() => ({ handlers: { [MESSAGE]: handle, 'card.action.trigger': handle } }));
  await Promise.all(of((twin) => twin.connect()));
  for (const [what, result] of RESULTS) {
    for (const draft of [messageEvent, cardActionEvent]) {
      const sent = of((_twin, appId) => {
        const event = platform.simulator.send(draft(), { appId });
        results.set(event.eventId, result);
        return event;
      });
      for (const event of sent) await eventually(() => event.acks.length > 0, `an ack for ${what}`);
      const [sdk, ours] = sent.map(({ acks, result: answer }) => ({ code: acks[0]?.code, answer }));
      expect(ours, `${what}, ${draft.name}`).toEqual(sdk);
    }
  }
});

test('acks: version 1.0, and a dispatcher with a key and a verification token, are no different', async () => {
  const { platform, sdk, ours, of, until } = await twins();
  const dispatchers = of(
    ({ handled }): SdkEventDispatcher =>
      new EventDispatcher({ encryptKey: 'a-key', verificationToken: 'a-token', loggerLevel: 1 }).register({
        [MESSAGE]: (event: SdkEvent) => void handled.push(event),
        message: (event: SdkEvent) => void handled.push(event),
      }),
  );
  await sdk.client.start({ eventDispatcher: dispatchers[0] });
  await ours.client.start({ eventDispatcher: dispatchers[1] });
  await until(({ told }) => told.includes('ready'), 'ready');
  for (const draft of [messageEvent({ eventId: 'e1' }), version1Event({ uuid: 'u1', text: 'old' })]) {
    await sendToBoth(platform, draft);
  }
  const seen = of(({ handled }) =>
    handled.map(({ event_type, event_id, uuid, text }) => [event_type, event_id, uuid, text]),
  );
  expect(alike(seen)).toEqual([
    [MESSAGE, 'e1', undefined, undefined],
    [undefined, undefined, 'u1', 'old'],
  ]);
});

async function sendToBoth({ simulator }: RealPlatform, draft: EventDraft) {
  const events = [OTHER_APP, DEFAULT_APP].map(({ appId }) => simulator.send(draft, { appId }));
  for (const event of events) await acknowledged(event, event.appId);
  return events;
}

test('F42: a type that nobody handles is acknowledged by both, by ours without a sentence in the answer', async () => {
  const { platform, of } = await twins();
  await Promise.all(of((twin) => twin.connect()));
  const [sdk, ours] = await sendToBoth(platform, customEvent('im.chat.disbanded_v1', {}));
  expect(sdk?.result).toBe('no im.chat.disbanded_v1 event handle');
  expect(ours?.result).toBeNull();
});

test('a dispatcher whose invoke somebody replaced sees every event, as under the SDK', async () => {
  const { platform, sdk, ours, of } = await twins();
  const seen: Record<string, unknown[]> = { sdk: [], ours: [] };
  for (const [name, { dispatcher }] of Object.entries({ sdk, ours })) {
    const invoke = dispatcher.invoke.bind(dispatcher);
    dispatcher.invoke = (envelope, params) => {
      seen[name]?.push([envelope.header.event_type, params]);
      return invoke(envelope, params);
    };
  }
  await Promise.all(of((twin) => twin.connect()));
  await sendToBoth(platform, messageEvent());
  await sendToBoth(platform, customEvent('im.chat.disbanded_v1', {}));
  expect(seen.ours).toEqual(seen.sdk);
  expect(seen.ours).toHaveLength(2);
});

test('a class made of the dispatcher, with an invoke of its own, sees every event too, as under the SDK', async () => {
  const { platform, sdk, ours, until } = await twins();
  const seen: Record<string, unknown[]> = { sdk: [], ours: [] };
  class Recording extends EventDispatcher {
    readonly whose: string;
    constructor(whose: string) {
      super({ loggerLevel: 1 });
      this.whose = whose;
    }
    override register<T>(handles: Parameters<SdkEventDispatcher['register']>[0] & T): this {
      return super.register(handles);
    }
    override async invoke(envelope: never, params?: { needCheck?: boolean }): Promise<unknown> {
      seen[this.whose]?.push((envelope as { header: { event_type: string } }).header.event_type);
      return super.invoke(envelope, params);
    }
  }
  for (const [whose, { client }] of Object.entries({ sdk, ours })) {
    const eventDispatcher = new Recording(whose);
    eventDispatcher.register({ [MESSAGE]: () => {} });
    await client.start({ eventDispatcher });
  }
  await until(({ told }) => told.includes('ready'), 'ready');
  await sendToBoth(platform, messageEvent());
  await sendToBoth(platform, customEvent('im.chat.disbanded_v1', {}));
  expect(seen.ours).toEqual(seen.sdk);
  expect(seen.ours).toEqual([MESSAGE, 'im.chat.disbanded_v1']);
});

test('an object that is only an invoke will do for a dispatcher, as under the SDK', async () => {
  const { platform, sdk, ours, until } = await twins();
  for (const { client } of [sdk, ours]) {
    await client.start({ eventDispatcher: { invoke: async () => ({ seen: 1 }) } as unknown as SdkEventDispatcher });
  }
  await until(({ told }) => told.includes('ready'), 'ready');
  const [toSdk, toUs] = await sendToBoth(platform, cardActionEvent());
  expect(toUs?.result).toEqual(toSdk?.result);
});

test('autoReconnect: false, of a first connect that fails, and of one that is refused: told once, failed', async () => {
  for (const [fault, kind] of [
    [{ fault: 'discovery_status', status: 502 }, 'failed'],
    [{ fault: 'discovery_code', code: 514, message: 'auth failed' }, 'refused'],
  ] as const) {
    const { of, inject, until } = await twins(() => ({ parameters: { autoReconnect: false } }));
    inject(fault);
    await Promise.all(of(({ client, dispatcher }) => client.start({ eventDispatcher: dispatcher })));
    await until(({ state }) => state === 'failed', kind);
    expect(alike(of(({ told }) => told.length))).toBe(1);
    if (kind === 'failed') expect(alike(of(({ told }) => told[0]))).toMatch(/^error .*autoReconnect is disabled$/);
    await Promise.all(of(({ client }) => client.close()));
    expect(alike(of(status))).toEqual({ state: 'failed', reconnectAttempts: 0 });
  }
});

test('F34: autoReconnect: false, of a connection that is lost: neither says a word; the SDK says reconnecting for good', async () => {
  const { of, sdk, ours, inject, until } = await twins(() => ({ parameters: { autoReconnect: false } }));
  await Promise.all(of((twin) => twin.connect()));
  inject({ fault: 'drop_socket' });
  await until(({ state }) => state !== 'connected', 'lost');
  expect(alike(of(({ told }) => told))).toEqual(['ready']);
  await eventually(() => ours.state === 'failed', 'ours says that it is over');
  expect(sdk.state).toBe('reconnecting');
});

test('every start() is answered by onReady, one to a client that is connected too; ours keeps its socket', async () => {
  const { platform, of, until } = await twins();
  await Promise.all(of((twin) => twin.connect()));
  await Promise.all(of(({ client, dispatcher }) => client.start({ eventDispatcher: dispatcher })));
  await until(({ told }) => told.length === 2, 'a second onReady');
  expect(alike(of(({ told }) => told))).toEqual(['ready', 'ready']);
  expect(of((_twin, appId) => platform.count('opened', appId))).toEqual([2, 1]);
  await sendToBoth(platform, messageEvent());
});

test('a first connect that fails is retried, and told by onReady alone', async () => {
  const { of, inject, until } = await twins();
  inject({ fault: 'handshake_refuse', status: 503, times: 1 } as Fault);
  await Promise.all(of(({ client, dispatcher }) => client.start({ eventDispatcher: dispatcher })));
  await until(({ told }) => told.length > 0, 'onReady');
  expect(alike(of(({ told }) => told))).toEqual(['ready']);
  expect(alike(of(status))).toEqual({ state: 'connected', reconnectAttempts: 0 });
});

test('a second start() whose first attempt fails is answered by onReady; the SDK tells of a reconnection instead', async () => {
  const { of, sdk, ours, inject, until } = await twins();
  await Promise.all(of((twin) => twin.connect()));
  of(({ client }) => client.close());
  inject({ fault: 'handshake_refuse', status: 503, times: 1 } as Fault);
  await Promise.all(of(({ client, dispatcher }) => client.start({ eventDispatcher: dispatcher })));
  await until(({ state }) => state === 'connected', 'connected again');
  expect(sdk.told).toEqual(['ready', 'reconnecting', 'reconnected']);
  expect(ours.told).toEqual(['ready', 'ready']);
});

test('F34: the next attempt is told while there is one; the SDK keeps the time of the last', async () => {
  const { of, inject, until } = await twins();
  await Promise.all(of((twin) => twin.connect()));
  inject({ fault: 'drop_socket' });
  await until(({ told }) => told.includes('reconnected'), 'back');
  const [sdk, ours] = of(({ client }) => ({ ...client.getReconnectInfo(), ...client.getConnectionStatus() }));
  expect(sdk?.nextConnectTime).toBeLessThanOrEqual(sdk?.lastConnectTime ?? 0);
  expect(sdk?.nextConnectTime).toBeGreaterThan(0);
  expect(ours?.nextConnectTime).toBe(0);
});

test('a close() from within a callback is the end, and no callback comes after it', async () => {
  for (const callback of ['onReady', 'onReconnecting', 'onReconnected'] as const) {
    const closing: Partial<Record<'sdk' | 'ours', () => void>> = {};
    const { platform, sdk, ours, of, inject, until } = await twins((whose) => ({
      parameters: { [callback]: () => closing[whose]?.() },
    }));
    let closed = 0;
    for (const [whose, { client }] of [
      ['sdk', sdk],
      ['ours', ours],
    ] as const) {
      closing[whose] = () => {
        closed += 1;
        client.close();
      };
    }
    await Promise.all(of(({ client, dispatcher }) => client.start({ eventDispatcher: dispatcher })));
    if (callback !== 'onReady') {
      await until(({ told }) => told.includes('ready'), 'ready');
      inject({ fault: 'drop_socket' });
    }
    await eventually(() => closed === 2, `both closed in ${callback}`);
    expect(alike(of(status))).toEqual({ state: 'idle', reconnectAttempts: 0 });
    await eventually(() => platform.simulator.platform.connections().length === 0, 'both have left');
    const told = ['ready', 'reconnecting', 'reconnected'].filter((name) => `on${name}` !== callback.toLowerCase());
    expect(alike(of((twin) => twin.told))).toEqual(
      told.slice(0, ['onReady', 'onReconnecting', 'onReconnected'].indexOf(callback)),
    );
  }
});

test('a callback that rejects is logged, and ends neither the client nor the process', async () => {
  const platform = await realPlatform();
  const { client, connect, lines } = sdkPeer(platform.url, {
    Client: WSClient,
    parameters: { onReady: () => Promise.reject(new Error('a bug of the user')) },
  });
  await connect();
  await eventually(() => lines.some((line) => line.includes('a callback of WSClient threw')), 'the line');
  expect(client.getConnectionStatus().state).toBe('connected');
});

test('a logger is called with one list of texts, the first of which is [ws]', async () => {
  const calls: Record<'sdk' | 'ours', unknown[][]> = { sdk: [], ours: [] };
  const { of } = await twins((whose) => {
    const info = (...parts: unknown[]) => void calls[whose].push(parts);
    return { parameters: { logger: { error: info, warn: info, info, debug: info, trace: info } } };
  });
  await Promise.all(of((twin) => twin.connect()));
  for (const whose of ['sdk', 'ours'] as const) {
    expect(calls[whose].length).toBeGreaterThan(0);
    for (const parts of calls[whose]) {
      expect(parts, whose).toEqual([expect.arrayContaining(['[ws]'])]);
      for (const part of parts.flat()) expect(part).toBeTypeOf('string');
    }
  }
});

test('an httpInstance is asked in the same way: method, address, and the body as an object', async () => {
  const asked: Record<'sdk' | 'ours', unknown[]> = { sdk: [], ours: [] };
  const { platform, of } = await twins((whose) => {
    const httpInstance: HttpInstance = Object.assign(Object.create(defaultHttpInstance), {
      request: (options: Record<string, unknown>) => {
        const { method, url, data, timeout } = options;
        if (String(url).endsWith('/callback/ws/endpoint')) asked[whose].push({ method, url, data, timeout });
        return defaultHttpInstance.request(options);
      },
    });
    return { parameters: { httpInstance } };
  });
  await Promise.all(of((twin) => twin.connect()));
  const question = ({ appId, appSecret }: typeof DEFAULT_APP) => ({
    method: 'post',
    url: `${platform.url}/callback/ws/endpoint`,
    data: { AppID: appId, AppSecret: appSecret },
    timeout: 15_000,
  });
  expect(asked.sdk).toEqual([question(OTHER_APP)]);
  expect(asked.ours).toEqual([question(DEFAULT_APP)]);
});

test('F25: a close() lets running handlers finish and ack; the SDK drops their acks; force does so in both', async () => {
  for (const force of [false, true]) {
    let open: () => void = () => {};
    const door = new Promise<void>((resolve) => {
      open = resolve;
    });
    let running = 0;
    const handle = () => {
      running += 1;
      return door;
    };
    const { platform, of } = await twins(() => ({ handlers: { [MESSAGE]: handle } }));
    await Promise.all(of((twin) => twin.connect()));
    const [toSdk, toUs] = of((_twin, appId) => platform.simulator.send(messageEvent(), { appId }));
    await eventually(() => running === 2, 'both handlers run');
    of(({ client }) => client.close({ force }));
    expect(alike(of(({ state }) => state))).toBe('idle');
    if (!force) open();
    await eventually(() => platform.simulator.platform.connections().length === 0, 'both have left');
    expect([toSdk?.acks.length, toUs?.acks.map(({ code }) => code)], String(force)).toEqual([0, force ? [500] : [200]]);
    open();
  }
});

test('F21: force cuts a close() short that waits for handlers', async () => {
  const platform = await realPlatform();
  let running = 0;
  const { client, connect } = sdkPeer(platform.url, {
    Client: WSClient,
    handlers: {
      [MESSAGE]: () => {
        running += 1;
        return new Promise(() => {});
      },
    },
  });
  await connect();
  platform.simulator.send(messageEvent());
  await eventually(() => running === 1, 'the handler runs');
  client.close();
  client.close({ force: true });
  const { connector } = client as WSClient;
  await connector?.stop();
  expect(connector?.status().connected.state).toBe('stopped');
});

test('a close() has the last word, also over a start() that waits for an earlier one', async () => {
  const platform = await realPlatform();
  let finish: () => void = () => {};
  let running = 0;
  const handle = () => {
    running += 1;
    return new Promise<void>((resolve) => {
      finish = resolve;
    });
  };
  const { client, connect, dispatcher } = sdkPeer(platform.url, { Client: WSClient, handlers: { [MESSAGE]: handle } });
  await connect();
  platform.simulator.send(messageEvent());
  await eventually(() => running === 1, 'the handler runs');
  client.close();
  const started = client.start({ eventDispatcher: dispatcher });
  client.close();
  finish();
  await started;
  await eventually(() => platform.simulator.platform.connections().length === 0, 'it has left');
  expect(client.getConnectionStatus().state).toBe('idle');
  expect((client as WSClient).connector?.status().connected.state).toBe('stopped');
});

test('a CardActionHandler has a type of its own for start(), and SDKs of another version fit too', async () => {
  const platform = await realPlatform();
  const client: WSClient = new WSClient({ ...DEFAULT_APP, domain: platform.url, loggerLevel: 0 });
  const cards = new CardActionHandler({ loggerLevel: 1 }, () => ({ toast: { content: 'done' } }));
  const eventDispatcher = new EventDispatcher({ loggerLevel: 1 });
  await client.start({ eventDispatcher, cardActionHandler: cards });
  await eventually(() => client.getConnectionStatus().state === 'connected', 'connected');
  const click = platform.simulator.send(cardActionEvent());
  await acknowledged(click, 'the click');
  expect(click.result).toEqual({ toast: { content: 'done' } });
  client.close({ force: true });
});
