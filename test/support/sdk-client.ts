import { Client, EventDispatcher, LoggerLevel, WSClient } from '@larksuiteoapi/node-sdk';
import { onTestFinished } from 'vitest';
import type { WSClientParameters } from '../../src/index.js';
import { type AppCredentials, DEFAULT_APP } from '../../src/simulator/index.js';
import { eventually } from './eventually.js';

/** What a handler of the SDK gets, as far as tests look at it: header and event merged flat. */
export interface SdkEvent {
  readonly event_id?: string;
  readonly [field: string]: unknown;
}

type SdkHandler = (event: SdkEvent) => unknown;

export interface SdkOptions {
  readonly app?: AppCredentials;
  /** Default: one that takes messages and remembers them. */
  readonly handlers?: Readonly<Record<string, SdkHandler>>;
  /** Further parameters of `WSClient`. */
  readonly parameters?: Partial<WSClientParameters>;
  /** Whose client it is. Default: the SDK's. */
  readonly Client?: typeof WSClient;
}

/** The official SDK's own long-connection client, or ours in its place, with everything that it says; closed with the test. */
export interface SdkPeer {
  readonly client: WSClient;
  readonly dispatcher: EventDispatcher;
  /** Messages that the default handler got. */
  readonly handled: SdkEvent[];
  /** `level text`, as its logger got them. */
  readonly lines: string[];
  /** Callbacks in order: `ready`, `error …`, `reconnecting`, `reconnected`. */
  readonly told: string[];
  readonly state: string;
  says(text: string): boolean;
  /** Starts, and waits until it calls itself connected. */
  connect(): Promise<void>;
}

export function sdkPeer(
  url: string,
  { app = DEFAULT_APP, handlers, parameters, Client: Chosen = WSClient }: SdkOptions = {},
): SdkPeer {
  const handled: SdkEvent[] = [];
  const lines: string[] = [];
  const told: string[] = [];
  const logger = sdkLogger(lines);
  const dispatcher = sdkDispatcher(handlers ?? { 'im.message.receive_v1': (event) => void handled.push(event) }, lines);
  const client = new Chosen({
    ...app,
    domain: url,
    logger,
    loggerLevel: LoggerLevel.debug,
    onReady: () => told.push('ready'),
    onError: (error) => told.push(`error ${error.message}`),
    onReconnecting: () => told.push('reconnecting'),
    onReconnected: () => told.push('reconnected'),
    ...parameters,
  });
  onTestFinished(() => client.close({ force: true }));
  const peer: SdkPeer = {
    client,
    dispatcher,
    handled,
    lines,
    told,
    get state() {
      return client.getConnectionStatus().state;
    },
    says: (text) => lines.some((line) => line.includes(text)),
    connect: async () => {
      await client.start({ eventDispatcher: dispatcher });
      await eventually(() => peer.state === 'connected', 'the SDK is connected');
    },
  };
  return peer;
}

export function sdkDispatcher(handlers: Readonly<Record<string, SdkHandler>>, lines: string[] = []): EventDispatcher {
  return new EventDispatcher({ logger: sdkLogger(lines), loggerLevel: LoggerLevel.debug }).register(handlers);
}

/** The official SDK's own API client, with its own token handling. */
export function sdkApi(url: string): Client {
  return new Client({ ...DEFAULT_APP, domain: url, logger: sdkLogger([]), loggerLevel: LoggerLevel.error });
}

/** A text message to a chat, as the SDK's `im.message.create` takes it. */
export function textMessage(text: string) {
  return {
    params: { receive_id_type: 'chat_id' as const },
    data: { receive_id: 'oc_1', msg_type: 'text', content: JSON.stringify({ text }) },
  };
}

/** Keeps the SDK off the console. */
function sdkLogger(lines: string[]) {
  const write =
    (level: string) =>
    (...parts: unknown[]): void =>
      void lines.push(`${level} ${parts.flat().map(String).join(' ')}`);
  return {
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: write('debug'),
    trace: write('trace'),
  };
}
