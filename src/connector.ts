import type { Client } from '@larksuiteoapi/node-sdk';
import type { Logger } from 'pino';
import { lookoutPolicyOf } from './connector-catchup.js';
import type { ContextSource } from './connector-context.js';
import { credentialsOf } from './connector-credentials.js';
import { Destination } from './connector-destination.js';
import { ConnectorError } from './connector-error.js';
import { type ConnectorEvents, type Listener, Listeners } from './connector-events.js';
import { Facts } from './connector-facts.js';
import { Observation } from './connector-observation.js';
import { type ConnectorOptions, type ResolvedOptions, resolveOptions } from './connector-options.js';
import { readStatus } from './connector-reading.js';
import { untilConnected } from './connector-ready.js';
import { clockOf, Rim } from './connector-rim.js';
import { Rooms } from './connector-rooms.js';
import type { ConnectorStatus } from './connector-status.js';
import type { DeadLetters } from './delivery/index.js';
import type { MetricsRegistry } from './observe/index.js';
import { momentOf, toldError } from './ports/index.js';
import { createSdkClient } from './token/index.js';

/** How a connector stops. */
export interface StopOptions {
  /** How long running handlers may finish, in milliseconds. Default 10,000; then their signals are aborted. */
  readonly drainMs?: number;
}

/** How long to wait for `connected`. */
export interface ReadyOptions {
  /** Longest wait, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
  /** Gives up the wait, and nothing else; `ready` rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** The time that an operator asks for again. */
export interface CatchUpOptions {
  /** Epoch milliseconds. Default: as far back as messages that were handled are known again. */
  readonly from?: number;
  /** Epoch milliseconds. Default: now. */
  readonly to?: number;
}

const DEFAULT_DRAIN_MS = 10_000; // what process supervisors commonly leave between SIGTERM and SIGKILL, minus the close
const DEFAULT_READY_MS = 30_000;

/**
 * The connector of one app: it keeps one long connection to the platform for as long as it runs, hands events to your
 * handlers, keeps the tenant token, and tells the truth about itself in metrics, spans, logs and {@link status}.
 * @throws ConnectorError `bad_option` if the options cannot be used; nothing has started then.
 */
export function createConnector(options: ConnectorOptions): Connector {
  return new Connector(options);
}

/** One app's connector, as {@link createConnector} makes it. */
export class Connector {
  /** The prom-client registry that holds this connector's metrics: yours, if you passed one. */
  readonly registry: MetricsRegistry;
  readonly #options: ConnectorOptions;
  readonly #resolved: ResolvedOptions;
  readonly #observation: Observation;
  readonly #facts = new Facts();
  readonly #listeners: Listeners;
  readonly #rim: Rim;
  readonly #destination: Destination;
  readonly #rooms: Rooms;
  /** Ends what we hear of the sink. */
  readonly #unsubscribe: (() => void) | undefined;
  #client: Client | null = null;
  #isRunning = false;
  /** What the latest call of {@link start} or {@link stop} asked for. */
  #isWanted = false;
  #opening: Promise<void> | null = null;
  #stopping: Promise<void> | null = null;
  /** When {@link reconnect} last reached the token keeper, in monotonic milliseconds. */
  #urgedAt = Number.NEGATIVE_INFINITY;

