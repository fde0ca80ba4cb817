import type { Client } from '@larksuiteoapi/node-sdk';
import type { Logger } from 'pino';
import type { FeishuEvent, HandlerContext, Running } from './delivery/index.js';

/** Where the parts of a context come from. */
export interface ContextSource {
  /** The operator's name for the app. */
  readonly app: string;
  /** Read when a handler first asks for it, since to make it loads the SDK. */
  readonly client: Client;
  readonly logger: Logger;
}

/**
 * What a handler gets besides its event, each part made when it is first looked at. Most handlers look at one, many at
 * none, and to make a child logger and a signal for each event was measured as a sixth of what an event cost.
 */
export class ConnectorContext implements HandlerContext<Client> {
  readonly #source: ContextSource;
  readonly #event: FeishuEvent;
  readonly #run: Running;
  #logger: Logger | null = null;

  constructor(source: ContextSource, event: FeishuEvent, run: Running) {
    this.#source = source;
    this.#event = event;
    this.#run = run;
  }

  get attempt(): number {
    return this.#run.attempt;
  }

  get client(): Client {
    return this.#source.client;
  }

  get signal(): AbortSignal {
    return this.#run.signal;
  }

  get logger(): Logger {
    const { app, logger } = this.#source;
    const { id, type } = this.#event;
    this.#logger ??= logger.child({ app, event_id: id, event_type: type });
    return this.#logger;
  }
}
