import type { WSClient as SdkWSClient } from '@larksuiteoapi/node-sdk';
import type { Logger } from 'pino';
import { createAgentDial } from '../adapters/index.js';
import { type Connector, createConnector } from '../connector.js';
import { ConnectorError } from '../connector-error.js';
import type { ConnectorEvents } from '../connector-events.js';
import { type ConnectorOptions, resolveOptions } from '../connector-options.js';
import { FAILURES } from '../connector-parts.js';
import { createLogger } from '../observe/index.js';
import { toldError } from '../ports/index.js';
import {
  optionsOf,
  type SortedParameters,
  type StartParameters,
  sortParameters,
  type WSClientParameters,
} from './parameters.js';
import { httpOf } from './sdk-http.js';
import { loggerOf } from './sdk-logger.js';
import { Switchboard } from './switchboard.js';

type ConnectionStatus = ReturnType<SdkWSClient['getConnectionStatus']>;

/** How long handlers may finish after `close()`, in milliseconds. The SDK's client lets go of them at once, acks included. */
const CLOSE_DRAIN_MS = 10_000;

/**
 * Its type is the SDK's with more to it, private members included: what is annotated with the SDK's takes this one too.
 * They are in the type alone; nothing has them when it runs.
 */
export interface WSClient extends SdkWSClient {}

