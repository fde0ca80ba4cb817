import type { Client } from '@larksuiteoapi/node-sdk';
import { type ConnectorOptions, checked } from './connector-options.js';
import { COMMON_EVENT_TYPES, type Dispatcher, handlersDispatcher, sdkDispatcher } from './delivery/index.js';
import type { Clock, ReportSink } from './ports/index.js';
import type { SinkHealth, SinkKind, SinkLike, SinkReport } from './sinks/index.js';

const STOP_LIMIT_MS = 10_000; // as long as handlers have: what is under way there may still be confirmed

/**
 * Where the app's events go: the handlers, the SDK's dispatcher or the sink of the options, whichever was given. Only a
 * sink has a life of its own; for the others start and stop are nothing.
 */
export class Destination {
  readonly dispatcher: Dispatcher<Client>;
  readonly #sink: SinkLike<Client> | null;

  /** @throws ConnectorError `bad_option` if a handler is no function. */
  constructor({ sink, eventDispatcher, handlers }: ConnectorOptions) {
    this.#sink = sink ?? null;
    if (sink) this.dispatcher = sink;
    else if (eventDispatcher) this.dispatcher = sdkDispatcher(eventDispatcher);
    else this.dispatcher = checked(() => handlersDispatcher(handlers ?? {}));
  }

  /** Null for handlers of this process and for dispatchers of somebody else's. */
  get kind(): SinkKind | null {
    return this.#sink?.kind ?? null;
  }

  /** The event types that metrics and spans tell apart; all others are `other`. */
  countedTypes(): readonly string[] {
    const { eventTypes } = this.dispatcher;
    return this.dispatcher.handles('*') ? [...new Set([...eventTypes, ...COMMON_EVENT_TYPES])] : eventTypes;
  }

  /** What is known of the other side; null where nobody knows. */
  health(): SinkHealth | null {
    return this.#sink?.health?.() ?? null;
  }

  /** @returns Ends that; undefined where there is nothing to hear. */
  subscribe(listener: ReportSink<SinkReport>): (() => void) | undefined {
    return this.#sink?.subscribe?.(listener);
  }

  /** Undefined where nothing is to be started. Never throws: ours do not fail, and one of somebody else's that does rejects. */
  start(): Promise<void> | undefined {
    const sink = this.#sink;
    if (sink?.start === undefined) return undefined;
    return (async () => sink.start?.())();
  }

  /**
   * Never rejects. Ours end in time; one of somebody else's that fails or hangs must keep nothing of ours alive.
   * @param failed Told why it did not stop cleanly.
   */
  stop(clock: Clock, failed: (error: unknown) => void): Promise<void> {
    const sink = this.#sink;
    if (sink?.stop === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const limit = clock.timer(STOP_LIMIT_MS, () => {
        failed(new Error(`it did not stop within ${STOP_LIMIT_MS} ms`));
        resolve();
      });
      Promise.resolve()
        .then(() => sink.stop?.())
        .catch(failed)
        .then(() => {
          limit.cancel();
          resolve();
        });
    });
  }
}
