import type { Logger } from 'pino';
import type { Connector } from '../connector.js';
import { openJournalStore, resolveJournalOptions } from '../connector-journal.js';
import type { ConnectorOptions } from '../connector-options.js';
import { type Clock, firstLineOf } from '../ports/index.js';
import type { AppConfig } from './config.js';
import type { SurfaceApp } from './http-surface.js';
import type { WatchedApp } from './outage-watch.js';
import { Recording } from './page/index.js';
import { isSame, type PreparedApp, type UnpreparedApp } from './prepared-app.js';
import { UnstartedError } from './readiness.js';

/** What the daemon uses of a connector. */
export type AppConnector = Pick<
  Connector,
  'app' | 'appId' | 'start' | 'stop' | 'dispose' | 'status' | 'reconnect' | 'catchUp' | 'deadLetters' | 'on'
>;

export interface RunningAppParts {
  readonly createConnector: (options: ConnectorOptions) => AppConnector;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Whether the platform answers somebody who comes new. */
  readonly probe: (app: AppConfig, signal: AbortSignal) => Promise<boolean>;
}

/**
 * An app that is wanted, whether it runs or is tried again: its connector, once one could be created, and what is
 * remembered of it. One that cannot start, or not even be created, stays in view: not connected, and not ready.
 */
export class RunningApp {
  #prepared: PreparedApp | UnpreparedApp;
  readonly #parts: RunningAppParts;
  readonly #recording: Recording;
  #connector: AppConnector | null = null;
  #hasStarted = false;
  /** Why the latest start was in vain; null if none was. */
  #failure: string | null = null;
  #isEnded = false;

  constructor(prepared: PreparedApp | UnpreparedApp, parts: RunningAppParts) {
    this.#prepared = prepared;
    this.#parts = parts;
    if ('failure' in prepared) this.#failure = firstLineOf(prepared.failure);
    const { app } = prepared.config;
    this.#recording = new Recording(parts.clock, (err) =>
      parts.logger.warn(
        { app, err },
        '[feishu] the past that the status page shows could not be kept; events are not concerned',
      ),
    );
  }

  get config(): AppConfig {
    return this.#prepared.config;
  }

  /** Whether a connector could be made of it. */
  get isCreated(): boolean {
    return this.#connector !== null;
  }

  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** Whether it runs as the next configuration wants it. */
  runsAs(next: PreparedApp): boolean {
    return this.#hasStarted && 'options' in this.#prepared && isSame(this.#prepared, next);
  }

  /** Rejects with whatever keeps it from being created or started; then it may be tried again. */
  async launch(): Promise<void> {
    try {
      await this.#launch();
      this.#failure = null;
    } catch (error) {
      this.#failure = firstLineOf(error);
      throw error;
    }
  }

  async #launch(): Promise<void> {
    const prepared = 'options' in this.#prepared ? this.#prepared : await this.#prepared.prepare();
    // A module may take its time: nobody waits for it who stops.
    if (this.#isEnded) throw new Error('it was stopped before its handlers were loaded');
    this.#prepared = prepared;
    this.#connector ??= this.#create(prepared.options);
    await this.#connector.start();
    this.#hasStarted = true;
  }

  /** An operator's word that an attempt is worth it now. */
  reconnect(): void {
    this.#connector?.reconnect();
  }

  /** For an app that ends with the process. Its series stay: a last scrape must not read as an app that never was. Never rejects. */
  stop(drainMs: number): Promise<void> {
    return this.#end(() => this.#connector?.stop({ drainMs }));
  }

  /** For an app that goes while the process stays. Never rejects. */
  dispose(drainMs: number): Promise<void> {
    return this.#end(() => this.#connector?.dispose({ drainMs }));
  }

  /** How the HTTP surface sees it. */
  get view(): SurfaceApp {
    const { config } = this.#prepared;
    return {
      app: config.app,
      appId: config.appId,
      status: () => {
        // Its connector stands still for a reason of its own: that says nothing about the loop of this process.
        if (this.#failure !== null) throw new UnstartedError(this.#failure);
        return this.#created().status();
      },
      reconnect: () => this.#created().reconnect(),
      catchUp: (span) => this.#created().catchUp(span),
      history: this.#recording.history,
      lately: this.#recording.lately,
      deadLetters: config.journal === undefined ? null : () => this.#created().deadLetters,
    };
  }

  /** How the watch over outages sees it. Null without a connector: it is in no outage, as it never was connected. */
  get watched(): WatchedApp | null {
    const connector = this.#connector;
    if (connector === null) return null;
    const { config } = this.#prepared;
    return {
      app: config.app,
      status: () => connector.status(),
      reconnect: () => void connector.reconnect(),
      probe: (signal) => this.#parts.probe(config, signal),
    };
  }

  #create(options: ConnectorOptions): AppConnector {
    const connector = this.#parts.createConnector({ ...options, ...this.#seams() });
    // From the first report on.
    this.#recording.follow(connector);
    return connector;
  }

  /** Where there is a journal, what the status page shows of the past is kept beside it. */
  #seams(): Pick<ConnectorOptions, 'seams'> {
    const { journal } = this.#prepared.config;
    if (journal === undefined) return {};
    return { seams: { store: this.#recording.keptIn(() => openJournalStore(resolveJournalOptions(journal))) } };
  }

  #created(): AppConnector {
    if (this.#connector === null) throw new UnstartedError(this.#failure ?? 'it is about to');
    return this.#connector;
  }

  async #end(end: () => Promise<void> | undefined): Promise<void> {
    this.#isEnded = true;
    try {
      await end();
    } catch (error) {
      // One that cannot stop must not keep the others from stopping.
      this.#parts.logger.error({ app: this.config.app, err: error }, '[feishu] an app did not stop cleanly');
    }
  }
}