  constructor(options: ConnectorOptions) {
    const resolved = resolveOptions(options);
    const credentials = credentialsOf(options);
    const destination = new Destination(options);
    const { seams = {} } = options;
    const { app } = resolved;
    const lookoutPolicy = lookoutPolicyOf(resolved.catchup, destination.dispatcher);
    this.#options = options;
    this.#resolved = resolved;
    this.#destination = destination;
    this.#observation = new Observation({
      options,
      resolved,
      destination,
      lookoutPolicy,
      budget: () => this.#rooms.lookout?.snapshot().budget ?? null,
      clock: clockOf(seams),
    });
    const { registry, logger, spans, observer } = this.#observation;
    this.registry = registry;
    this.#listeners = new Listeners((name, error) => {
      logger.error({ app, event: name, err: toldError(error) }, '[feishu] a listener of connector.on threw');
    });
    this.#unsubscribe = destination.subscribe((report, moment) => {
      observer.onSink(report, moment);
      this.#listeners.tellReport({ room: 'sinks', report }, moment);
    });
    this.#rim = new Rim(seams, resolved, (call, moment) => observer.onHttp(call, moment));
    this.#rooms = new Rooms({
      options,
      resolved,
      credentials,
      destination,
      lookoutPolicy,
      rim: this.#rim,
      spans,
      facts: this.#facts,
      observer,
      listeners: this.#listeners,
      contextSource: contextSourceOf(this, logger),
    });
  }

  /** The operator's name for the app, see {@link ConnectorOptions.app}. */
  get app(): string {
    return this.#resolved.app;
  }

  get appId(): string {
    return this.#resolved.appId;
  }

  /**
   * The official SDK's `Client`, whose tenant token is ours: refreshed ahead of time, repeated once where the platform
   * calls it invalid. The SDK is loaded when this is first read.
   */
  get client(): Client {
    const { appSecret } = this.#options;
    this.#client ??= createSdkClient({
      appId: this.#resolved.appId,
      domain: this.#resolved.baseUrl,
      keeper: this.#rooms.keeper,
      logger: this.#observation.logger,
      agents: this.#rim.agents,
      called: (route) => this.#rooms.lookout?.countCall(route),
      ...(typeof appSecret === 'string' && { appSecret }),
    });
    return this.#client;
  }

  /**
   * The events that were given up, while the connector runs: to list, show, replay and drop.
   * @throws ConnectorError `journal_unusable` without a journal, or while it is not open.
   */
  get deadLetters(): DeadLetters {
    try {
      return this.#rooms.pipeline.deadLetters;
    } catch (error) {
      throw new ConnectorError('journal_unusable', error instanceof Error ? error.message : String(error));
    }
  }

  /**
   * Opens the journal, if there is one, and starts connecting, and everything that belongs to it. Resolves once it runs
   * and never waits for the platform: use {@link ready} for that. Does nothing if it runs already; waits for a stop that
   * is under way, and leaves it at that if {@link stop} is called again meanwhile.
   * @throws ConnectorError `journal_unusable` if the journal cannot be opened; Node's own error if the package `ws` is not
   *   there. Nothing runs then.
   */
  async start(): Promise<void> {
    this.#isWanted = true;
    while (this.#stopping) await this.#stopping;
    if (!this.#isWanted) return;
    // Where nothing is to be opened nothing is awaited from here on: it runs when the call returns.
    const loading = this.#isRunning ? null : (this.#rim.seams.dial.prepare?.() ?? null);
    if ((loading !== null || this.#resolved.journal !== null) && !this.#isRunning) {
      this.#opening ??= this.#open(loading).finally(() => {
        this.#opening = null;
      });
      await this.#opening;
    }
    if (this.#isRunning) return;
    this.#isRunning = true;
    const sink = this.#rooms.start();
    if (sink === undefined) return;
    try {
      await sink;
    } catch (error) {
      // Ours never fail. One of somebody else's that does leaves nobody to take events.
      await this.stop({ drainMs: 0 });
      throw error;
    }
  }

  /**
   * Resolves as soon as the Connection is `connected`: 101 and a pong.
   * @throws ConnectorError `not_ready` when the time is up, with the latest Failure as its cause; `stopped` if it is
   *   stopped meanwhile. The signal's reason if that aborts.
   */
  ready({ timeoutMs = DEFAULT_READY_MS, signal }: ReadyOptions = {}): Promise<void> {
    return untilConnected(timeoutMs, signal, {
      clock: this.#rim.seams.clock,
      status: () => this.status(),
      onState: (listener) => this.on('state', listener),
    });
  }

  /**
   * Lets running handlers finish within `drainMs`, so that their acks still go out, then closes the socket with a close
   * frame and lets go of every timer. It can be started again. A further call may cut the wait short, and never prolongs it.
   */
  async stop({ drainMs = DEFAULT_DRAIN_MS }: StopOptions = {}): Promise<void> {
    this.#isWanted = false;
    if (this.#stopping) {
      if (this.#opening) await this.#untilOpened();
      this.#rooms.hasten(drainMs);
      return this.#stopping ?? undefined;
    }
    if (!this.#isRunning && !this.#opening) return;
    this.#stopping = this.#stop(drainMs).finally(() => {
      this.#stopping = null;
    });
    return this.#stopping;
  }

  /** Stops, and takes this app's series out of the registry: for an app that is removed while the process goes on. */
  async dispose(options: StopOptions = {}): Promise<void> {
    await this.stop(options);
    this.#unsubscribe?.();
    this.#observation.withdraw();
  }

  /**
   * An operator's word that an attempt is worth it now: cuts a wait short, unless waits were cut in vain lately; then
   * the pause of the policy's `evidencePause` comes first. A living connection is left alone. A failing token is asked
   * for again too, as long as the last such word is that policy's `initialMs` ago.
   * @returns Whether the wait for the next attempt got shorter.
   */
  reconnect(): boolean {
    const { team, keeper } = this.#rooms;
    const { whole: before } = team;
    const now = this.#rim.seams.clock.now();
    // The keeper itself takes a nudge a second: fine for facts, too much for an operator's script that loops.
    if (now - this.#urgedAt >= this.#resolved.connection.evidencePause.initialMs) {
      this.#urgedAt = now;
      keeper.nudge();
    }
    team.offer('operator');
    const { whole: after } = team;
    return before.retryAt !== null && (after.retryAt === null || after.retryAt < before.retryAt);
  }

  /**
   * An operator's word that messages of this time may be missing: the history of the bot's chats is read, and what was
   * never handled is. What became of it is told by `gap`, under the number that is returned.
   * @throws ConnectorError `bad_option` for times that are no span, and where catch-up is switched off; `stopped` while the
   *   connector does not run.
   */
  catchUp({ from, to }: CatchUpOptions = {}): number {
    const { catchup } = this.#resolved;
    const { lookout } = this.#rooms;
    const wallNow = this.#rim.seams.clock.wallNow();
    const span = { from: from ?? wallNow - (catchup?.catchup.rememberedMs ?? 0), to: to ?? wallNow };
    if (lookout === null || catchup?.catchup.isEnabled !== true)
      throw new ConnectorError('bad_option', 'catch-up is switched off: see the option catchup');
    if (!(Number.isFinite(span.from) && span.from < span.to && span.to <= wallNow))
      throw new ConnectorError('bad_option', `from ${span.from} to ${span.to} is no span of time that is over`);
    if (!this.#isRunning || this.#stopping) throw new ConnectorError('stopped', 'the connector does not run');
    return lookout.catchUp(span.from, span.to);
  }

  /**
   * Subscribes to what happens; see {@link ConnectorEvents}. A listener that throws is logged and changes nothing else.
   * @returns Ends the subscription.
   */
  on<Name extends keyof ConnectorEvents>(name: Name, listener: Listener<Name>): () => void {
    return this.#listeners.add(name, listener);
  }

  /** What the connector knows about itself, now. */
  status(): ConnectorStatus {
    const { team, keeper, pipeline, lookout } = this.#rooms;
    const moment = momentOf(this.#rim.seams.clock);
    const snapshots = {
      whole: team.whole,
      token: keeper.snapshot(),
      seen: lookout?.snapshot() ?? null,
      delivery: pipeline.snapshot(),
      sink: this.#destination.health(),
    };
    return readStatus(this.#facts, snapshots, this.#resolved, moment);
  }

  /** Whatever could be missing is found before the first attempt, and not by one in an outage. */
  async #open(loading: Promise<void> | null): Promise<void> {
    await loading;
    await this.#rooms.open();
  }

  /** A start that waits for its journal goes first; if that fails, there is nothing to stop, and its caller was told. */
  async #untilOpened(): Promise<void> {
    await this.#opening?.catch(() => {});
  }

  async #stop(drainMs: number): Promise<void> {
    if (this.#opening) await this.#untilOpened();
    if (!this.#isRunning) return;
    await this.#rooms.stop(drainMs, (error) => {
      this.#observation.logger.error(
        { app: this.app, err: toldError(error) },
        '[feishu] the sink did not stop cleanly',
      );
    });
    this.#observation.rest();
    await this.#rim.close();
    this.#isRunning = false;
  }
}

/** What a connector's handlers find in their contexts. The client is asked for late: to make it loads the SDK. */
function contextSourceOf(connector: Connector, logger: Logger): ContextSource {
  return {
    app: connector.app,
    get client(): Client {
      return connector.client;
    },
    logger,
  };
}
