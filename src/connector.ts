import type { Client } from '@larksuiteoapi/node-sdk';
import type { Logger } from 'pino';
import {
  assertionOf,
  createNetwork,
  type Network,
  secretOf,
  systemClock,
  systemSurroundings,
  withUserAgent,
} from './adapters/index.js';
import { type CatchupReport, Lookout, type LookoutPolicy, MESSAGE_EVENT } from './catchup/index.js';
import { createDiscovery, longestWaitMs, silenceLimitMs, TeamDriver } from './connection/index.js';
import { canaryOf, hasCatchup, stopLookout, tellConnection } from './connector-catchup.js';
import { ConnectorContext, type ContextSource } from './connector-context.js';
import { ConnectorError } from './connector-error.js';
import { type ConnectorEvents, type Listener, Listeners } from './connector-events.js';
import { Facts } from './connector-facts.js';
import { journalUnusable, openJournalStore } from './connector-journal.js';
import {
  type ConnectorOptions,
  checked,
  type ResolvedOptions,
  resolveOptions,
  type Seams,
} from './connector-options.js';
import { Siblings } from './connector-siblings.js';
import type { ConnectorStatus } from './connector-status.js';
import {
  COMMON_EVENT_TYPES,
  type DeadLetters,
  type Dispatcher,
  handlersDispatcher,
  Pipeline,
  sdkDispatcher,
} from './delivery/index.js';
import {
  createLogger,
  createLogs,
  createMetrics,
  createObserver,
  createRegistry,
  createSpans,
  type Logs,
  type Metrics,
  type MetricsRegistry,
  type Observer,
  observeHttp,
  readBuild,
  type Spans,
  Supervisor,
} from './observe/index.js';
import { type Credentials, type Moment, momentOf, type Store, type Surroundings } from './ports/index.js';
import { createSdkClient, type FetchOutcome, fetchToken, TokenKeeper } from './token/index.js';

export interface StopOptions {
  /** How long running handlers may finish, in milliseconds. Default 10,000; then their signals are aborted. */
  readonly drainMs?: number;
}

export interface ReadyOptions {
  /** Longest wait, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface CatchUpOptions {
  /** Epoch milliseconds. Default: as far back as messages that were handled are known again. */
  readonly from?: number;
  /** Epoch milliseconds. Default: now. */
  readonly to?: number;
}

const DEFAULT_DRAIN_MS = 10_000; // what process supervisors commonly leave between SIGTERM and SIGKILL, minus the close
const DEFAULT_READY_MS = 30_000;
const SINK_STOP_LIMIT_MS = 10_000; // as long as handlers have: what is under way there may still be confirmed
// With the tickets that are asked for meanwhile that makes less than two calls a minute. Whoever needs a token is not kept
// waiting by it, nor is the Connection that comes back.
const AWAY_TOKEN_MS = 240_000;

/**
 * The connector of one app: it keeps one long connection to the platform for as long as it runs, hands events to your
 * handlers, keeps the tenant token, and tells the truth about itself in metrics, spans, logs and {@link status}.
 * @throws ConnectorError `bad_option` if the options cannot be used; nothing has started then.
 */
export function createConnector(options: ConnectorOptions): Connector {
  return new Connector(options);
}

export class Connector {
  /** The prom-client registry that holds this connector's metrics: yours, if you passed one. */
  readonly registry: MetricsRegistry;
  readonly #options: ConnectorOptions;
  readonly #resolved: ResolvedOptions;
  readonly #seams: Seams;
  readonly #credentials: Credentials;
  readonly #logger: Logger;
  readonly #logs: Logs;
  readonly #metrics: Metrics;
  readonly #spans: Spans;
  readonly #observer: Observer;
  readonly #facts = new Facts();
  readonly #listeners: Listeners;
  readonly #supervisor: Supervisor;
  readonly #siblings: Siblings;
  readonly #team: TeamDriver;
  readonly #keeper: TokenKeeper;
  readonly #pipeline: Pipeline<Client>;
  /** Null if `catchup` is false. */
  readonly #lookout: Lookout | null;
  /** The journal's, while it is open. */
  #store: Store | null = null;
  readonly #network: Network;
  /** Ends what we hear of the sink. */
  readonly #unsubscribe: (() => void) | undefined;
  #client: Client | null = null;
  #isRunning = false;
  #opening: Promise<void> | null = null;
  #stopping: Promise<void> | null = null;
  #tokenAskedAt = Number.NEGATIVE_INFINITY;
  /** When {@link reconnect} last reached the token keeper, in monotonic milliseconds. */
  #urgedAt = Number.NEGATIVE_INFINITY;

