import type { Writable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import type { Client } from '@larksuiteoapi/node-sdk';
import type { Logger } from 'pino';
import { systemClock } from '../adapters/index.js';
import type { Connector } from '../connector.js';
import { openJournalStore, resolveJournalOptions } from '../connector-journal.js';
import { type ConnectorOptions, resolveOptions } from '../connector-options.js';
import { probePlatform } from '../connector-probe.js';
import { createHandlerSink, createSink } from '../connector-sinks.js';
import {
  collectProcessMetrics,
  createRegistry,
  type MetricsRegistry,
  readBuild,
  redact,
  scrape,
  surfaceMetrics,
  telemetryErrorsOf,
} from '../observe/index.js';
import type { Clock } from '../ports/index.js';
import { checkNats, createStdoutSink, type Sink } from '../sinks/index.js';
import type { AppConfig, DaemonConfig } from './config.js';
import { DaemonSurface, type SurfacePlan } from './daemon-surface.js';
import { loadHandlerModule } from './handler-module.js';
import type { SurfaceApp } from './http-surface.js';
import { LateStarts } from './late-starts.js';
import { OutageWatch, type WatchedApp } from './outage-watch.js';
import { type RecordedApp, Recording } from './page/index.js';
import { type Phase, UnstartedError } from './readiness.js';
import { RUNBOOK_BASE_URL } from './runbook-url.js';
import { REFUSALS } from './surface-gate.js';
import { OPEN_SURFACE } from './surface-settings.js';
import { startTelemetry, type Telemetry } from './telemetry.js';

/** What the daemon uses of a connector. */
export type AppConnector = Pick<
  Connector,
  'app' | 'appId' | 'start' | 'stop' | 'dispose' | 'status' | 'reconnect' | 'deadLetters' | 'on'
>;

/** What the daemon is given instead of reaching for the process's own. */
export interface DaemonParts {
  readonly createConnector: (options: ConnectorOptions) => AppConnector;
  /** Its level follows the configuration. */
  readonly logger: Logger;
  /** Where events go whose app has no handler module. */
  readonly stdout: Writable;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Whether the platform answers somebody who comes new. Default: asks it, over a network of its own. */
  readonly probe?: (app: AppConfig, signal: AbortSignal) => Promise<boolean>;
}

/** Why the daemon should be stopped. */
export interface Ending {
  /** `output_gone`: nobody reads standard output. `outage`: a new process may connect where this one cannot. */
  readonly why: 'output_gone' | 'outage';
  /** For people. */
  readonly reason: string;
}

/** Many apps, one process: a connector for each, one registry, one HTTP surface. */
export interface Daemon {
  /** Base URL of the HTTP surface. */
  readonly url: string;
  /** Names of the apps that run. */
  readonly apps: readonly string[];
  /** Resolves, with the reason, once the daemon can do no more good by itself and should be stopped. */
  readonly ended: Promise<Ending>;
  /**
   * Takes over another configuration. Apps whose part is the same go on untouched, and take this as an operator's word
   * that an attempt is worth it now. If anything about the new one is wrong, nothing changes.
   * @throws HandlerModuleError, ListenError, ControlSocketError, SecretError or ConnectorError; the old configuration is
   * then still in force.
   */
  reload(config: DaemonConfig): Promise<ReloadSummary>;
  /** Drains and stops everything, the HTTP surface last, so that it can be watched. Twice is once. */
  stop(options?: { readonly drainMs?: number }): Promise<void>;
}

/** Names of the apps, by what became of them. */
export interface ReloadSummary {
  readonly started: readonly string[];
  readonly stopped: readonly string[];
  readonly restarted: readonly string[];
  readonly unchanged: readonly string[];
  /** Wanted, and could not start: not connected, and tried again until it can. */
  readonly failed: readonly string[];
}

/** An app that could run: its options checked, its handlers loaded. */
interface PreparedApp {
  readonly config: AppConfig;
  readonly handlersVersion: string;
  readonly options: ConnectorOptions;
}

/** An app that is wanted, whether it runs or is tried again. */
interface RunningApp extends PreparedApp, RecordedApp {
  readonly recording: Recording;
  /** Null until one could be created. */
  connector: AppConnector | null;
  hasStarted: boolean;
}

/** An app that a reload takes away. */
interface LeavingApp {
  readonly config: AppConfig;
  /** Resolves once it is gone. Never rejects. */
  readonly gone: Promise<void>;
}

/** What became of a start in a reload; `left`: the daemon stops. */
type StartOutcome = 'started' | 'failed' | 'left';

/**
 * Starts the daemon. It resolves when all apps are started that can be, and never waits for the platform. An app that
 * cannot, because its journal is in use say, is tried again while the others run.
 * @throws HandlerModuleError, ListenError, ControlSocketError, SecretError or ConnectorError, the last only if no app could
 * start; nothing is left running then.
 */
export async function startDaemon(config: DaemonConfig, parts: DaemonParts): Promise<Daemon> {
  const daemon = new RunningDaemon(config, parts);
  await daemon.start(config);
  return daemon;
}

class RunningDaemon implements Daemon {
  readonly ended: Promise<Ending>;
  readonly #parts: DaemonParts;
  readonly #surface: DaemonSurface;
  readonly #registry: MetricsRegistry;
  readonly #sink: ReturnType<typeof createStdoutSink>;
  readonly #apps = new Map<string, RunningApp>();
  readonly #outageWatch: OutageWatch;
  readonly #lateStarts: LateStarts;
  #phase: Phase = 'starting';
  #telemetry: Telemetry | null = null;
  #config: DaemonConfig | null = null;
  #stdoutGone: string | null = null;
  /** Starts, reloads and stops wait for each other. */
  #turn: Promise<unknown> = Promise.resolve();
  #stopping: Promise<void> | null = null;

  constructor({ openMetrics }: DaemonConfig, parts: DaemonParts) {
    this.#parts = parts;
    this.#registry = createRegistry(openMetrics);
    const { logger, clock = systemClock } = parts;
    let end: (ending: Ending) => void = () => {};
    this.ended = new Promise((resolve) => {
      end = resolve;
    });
    this.#sink = createStdoutSink(parts.stdout, (reason) => {
      this.#stdoutGone = reason;
      // With handler modules alone nobody misses it.
      if (this.#config?.apps.some(({ handler }) => handler === 'stdout')) end({ why: 'output_gone', reason });
    });
    this.#outageWatch = new OutageWatch(
      clock,
      () => [...this.#apps.values()].flatMap((running) => this.#watchedOf(running) ?? []),
      (reason) => end({ why: 'outage', reason }),
    );
    this.#lateStarts = new LateStarts(clock, () => this.#inTurn(() => this.#startLate()));
    this.#surface = new DaemonSurface({
      apps: () => [...this.#apps.values()].map(viewOf),
      phase: () => this.#phase,
      scrape: (signal) => scrape(this.#registry, { signal }),
      version: readBuild().version,
      startedAt: clock.wallNow(),
      runbookUrl: () => this.#config?.runbookUrl ?? RUNBOOK_BASE_URL,
      clock,
      logger,
      onRefused: surfaceMetrics(this.#registry, {
        refusals: REFUSALS,
        certificate: () => this.#surface.certificate,
      }),
    });
  }

  get url(): string {
    return this.#surface.url;
  }

  get apps(): readonly string[] {
    return [...this.#apps.keys()];
  }

  async start(config: DaemonConfig): Promise<void> {
    try {
      const prepared = await this.#prepare(config);
      await this.#surface.open(planOf(config));
      collectProcessMetrics(this.#registry);
      this.#adopt(config);
      // Before the first span: what begins without an SDK stays without one.
      this.#telemetry = await this.#startTelemetry(config);
      await this.#startAll(prepared);
      this.#phase = 'running';
    } catch (error) {
      await this.stop({ drainMs: 0 });
      throw error;
    }
  }

  reload(config: DaemonConfig): Promise<ReloadSummary> {
    return this.#inTurn(async () => {
      if (this.#stopping) throw new Error('the daemon is stopping');
      return this.#reload(config);
    });
  }

  stop({ drainMs = this.#config?.drainMs ?? 0 }: { readonly drainMs?: number } = {}): Promise<void> {
    this.#phase = 'stopping';
    this.#outageWatch.stop();
    this.#lateStarts.stop();
    this.#stopping ??= this.#inTurn(() => this.#stop(drainMs));
    return this.#stopping;
  }

  async #reload(config: DaemonConfig): Promise<ReloadSummary> {
    const prepared = await this.#prepare(config);
    await this.#surface.move(planOf(config));
    this.#adopt(config);
    const wanted = new Map(prepared.map((app) => [app.config.app, app]));
    const unchanged: string[] = [];
    const leaving = new Map<string, LeavingApp>();
    for (const [name, running] of [...this.#apps]) {
      const next = wanted.get(name);
      if (next !== undefined && running.hasStarted && isSame(running, next)) {
        running.connector?.reconnect();
        unchanged.push(name);
      } else {
        leaving.set(name, { config: running.config, gone: this.#removeApp(name, running, config.drainMs) });
      }
    }
    // Each waits for nobody but those in its way: how long one app drains is not how long the others are away.
    const coming = prepared.filter(({ config: { app } }) => !this.#apps.has(app) || leaving.has(app));
    const outcomes = await Promise.all(coming.map((app) => this.#succeed(app, [...leaving.values()])));
    await Promise.all([...leaving.values()].map(({ gone }) => gone));
    this.#sortApps(wanted.keys());
    this.#awaitLateStarts();
    const namesOf = (outcome: StartOutcome, isRestart: boolean) =>
      coming.flatMap(({ config: { app } }, index) =>
        outcomes[index] === outcome && leaving.has(app) === isRestart ? [app] : [],
      );
    return {
      started: namesOf('started', false),
      stopped: [...leaving.keys()].filter((name) => !wanted.has(name)),
      restarted: namesOf('started', true),
      unchanged,
      failed: [...namesOf('failed', false), ...namesOf('failed', true)],
    };
  }

  /** Starts an app once those are gone whose place it takes. Never rejects. */
  async #succeed(app: PreparedApp, leaving: readonly LeavingApp[]): Promise<StartOutcome> {
    await Promise.all(leaving.map((before) => isInTheWay(before.config, app.config) && before.gone));
    // A stop that came meanwhile waits for us: start nothing that it would have to drain.
    if (this.#stopping) return 'left';
    try {
      await this.#startApp(app);
      return 'started';
    } catch (error) {
      // The new configuration is in force by now, and one app's journal is no reason to leave the others stopped.
      this.#tellUnstarted(app.config.app, error);
      return 'failed';
    }
  }

  /** In the order of the configuration, whichever was the first to be there. */
  #sortApps(names: Iterable<string>): void {
    for (const name of names) {
      const app = this.#apps.get(name);
      if (app === undefined) continue;
      this.#apps.delete(name);
      this.#apps.set(name, app);
    }
  }

  /** Everything that can be wrong with a configuration goes wrong here, before anything that runs is touched. */
  async #prepare(config: DaemonConfig): Promise<PreparedApp[]> {
    const prepared: PreparedApp[] = [];
    for (const app of config.apps) {
      if (app.handler === 'stdout' && this.#stdoutGone)
        throw new Error(`${this.#stdoutGone}; name a handler for ${app.app}`);
      const { handler: _handler, sink: _settings, ...rest } = app;
      const { sink, version } = await this.#sinkOf(app);
      const options = { ...rest, sink, logger: this.#parts.logger, registry: this.#registry };
      resolveOptions(options);
      prepared.push({ config: app, handlersVersion: version, options });
    }
    return prepared;
  }

  /** A sink of the app's own, not started; the connector starts and stops it. */
  async #sinkOf(config: AppConfig): Promise<{ readonly sink: Sink<Client>; readonly version: string }> {
    const { handler = 'stdout', sink: settings, app, proxy, caFile } = config;
    const { clock = systemClock } = this.#parts;
    if (settings !== undefined) {
      // An optional package that is missing is found here, and not when the first event comes.
      if (settings.jetstream !== undefined) await checkNats();
      const network = { ...(proxy !== undefined && { proxy }), ...(caFile !== undefined && { caFile }) };
      return { sink: createSink<Client>(settings, { app, clock, ...network }), version: '' };
    }
    if (handler === 'stdout') return { sink: createHandlerSink('stdout', this.#sink.handlers, clock), version: '' };
    const { handlers, version } = await loadHandlerModule(handler);
    return { sink: createHandlerSink('handler', handlers, clock), version };
  }

  #startTelemetry({ tracing }: DaemonConfig): Promise<Telemetry> {
    const { logger, clock = systemClock } = this.#parts;
    return startTelemetry(tracing, { logger, clock, onError: telemetryErrorsOf(this.#registry) });
  }

  #adopt(config: DaemonConfig): void {
    const before = this.#config;
    this.#config = config;
    this.#parts.logger.level = config.logLevel;
    this.#outageWatch.watch(config.exitAfterOutageMs ?? null);
    for (const warning of config.warnings) this.#parts.logger.warn(`[feishu] ${warning}`);
    for (const key of ['openMetrics', 'tracing'] as const) {
      // Spans and metrics are registered for the life of the process; a metric that changes its format loses its name.
      if (before === null || isDeepStrictEqual(before[key], config[key])) continue;
      this.#parts.logger.warn({ key }, `[feishu] ${key} changed; that takes effect at the next start`);
    }
  }

  /**
   * One app's journal is no reason to leave the others unstarted. Where none starts there is no daemon, and whoever
   * started it is told why at once.
   */
  async #startAll(prepared: readonly PreparedApp[]): Promise<void> {
    const failures: { readonly name: string; readonly error: unknown }[] = [];
    for (const app of prepared) {
      const name = app.config.app;
      try {
        await this.#startApp(app);
      } catch (error) {
        // Options that no connector takes, or a bug: whoever starts the daemon is told at once.
        if (this.#apps.get(name)?.connector === null) throw error;
        failures.push({ name, error });
      }
    }
    if (failures.length > 0 && failures.length === prepared.length) throw failures[0]?.error;
    for (const { name, error } of failures) this.#tellUnstarted(name, error);
    this.#awaitLateStarts();
  }

  #tellUnstarted(name: string, error: unknown): void {
    this.#parts.logger.error(
      { app: name, err: error },
      '[feishu] an app did not start; the others run, and it is tried again',
    );
  }

  #awaitLateStarts(): void {
    if ([...this.#apps.values()].every(({ hasStarted }) => hasStarted)) this.#lateStarts.stop();
    else this.#lateStarts.begin();
  }

  /** @returns Whether all run now. */
  async #startLate(): Promise<boolean> {
    if (this.#stopping) return true;
    for (const [name, app] of this.#apps) {
      if (this.#stopping) return true;
      if (app.hasStarted) continue;
      try {
        await this.#launch(app);
        this.#parts.logger.info({ app: name }, '[feishu] an app started after all');
      } catch (error) {
        this.#tellUnstarted(name, error);
      }
    }
    return [...this.#apps.values()].every(({ hasStarted }) => hasStarted);
  }

  /** One that cannot start, or not even be created, stays in view: not connected, not ready, and tried again. */
  #startApp(prepared: PreparedApp): Promise<void> {
    const recording = this.#newRecording(prepared.config);
    const app: RunningApp = {
      ...prepared,
      recording,
      history: recording.history,
      connector: null,
      hasStarted: false,
    };
    this.#apps.set(prepared.config.app, app);
    return this.#launch(app);
  }

  async #launch(app: RunningApp): Promise<void> {
    app.connector ??= this.#create(app);
    await app.connector.start();
    app.hasStarted = true;
  }

  #create({ config, options, recording }: RunningApp): AppConnector {
    const connector = this.#parts.createConnector({ ...options, ...this.#seamsOf(config, recording) });
    // From the first report on.
    recording.follow(connector);
    return connector;
  }

  #newRecording({ app }: AppConfig): Recording {
    const { logger, clock = systemClock } = this.#parts;
    return new Recording(clock, (err) =>
      logger.warn(
        { app, err },
        '[feishu] the past that the status page shows could not be kept; events are not concerned',
      ),
    );
  }

  /** Where there is a journal, what the status page shows of the past is kept beside it. */
  #seamsOf({ journal }: AppConfig, recording: Recording): Pick<ConnectorOptions, 'seams'> {
    if (journal === undefined) return {};
    return { seams: { store: recording.keptIn(() => openJournalStore(resolveJournalOptions(journal))) } };
  }

  async #removeApp(name: string, { connector }: RunningApp, drainMs: number): Promise<void> {
    try {
      await connector?.dispose({ drainMs });
    } catch (error) {
      this.#parts.logger.error({ app: name, err: error }, '[feishu] an app did not stop cleanly');
    } finally {
      this.#apps.delete(name);
    }
  }

  async #stop(drainMs: number): Promise<void> {
    const stops = [...this.#apps].map(async ([name, { connector }]) => {
      try {
        // Its series stay until the process ends: a last scrape must not read as an app that never was.
        await connector?.stop({ drainMs });
      } catch (error) {
        // One that cannot stop must not keep the others from stopping.
        this.#parts.logger.error({ app: name, err: error }, '[feishu] an app did not stop cleanly');
      }
    });
    await Promise.all(stops);
    this.#sink.close();
    // After the last ack and the close of each socket, which end spans of their own.
    await this.#telemetry?.stop();
    await this.#surface.close();
    this.#apps.clear();
  }

  /** Null without a connector: it is in no outage, as it never was connected. */
  #watchedOf({ config, connector }: RunningApp): WatchedApp | null {
    if (connector === null) return null;
    const { probe = probePlatform } = this.#parts;
    return {
      app: config.app,
      status: () => connector.status(),
      reconnect: () => void connector.reconnect(),
      probe: (signal) => probe(config, signal),
    };
  }

  #inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(task);
    this.#turn = result.catch((error: unknown) => {
      this.#parts.logger.debug({ reason: redact(String(error)) }, '[feishu] a turn failed; its caller was told');
    });
    return result;
  }
}

function planOf({ listen, surface: settings = OPEN_SURFACE }: DaemonConfig): SurfacePlan {
  return { listen, settings };
}

function viewOf(running: RunningApp): SurfaceApp {
  const { config, history } = running;
  const connector = (): AppConnector => {
    if (running.connector === null) throw new UnstartedError();
    return running.connector;
  };
  return {
    app: config.app,
    appId: config.appId,
    status: () => connector().status(),
    reconnect: () => connector().reconnect(),
    history,
    deadLetters: config.journal === undefined ? null : () => connector().deadLetters,
  };
}

/** Whether one must be gone before the other starts: series go by the name, connections by the id, a journal has one owner. */
function isInTheWay(before: AppConfig, next: AppConfig): boolean {
  const isJournalShared = before.journal !== undefined && before.journal.directory === next.journal?.directory;
  return before.app === next.app || before.appId === next.appId || isJournalShared;
}

function isSame(running: PreparedApp, next: PreparedApp): boolean {
  return running.handlersVersion === next.handlersVersion && isDeepStrictEqual(running.config, next.config);
}