/**
 * The official SDK's `WSClient` with this connector inside: the same constructor parameters, callbacks and methods, and
 * the same behaviour except where that lets a connection die unnoticed. docs/migration.md lists each difference.
 *
 * ```ts
 * // import { WSClient } from '@larksuiteoapi/node-sdk';
 * import { WSClient } from 'feishu-connector';
 * ```
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: everything public of the interface is declared here
export class WSClient {
  static {
    // Bots wrap this private method of the SDK's client, unasked whether it is there, so that callbacks in frames of type
    // `card` count as events. Here they do; it is there to be wrapped, and never called.
    Object.defineProperty(WSClient.prototype, 'handleEventData', {
      value: async () => {},
      configurable: true,
      writable: true,
    });
  }

  readonly #parameters: SortedParameters;
  readonly #options: Omit<ConnectorOptions, 'handlers' | 'eventDispatcher'>;
  readonly #logger: Logger;
  #connector: Connector | null = null;
  #switchboard: Switchboard | null = null;
  #isStarted = false;
  /** A start() is not answered by `onReady` yet. */
  #owesReady = false;
  /** In this client's life it was connected once. */
  #hasBeenUp = false;
  #isUp = false;
  /** Ends under way: what the connection does until then is no news to anybody. */
  #closings = 0;
  #hasFailed = false;
  /** An operator's failure was told, and nothing has mended it since. */
  #isRefused = false;
  #lastAttemptAt = 0;
  #retries = 0;

  /**
   * @throws ConnectorError `bad_option` for parameters that can never work: the SDK's client logs a line at `start()` and
   *   stays idle.
   */
  constructor(parameters: WSClientParameters) {
    this.#parameters = sortParameters(parameters);
    const { sdk, unknown } = this.#parameters;
    const logger = loggerOf(sdk);
    this.#options = {
      ...optionsOf(this.#parameters),
      ...(logger !== null && { logger }),
      seams: {
        ...(sdk.httpInstance !== undefined && { http: httpOf(sdk.httpInstance) }),
        ...(sdk.agent !== undefined && { dial: createAgentDial(sdk.agent) }),
        ...parameters.seams,
      },
    };
    this.#logger = logger ?? createLogger();
    resolveOptions({ ...this.#options, handlers: {} });
    if (unknown.length === 0) return;
    // Not refused: the SDK's client takes any, and bots have one object for several things.
    const names = unknown.join(', ');
    this.#logger.warn(
      { app: sdk.appId, parameters: names },
      '[feishu] these parameters of WSClient mean nothing to it',
    );
  }

  /** The connector inside, with its `status()`, `registry`, `client` and events; null before the first `start()`. */
  get connector(): Connector | null {
    return this.#connector;
  }

  /**
   * Starts connecting, and resolves without waiting for the platform, as the SDK's does. Each call is answered by one
   * `onReady`. One to a client that runs brings another dispatcher and opens no second socket: it cuts a wait for the
   * next attempt short, and leaves a living connection alone.
   * @throws ConnectorError `bad_option` without a dispatcher; whatever {@link Connector.start} throws.
   */
  async start(parameters: StartParameters): Promise<void> {
    // Handlers that were not made into a dispatcher would be called by nobody.
    if (typeof parameters?.eventDispatcher?.invoke !== 'function') {
      throw new ConnectorError('bad_option', 'start() needs an eventDispatcher: without one every event is lost');
    }
    if (this.#switchboard === null) this.#switchboard = new Switchboard(parameters);
    else this.#switchboard.connect(parameters);
    this.#connector ??= this.#connect(this.#switchboard);
    const isRunning = this.#isStarted;
    this.#isStarted = true;
    this.#owesReady = true;
    this.#hasFailed = false;
    this.#isRefused = false;
    this.#retries = 0;
    try {
      await this.#connector.start();
    } catch (error) {
      this.#isStarted = false;
      throw error;
    }
    if (!isRunning || !this.#isStarted) return;
    if (this.#isUp) this.#tellUp();
    else this.#connector.reconnect();
  }

  /**
   * Ends the connection with a close frame. Running handlers may finish, so that their acks still go out; `force` cuts
   * them short, after a close() without it too. A later `start()` waits for the end of it.
   */
  close({ force = false }: { readonly force?: boolean } = {}): void {
    if (this.#connector === null) return;
    this.#isStarted = false;
    this.#retries = 0;
    this.#end(this.#connector, force ? 0 : CLOSE_DRAIN_MS);
  }

  /** Epoch milliseconds of the latest attempt and of the next one, 0 where there is none. */
  getReconnectInfo(): { lastConnectTime: number; nextConnectTime: number } {
    return { lastConnectTime: this.#lastAttemptAt, nextConnectTime: this.#connector?.status().attempts.nextAt ?? 0 };
  }

  /** The state in the SDK's words. `connected` is said of a proven connection alone; `failed` only where `autoReconnect` is off. */
  getConnectionStatus(): ConnectionStatus {
    const { lastConnectTime, nextConnectTime } = this.getReconnectInfo();
    return {
      state: this.#state(),
      ...(lastConnectTime !== 0 && { lastConnectTime }),
      ...(nextConnectTime !== 0 && { nextConnectTime }),
      reconnectAttempts: this.#retries,
    };
  }

  #state(): ConnectionStatus['state'] {
    if (this.#hasFailed) return 'failed';
    if (!this.#isStarted) return 'idle';
    if (this.#isUp) return 'connected';
    return this.#hasBeenUp ? 'reconnecting' : 'connecting';
  }

  #connect(eventDispatcher: Switchboard): Connector {
    const connector = createConnector({ ...this.#options, eventDispatcher });
    connector.on('state', (change) => this.#onState(change));
    connector.on('attempt', (told) => this.#onAttempt(told));
    return connector;
  }

  #onState({ to }: ConnectorEvents['state']): void {
    const { onReconnecting, autoReconnect = true } = this.#parameters.sdk;
    if (this.#closings > 0) return;
    const wasUp = this.#isUp;
    this.#isUp = to === 'connected' || to === 'suspect';
    if (this.#isUp && !wasUp) {
      this.#hasBeenUp = true;
      this.#isRefused = false;
      this.#retries = 0;
      this.#tellUp();
      return;
    }
    if (this.#isUp || to === 'stopped') return;
    // Until the start is answered nobody has heard of a connection that could come back.
    if (wasUp && autoReconnect && !this.#owesReady) this.#tell(onReconnecting);
    if (!autoReconnect && (wasUp || to === 'waiting')) this.#giveUp();
  }

  #tellUp(): void {
    const { onReady, onReconnected } = this.#parameters.sdk;
    const callback = this.#owesReady ? onReady : onReconnected;
    this.#owesReady = false;
    this.#tell(callback);
  }

  #onAttempt(told: ConnectorEvents['attempt']): void {
    if (told.phase === 'started') {
      this.#lastAttemptAt = told.at;
      if (told.isReconnect && !this.#isUp) this.#retries += 1;
    } else if (told.verdict === 'operator' && !this.#isRefused && this.#isStarted) {
      // The SDK's client stops here. This one goes on, slowly, and says once what a human has to mend.
      this.#isRefused = true;
      const error = new ConnectorError(told.failure, `${told.detail}. ${FAILURES[told.failure].help}`);
      this.#tell(() => this.#parameters.sdk.onError?.(error));
    }
  }

  /** Asked for by `autoReconnect: false`, and by nothing else. */
  #giveUp(): void {
    const { onError } = this.#parameters.sdk;
    // Of a connection that was up the SDK's client says nothing either, and of a refusal the reason alone.
    const isTold = !this.#owesReady || this.#isRefused;
    this.#isStarted = false;
    this.#hasFailed = true;
    if (this.#connector !== null) this.#end(this.#connector, CLOSE_DRAIN_MS);
    if (isTold) return;
    this.#tell(() => onError?.(new Error('WebSocket connect failed and autoReconnect is disabled')));
  }

  #end(connector: Connector, drainMs: number): void {
    this.#isUp = false;
    this.#closings += 1;
    const closed = () => {
      this.#closings -= 1;
    };
    connector.stop({ drainMs }).then(closed, (error: unknown) => {
      closed();
      this.#logger.error({ app: connector.app, err: toldError(error) }, '[feishu] the client did not close cleanly');
    });
  }

  #tell(callback: (() => unknown) | undefined): void {
    const failed = (error: unknown) =>
      this.#logger.error({ err: toldError(error) }, '[feishu] a callback of WSClient threw');
    try {
      const told = callback?.();
      // Nobody awaits it: what it rejects with would end the process.
      if (told instanceof Promise) told.catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}
