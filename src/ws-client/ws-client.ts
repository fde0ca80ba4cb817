import type { WSClient as SdkWSClient } from '@larksuiteoapi/node-sdk';
import type { Logger } from 'pino';
import { createAgentDial } from '../adapters/index.js';
import { type Connector, createConnector } from '../connector.js';
import { ConnectorError } from '../connector-error.js';
import type { ConnectorEvents } from '../connector-events.js';
import { type ConnectorOptions, resolveOptions } from '../connector-options.js';
import { createLogger } from '../observe/index.js';
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
 * The official SDK's `WSClient` with this connector inside: the same constructor parameters, callbacks and methods, and
 * the same behaviour except where that lets a connection die unnoticed. docs/migration.md lists each difference.
 *
 * ```ts
 * // import { WSClient } from '@larksuiteoapi/node-sdk';
 * import { WSClient } from 'feishu-connector';
 * ```
 */
export class WSClient {
  readonly #parameters: SortedParameters;
  readonly #options: Omit<ConnectorOptions, 'handlers' | 'eventDispatcher'>;
  readonly #logger: Logger;
  #connector: Connector | null = null;
  #switchboard: Switchboard | null = null;
  #isStarted = false;
  /** Of this start: it was connected once. */
  #hasBeenUp = false;
  #isUp = false;
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
    const { sdk } = this.#parameters;
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
  }

  /** The connector inside, with its `status()`, `registry`, `client` and events; null before the first `start()`. */
  get connector(): Connector | null {
    return this.#connector;
  }

  /**
   * Starts connecting, and resolves without waiting for the platform, as the SDK's does. A second call brings another
   * dispatcher and opens no second socket.
   * @throws ConnectorError `bad_option` without a dispatcher; whatever {@link Connector.start} throws.
   */
  async start(parameters: StartParameters): Promise<void> {
    if (!parameters?.eventDispatcher) {
      throw new ConnectorError('bad_option', 'start() needs an eventDispatcher: without one every event is lost');
    }
    if (this.#switchboard === null) this.#switchboard = new Switchboard(parameters);
    else this.#switchboard.connect(parameters);
    this.#connector ??= this.#connect(this.#switchboard);
    if (!this.#isStarted) {
      this.#isStarted = true;
      this.#hasBeenUp = false;
      this.#hasFailed = false;
      this.#isRefused = false;
      this.#retries = 0;
    }
    try {
      await this.#connector.start();
    } catch (error) {
      this.#isStarted = false;
      throw error;
    }
  }

  /**
   * Ends the connection with a close frame. Running handlers may finish, so that their acks still go out; `force` cuts
   * them short. A later `start()` waits for the end of it.
   */
  close({ force = false }: { readonly force?: boolean } = {}): void {
    if (this.#connector === null) return;
    this.#isStarted = false;
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
    const { onReady, onReconnecting, onReconnected, autoReconnect = true } = this.#parameters.sdk;
    const wasUp = this.#isUp;
    this.#isUp = to === 'connected' || to === 'suspect';
    if (this.#isUp && !wasUp) {
      const isFirst = !this.#hasBeenUp;
      this.#hasBeenUp = true;
      this.#isRefused = false;
      this.#retries = 0;
      this.#tell(isFirst ? onReady : onReconnected);
      return;
    }
    if (!this.#isStarted || this.#isUp || to === 'stopped') return;
    if (wasUp && autoReconnect) this.#tell(onReconnecting);
    if (!autoReconnect && (wasUp || to === 'waiting')) this.#giveUp();
  }

  #onAttempt(told: ConnectorEvents['attempt']): void {
    if (told.phase === 'started') {
      this.#lastAttemptAt = told.at;
      if (told.isReconnect && !this.#isUp) this.#retries += 1;
    } else if (told.verdict === 'operator' && !this.#isRefused) {
      // The SDK's client stops here. This one goes on, slowly, and says once what a human has to mend.
      this.#isRefused = true;
      this.#tell(() => this.#parameters.sdk.onError?.(new ConnectorError(told.failure, told.detail)));
    }
  }

  /** Asked for by `autoReconnect: false`, and by nothing else. */
  #giveUp(): void {
    const { onError } = this.#parameters.sdk;
    const isFirst = !this.#hasBeenUp;
    this.#isStarted = false;
    this.#hasFailed = true;
    if (this.#connector !== null) this.#end(this.#connector, CLOSE_DRAIN_MS);
    if (!isFirst) return;
    this.#tell(() => onError?.(new Error('WebSocket connect failed and autoReconnect is disabled')));
  }

  #end(connector: Connector, drainMs: number): void {
    connector.stop({ drainMs }).catch((error: unknown) => {
      this.#logger.error({ app: connector.app, err: error }, '[feishu] the client did not close cleanly');
    });
  }

  #tell(callback: (() => void) | undefined): void {
    try {
      callback?.();
    } catch (error) {
      this.#logger.error({ err: error }, '[feishu] a callback of WSClient threw');
    }
  }
}