  constructor(options: ConnectorOptions) {
    const resolved = resolveOptions(options);
    const { app, appId, baseUrl } = resolved;
    this.#options = options;
    this.#resolved = resolved;
    this.#credentials = this.#checkedCredentials();
    const dispatcher = dispatcherOf(options);
    const clock = options.seams?.clock ?? systemClock;
    this.registry = options.registry ?? createRegistry();

    const eventTypes = countedTypesOf(dispatcher);
    const lookoutPolicy = lookoutPolicyOf(resolved.catchup, dispatcher);
    // Spans come first: metrics look them up for exemplars, logs for the trace of a line.
    this.#spans = createSpans({ app, eventTypes, clock, onTelemetryError: (reason) => onTelemetryError(reason) });
    this.#metrics = createMetrics({
      registry: this.registry,
      app,
      eventTypes,
      spans: this.#spans,
      hasJournal: resolved.journal !== null,
      sink: options.sink?.kind ?? null,
      lookout: lookoutPolicy && {
        serverViewIntervalMs: lookoutPolicy.view.isEnabled ? lookoutPolicy.view.intervalMs : null,
        hasCatchup: hasCatchup(lookoutPolicy),
        canaryIntervalMs: canaryOf(options.catchup)?.schedule.everyMs ?? null,
        budget: () => this.#lookout?.snapshot().budget ?? null,
      },
      limits: {
        heartbeatIntervalMs: resolved.connection.heartbeatMs,
        silenceLimitMs: silenceLimitMs(resolved.connection),
        backoffMaxMs: longestWaitMs(resolved.connection),
        connectionsWanted: resolved.connections,
        handlerDeadlineMs: resolved.delivery.handlerDeadlineMs,
        queueCapacity: resolved.delivery.maxPending,
        tokenRefreshMarginMs: resolved.token.refreshMarginMs,
      },
    });
    const { onTelemetryError, onLog } = this.#metrics;
    this.#logger = options.logger ?? createLogger({ onLog });
    this.#logs = createLogs({
      logger: this.#logger,
      app,
      eventTypes,
      clock,
      spans: this.#spans,
      onTelemetryError,
      // Our own logger counts every line by itself, those of handlers too; a foreign one cannot.
      ...(options.logger && { onLog }),
    });
    this.#observer = createObserver({ spans: this.#spans, metrics: this.#metrics, logs: this.#logs });
    this.#listeners = new Listeners((name, error) => {
      this.#logger.error({ app, event: name, err: error }, '[feishu] a listener of connector.on threw');
    });

    this.#unsubscribe = options.sink?.subscribe?.((report, moment) => {
      this.#observer.onSink(report, moment);
      this.#listeners.tellReport({ room: 'sinks', report }, moment);
    });

    this.#network = createNetwork(resolved.network);
    const userAgent = [`feishu-connector/${readBuild().version}`, ...resolved.userAgentTags].join(' ');
    const rawHttp = withUserAgent(options.seams?.http ?? this.#network.http, userAgent);
    this.#seams = {
      clock,
      random: options.seams?.random ?? Math.random,
      dial: options.seams?.dial ?? this.#network.dial,
      http: observeHttp(rawHttp, (call, moment) => this.#observer.onHttp(call, moment), clock),
      // Another network than ours is not reached through ours.
      reach: options.seams?.reach ?? (options.seams?.http ? async () => true : this.#network.reach),
      surroundings: surroundingsOf(options.seams ?? {}),
      refreshParts: options.seams?.refreshParts ?? (() => this.#network.refresh()),
      store: options.seams?.store ?? (() => this.#openStore()),
    };
    const { random, dial, http, reach, surroundings, refreshParts } = this.#seams;
    this.#siblings = new Siblings(clock, baseUrl, () => this.#team.offer('sibling_connected'));
    this.#supervisor = new Supervisor(clock, (report, moment) => {
      if (report.type === 'tick') this.#facts.onTick(moment);
      // A machine that slept sees its wall clock leap: what was true of the network before says little now.
      else if (report.byMs > 0) this.#wakeUp();
      this.#observer.onSupervisor(report, moment);
    });
    const credentials = this.#credentials;
    const discovery = createDiscovery({ http, probeHttp: rawHttp, reach, baseUrl, appId, ...credentials });
    const endpoint = { http, baseUrl, appId, ...credentials, ...oauthOf(resolved) };
    this.#team = new TeamDriver(
      {
        clock,
        random,
        dial,
        discover: discovery.discover,
        lookAt: discovery.lookAt,
        refreshParts,
        ...(surroundings && { outside: { surroundings, host: hostOf(baseUrl) } }),
        receive: (frame, session, at) => this.#pipeline.receive(frame, session, at),
        report: (report, moment) => {
          this.#facts.onConnection(report, moment);
          this.#observer.onConnection(report, moment);
          this.#listeners.tellReport({ room: 'connection', report }, moment);
          if (this.#lookout !== null) tellConnection(this.#lookout, report, moment, () => this.#team.whole.proven);
          if (report.type !== 'connected') return;
          // The platform let us in: evidence for everybody who waits for it.
          this.#siblings.announce();
          this.#keeper.nudge();
        },
      },
      resolved.connection,
      resolved.connections,
    );
    this.#keeper = new TokenKeeper({
      clock,
      random,
      policy: resolved.token,
      fetch: (signal) => this.#askForToken(() => fetchToken(endpoint, signal)),
      report: (report, moment) => {
        this.#observer.onToken(report, moment);
        this.#listeners.tellReport({ room: 'token', report }, moment);
        // The platform answered: whatever the Connection waits out may be over as well.
        if (report.type === 'refreshed') this.#team.offer('call_succeeded');
      },
    });
    const contextSource = this.#contextSource();
    this.#pipeline = new Pipeline<Client>({
      clock,
      dispatcher,
      policy: resolved.delivery,
      random,
      trace: this.#spans.traceDelivery,
      traceparentOf: (eventId) => this.#spans.traceparentOf(eventId),
      ...(resolved.journal && {
        journal: {
          open: async () => {
            this.#store = await this.#seams.store();
            return this.#store;
          },
          retentionMs: resolved.journal.retentionMs,
        },
      }),
      arrived: (event, at) => this.#lookout?.arrived(event, at),
      taken: (event) => this.#lookout?.taken(event),
      contextOf: (event, run) => new ConnectorContext(contextSource, event, run),
      report: (report, moment) => {
        this.#facts.onDelivery(report, moment);
        this.#observer.onDelivery(report, moment);
        this.#listeners.tellReport({ room: 'delivery', report }, moment);
      },
    });
    this.#lookout = lookoutPolicy && this.#newLookout(lookoutPolicy, dispatcher);
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
      keeper: this.#keeper,
      logger: this.#logger,
      agents: this.#network.agents,
      called: (route) => this.#lookout?.countCall(route),
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
      return this.#pipeline.deadLetters;
    } catch (error) {
      throw new ConnectorError('journal_unusable', error instanceof Error ? error.message : String(error));
    }
  }

  /**
   * Opens the journal, if there is one, and starts connecting, and everything that belongs to it. Resolves once it runs
   * and never waits for the platform: use {@link ready} for that. Does nothing if it runs already; waits for a stop that
   * is under way.
   * @throws ConnectorError `journal_unusable` if the journal cannot be opened; Node's own error if the package `ws` is not
   *   there. Nothing runs then.
   */
  async start(): Promise<void> {
    while (this.#stopping) await this.#stopping;
    // Where nothing is to be opened nothing is awaited from here on: it runs when the call returns.
    const loading = this.#isRunning ? null : (this.#seams.dial.prepare?.() ?? null);
    if ((loading !== null || this.#resolved.journal !== null) && !this.#isRunning) {
      this.#opening ??= this.#open(loading).finally(() => {
        this.#opening = null;
      });
      await this.#opening;
    }
    if (this.#isRunning) return;
    this.#isRunning = true;
    const sink = this.#options.sink?.start?.();
    this.#pipeline.start();
    this.#supervisor.start();
    this.#siblings.join();
    this.#lookout?.start(this.#store);
    this.#team.start();
    this.#keeper.start();
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
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.status().connected.is) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        timer.cancel();
        unsubscribe();
        signal?.removeEventListener('abort', abandon);
        settle();
      };
      const abandon = (): void => finish(() => reject(signal?.reason));
      const timer = this.#seams.clock.timer(timeoutMs, () => finish(() => reject(this.#notReady(timeoutMs))));
      const unsubscribe = this.on('state', ({ to }) => {
        if (to === 'connected') finish(resolve);
        if (to === 'stopped') finish(() => reject(new ConnectorError('stopped', 'the connector was stopped')));
      });
      signal?.addEventListener('abort', abandon, { once: true });
    });
  }

  /**
   * Lets running handlers finish within `drainMs`, so that their acks still go out, then closes the socket with a close
   * frame and lets go of every timer. It can be started again.
   */
  async stop({ drainMs = DEFAULT_DRAIN_MS }: StopOptions = {}): Promise<void> {
    if (this.#stopping) return this.#stopping;
    // A start that waits for its journal goes first; if that fails, there is nothing to stop, and its caller was told.
    if (this.#opening) await this.#opening.catch(() => {});
    if (this.#stopping) return this.#stopping;
    if (!this.#isRunning) return;
    this.#stopping = this.#stop(drainMs).finally(() => {
      this.#stopping = null;
    });
    return this.#stopping;
  }

  /** Stops, and takes this app's series out of the registry: for an app that is removed while the process goes on. */
  async dispose(options: StopOptions = {}): Promise<void> {
    await this.stop(options);
    this.#unsubscribe?.();
    this.#metrics.dispose();
  }

  /**
   * An operator's word that an attempt is worth it now: cuts a wait short, unless waits were cut in vain lately; then
   * the pause of the policy's `evidencePause` comes first. A living connection is left alone. A failing token is asked
   * for again too, as long as the last such word is that policy's `initialMs` ago.
   * @returns Whether the wait for the next attempt got shorter.
   */
  reconnect(): boolean {
    const { whole: before } = this.#team;
    const now = this.#seams.clock.now();
    // The keeper itself takes a nudge a second: fine for facts, too much for an operator's script that loops.
    if (now - this.#urgedAt >= this.#resolved.connection.evidencePause.initialMs) {
      this.#urgedAt = now;
      this.#keeper.nudge();
    }
    this.#team.offer('operator');
    const { whole: after } = this.#team;
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
    const wallNow = this.#seams.clock.wallNow();
    const span = { from: from ?? wallNow - (catchup?.catchup.rememberedMs ?? 0), to: to ?? wallNow };
    if (this.#lookout === null || catchup?.catchup.isEnabled !== true)
      throw new ConnectorError('bad_option', 'catch-up is switched off: see the option catchup');
    if (!(Number.isFinite(span.from) && span.from < span.to && span.to <= wallNow))
      throw new ConnectorError('bad_option', `from ${span.from} to ${span.to} is no span of time that is over`);
    if (!this.#isRunning || this.#stopping) throw new ConnectorError('stopped', 'the connector does not run');
    return this.#lookout.catchUp(span.from, span.to);
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
    const moment = momentOf(this.#seams.clock);
    const { app, appId, baseUrl, connection } = this.#resolved;
    const { whole } = this.#team;
    const connected = this.#facts.connected(whole, connection, moment);
    const waitMs = whole.retryAt === null ? null : Math.max(0, whole.retryAt - moment.now);
    const token = this.#keeper.snapshot();
    const seen = this.#lookout?.snapshot() ?? null;
    return {
      app,
      appId,
      domain: baseUrl,
      at: moment.wallNow,
      alive: this.#facts.alive(moment),
      connected,
      receiving: this.#facts.receiving(connected, seen, moment),
      ...this.#facts.outside(seen),
      attempts: {
        count: whole.attempts,
        nextAt: waitMs === null ? null : moment.wallNow + waitMs,
        isUnderWay: whole.isAttemptUnderWay,
      },
      gateway: this.#facts.gateway(),
      connections: { wanted: whole.wanted, proven: whole.proven },
      lastFailure: this.#facts.lastFailure(),
      outage: this.#facts.outage(whole),
      token: {
        isValid: token.hasToken,
        expiresAt: token.hasToken ? moment.wallNow + token.expiresInMs : null,
        lastFailure: token.lastFailure && {
          code: token.lastFailure.code,
          detail: token.lastFailure.detail,
          at: token.lastFailure.at,
        },
      },
      delivery: this.#facts.delivery(this.#pipeline.snapshot(), moment),
      ...(this.#options.sink?.health && { sink: this.#options.sink.health() }),
    };
  }

  async #stop(drainMs: number): Promise<void> {
    // What is being fetched is not taken any more, and what was learned is written while the store is open.
    if (this.#lookout !== null) await stopLookout(this.#lookout, this.#seams.clock);
    // Then the handlers, while the socket that their acks belong to is still open.
    await this.#pipeline.stop({ drainMs });
    this.#store = null;
    this.#siblings.leave();
    // The sink goes after what it was sent, and must not hold up the close of the socket.
    await Promise.all([this.#team.stop(), this.#stopSink()]);
    this.#keeper.stop();
    this.#supervisor.stop();
    this.#logs.dispose();
    this.#spans.dispose();
    await this.#network.close();
    this.#isRunning = false;
  }

  /** Ours end in time. One of somebody else's that fails or hangs must keep nothing of ours alive. */
  #stopSink(): Promise<void> {
    const { sink } = this.#options;
    if (sink?.stop === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const failed = (error: unknown): void => {
        this.#logger.error({ app: this.app, err: error }, '[feishu] the sink did not stop cleanly');
      };
      const limit = this.#seams.clock.timer(SINK_STOP_LIMIT_MS, () => {
        failed(new Error(`it did not stop within ${SINK_STOP_LIMIT_MS} ms`));
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

  #newLookout(policy: LookoutPolicy, dispatcher: Dispatcher<Client>): Lookout {
    const { clock, random, http } = this.#seams;
    const { appId, baseUrl } = this.#resolved;
    const canary = canaryOf(this.#options.catchup);
    return checked(
      () =>
        new Lookout({
          clock,
          random,
          http,
          token: this.#keeper,
          baseUrl,
          appId,
          policy,
          feed: (envelope, source) => this.#pipeline.feed(envelope, { source }),
          isKnown: (messageId) => this.#pipeline.knows(`message:${messageId}`),
          advise: () => this.#team.replace(),
          report: (report, moment) => this.#onCatchup(report, moment),
          handlesCallbacks: dispatcher.handles('card.action.trigger'),
          ...(canary && { canary }),
        }),
    );
  }

  #onCatchup(report: CatchupReport, moment: Moment): void {
    this.#facts.onCatchup(report, moment);
    this.#observer.onCatchup(report, moment);
    this.#listeners.tellReport({ room: 'catchup', report }, moment);
  }

  /** Whatever could be missing is found before the first attempt, and not by one in an outage. */
  async #open(loading: Promise<void> | null): Promise<void> {
    await loading;
    if (this.#resolved.journal === null) return;
    try {
      await this.#pipeline.open();
    } catch (error) {
      throw journalUnusable(error, this.#resolved.journal);
    }
  }

  #openStore(): Promise<Store> {
    const { journal } = this.#resolved;
    return journal === null ? Promise.reject(new Error('there is no journal')) : openJournalStore(journal);
  }

  /** While the Connection finds the platform away, and nobody waits for a token, calls for one are few. */
  async #askForToken(ask: () => Promise<FetchOutcome>): Promise<FetchOutcome> {
    const now = this.#seams.clock.now();
    const isEarly = now < this.#tokenAskedAt + AWAY_TOKEN_MS;
    if (isEarly && this.#team.isAway && this.#keeper.snapshot().waiting === 0) {
      const detail = 'not asked: the connection finds the platform away, and nobody waits for a token';
      return { failure: 'token_unreachable', detail, retryAfterMs: null };
    }
    this.#tokenAskedAt = now;
    return ask();
  }

  #wakeUp(): void {
    this.#team.offer('woke_up');
    this.#keeper.nudge();
    this.#lookout?.wokeUp();
  }

  #contextSource(): ContextSource {
    const connector = this;
    return {
      app: this.app,
      get client(): Client {
        return connector.client;
      },
      logger: this.#logger,
    };
  }

  #notReady(timeoutMs: number): ConnectorError {
    const { state } = this.#team.whole;
    const failure = this.#facts.lastFailure();
    const why = failure ? `; the latest failure is ${failure.code} (${failure.detail}). ${failure.help}` : '';
    const message = `not connected after ${timeoutMs} ms: ${state}${why}`;
    return new ConnectorError('not_ready', message, failure ? { verdict: failure.verdict, cause: failure } : {});
  }

  #checkedCredentials(): Credentials {
    const { appSecret, appSecretFile, clientAssertionProvider } = this.#options;
    if (clientAssertionProvider !== undefined) return { assertion: assertionOf(clientAssertionProvider) };
    return {
      secret: checked(() =>
        secretOf({
          ...(appSecret !== undefined && { appSecret }),
          ...(appSecretFile !== undefined && { appSecretFile }),
        }),
      ),
    };
  }
}

function oauthOf({ oauthBaseUrl }: ResolvedOptions): { readonly oauthBaseUrl?: string } {
  return oauthBaseUrl === null ? {} : { oauthBaseUrl };
}

/** Where nobody handles messages there is nothing to fetch. */
function lookoutPolicyOf(policy: LookoutPolicy | null, dispatcher: Dispatcher<Client>): LookoutPolicy | null {
  if (policy === null || dispatcher.handles(MESSAGE_EVENT)) return policy;
  return { ...policy, catchup: { ...policy.catchup, isEnabled: false } };
}

/** The event types that metrics and spans tell apart; all others are `other`. */
function countedTypesOf(dispatcher: Dispatcher<Client>): readonly string[] {
  const takesAll = dispatcher.handles('*');
  return takesAll ? [...new Set([...dispatcher.eventTypes, ...COMMON_EVENT_TYPES])] : dispatcher.eventTypes;
}

function surroundingsOf({ surroundings, http }: Partial<Seams>): Surroundings | null {
  if (surroundings !== undefined) return surroundings;
  return http === undefined ? systemSurroundings : null;
}

/** As the resolver takes it: an IPv6 address without its brackets. */
function hostOf(baseUrl: string): string {
  return new URL(baseUrl).hostname.replace(/^\[|\]$/g, '');
}

function dispatcherOf(options: ConnectorOptions): Dispatcher<Client> {
  if (options.sink) return options.sink;
  if (options.eventDispatcher) return sdkDispatcher(options.eventDispatcher);
  return checked(() => handlersDispatcher(options.handlers ?? {}));
}
