import type { Writable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { systemClock } from '../adapters/index.js';
import type { ConnectorOptions } from '../connector-options.js';
import { probePlatform } from '../connector-probe.js';
import {
  collectProcessMetrics,
  configurationMetrics,
  createRegistry,
  type MetricsRegistry,
  readBuild,
  scrape,
  surfaceMetrics,
  telemetryErrorsOf,
} from '../observe/index.js';
import type { Clock } from '../ports/index.js';
import { createStdoutSink, type StdoutSink } from '../sinks/index.js';
import type { AppConfig, DaemonConfig } from './config.js';
import { ConfigurationInForce } from './configuration-in-force.js';
import { DaemonSurface, type SurfacePlan } from './daemon-surface.js';
import { OutageWatch } from './outage-watch.js';
import { type PreparedApp, prepareApps, prepareFirstApps, type SharedParts } from './prepared-app.js';
import type { Phase } from './readiness.js';
import type { AppConnector } from './running-app.js';
import { type ReloadSummary, RunningApps } from './running-apps.js';
import { REFUSALS } from './surface-gate.js';
import { OPEN_SURFACE } from './surface-settings.js';
import { startTelemetry, type Telemetry } from './telemetry.js';
import { Turns } from './turns.js';

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
  /** Ends a start that still waits for handlers to load, and nothing later: {@link startDaemon} rejects with its reason. */
  readonly signal?: AbortSignal;
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
   * that an attempt is worth it now. If anything about the new one is wrong, nothing changes, and the daemon says so until
   * another reload succeeds.
   * @param config Or the reading of it: one that cannot be read is refused as well.
   * @throws HandlerModuleError, ListenError, ControlSocketError, SecretError or ConnectorError, or what the reading rejects
   * with; the old configuration is then still in force.
   */
  reload(config: DaemonConfig | Promise<DaemonConfig>): Promise<ReloadSummary>;
  /** Drains and stops everything, the HTTP surface last, so that it can be watched. Twice is once. */
  stop(options?: { readonly drainMs?: number }): Promise<void>;
}

/**
 * Starts the daemon. It resolves when all apps are started that can be, and never waits for the platform. An app that
 * cannot, because its journal is in use say, is tried again while the others run.
 * @throws HandlerModuleError, ListenError, ControlSocketError, SecretError or ConnectorError, the last only if no app could
 * start; nothing is left running then.
 */
export async function startDaemon(config: DaemonConfig, parts: DaemonParts): Promise<Daemon> {
  const daemon = new RunningDaemon(config, parts);
  await daemon.start(config, parts.signal);
  return daemon;
}

class RunningDaemon implements Daemon {
  readonly ended: Promise<Ending>;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #registry: MetricsRegistry;
  readonly #stdout: StdoutSink;
  readonly #turns: Turns;
  readonly #apps: RunningApps;
  readonly #outageWatch: OutageWatch;
  readonly #configuration: ConfigurationInForce;
  readonly #surface: DaemonSurface;
  #phase: Phase = 'starting';
  #telemetry: Telemetry | null = null;
  #config: DaemonConfig | null = null;
  #stdoutGone: string | null = null;
  #stopping: Promise<void> | null = null;
  /** Ends the wait of a start or a reload for handlers to load. */
  #tellStop: (reason: unknown) => void = () => {};

  constructor({ openMetrics }: DaemonConfig, parts: DaemonParts) {
    const { createConnector, logger, clock = systemClock, probe = probePlatform } = parts;
    this.#logger = logger;
    this.#clock = clock;
    this.#registry = createRegistry(openMetrics);
    let end: (ending: Ending) => void = () => {};
    this.ended = new Promise((resolve) => {
      end = resolve;
    });
    this.#stdout = createStdoutSink(parts.stdout, (reason) => {
      this.#stdoutGone = reason;
      // With handler modules alone nobody misses it.
      if (this.#config?.apps.some(({ handler }) => handler === 'stdout')) end({ why: 'output_gone', reason });
    });
    this.#turns = new Turns(logger);
    this.#apps = new RunningApps({ createConnector, logger, clock, probe }, this.#turns);
    this.#outageWatch = new OutageWatch(
      clock,
      () => this.#apps.all.flatMap(({ watched }) => watched ?? []),
      (reason) => end({ why: 'outage', reason }),
    );
    this.#configuration = new ConfigurationInForce(clock, configurationMetrics(this.#registry));
    this.#surface = new DaemonSurface({
      apps: () => this.#apps.all.map(({ view }) => view),
      phase: () => this.#phase,
      scrape: (signal) => scrape(this.#registry, { signal }),
      version: readBuild().version,
      startedAt: clock.wallNow(),
      configuration: () => this.#configuration.standing,
      runbookUrl: () => this.#config?.runbookUrl ?? null,
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
    return this.#apps.names;
  }

  async start(config: DaemonConfig, signal?: AbortSignal): Promise<void> {
    try {
      signal?.throwIfAborted();
      signal?.addEventListener('abort', () => this.#tellStop(signal.reason), { once: true });
      const prepared = await this.#unlessStopped(prepareFirstApps(config.apps, this.#shared()));
      await this.#surface.open(planOf(config));
      collectProcessMetrics(this.#registry);
      this.#adopt(config);
      // Before the first span: what begins without an SDK stays without one.
      this.#telemetry = await this.#startTelemetry(config);
      await this.#apps.start(prepared);
      this.#phase = 'running';
    } catch (error) {
      await this.stop({ drainMs: 0 });
      throw error;
    }
  }

  reload(given: DaemonConfig | Promise<DaemonConfig>): Promise<ReloadSummary> {
    const reading = Promise.resolve(given);
    reading.catch(() => {}); // told in its turn
    return this.#turns.take(async () => {
      if (this.#stopping) throw new Error('the daemon is stopping');
      const { config, prepared } = await this.#taken(reading);
      this.#adopt(config);
      this.#configuration.takeOver();
      return this.#apps.replace(prepared, config.drainMs);
    });
  }

  /** All of a reload that can fail. */
  async #taken(reading: Promise<DaemonConfig>): Promise<{ config: DaemonConfig; prepared: readonly PreparedApp[] }> {
    try {
      const taken = reading.then(async (config) => ({ config, prepared: await this.#prepare(config) }));
      const { config, prepared } = await this.#unlessStopped(taken);
      await this.#surface.move(planOf(config));
      return { config, prepared };
    } catch (error) {
      // What a stop interrupts is no fault of the configuration.
      if (this.#phase !== 'stopping') this.#configuration.refuse(error);
      throw error;
    }
  }

  stop({ drainMs = this.#config?.drainMs ?? 0 }: { readonly drainMs?: number } = {}): Promise<void> {
    this.#phase = 'stopping';
    this.#tellStop(new Error('the daemon is stopping'));
    this.#outageWatch.stop();
    this.#apps.halt();
    this.#stopping ??= this.#turns.take(() => this.#stop(drainMs));
    return this.#stopping;
  }

  async #stop(drainMs: number): Promise<void> {
    // Again: a reload that was under way may have begun it anew.
    this.#outageWatch.stop();
    await this.#apps.stop(drainMs);
    this.#stdout.close();
    // After the last ack and the close of each socket, which end spans of their own.
    await this.#telemetry?.stop();
    await this.#surface.close();
    this.#apps.clear();
  }

  /** Everything that can be wrong with a configuration goes wrong here, before anything that runs is touched. */
  #prepare({ apps }: DaemonConfig): Promise<PreparedApp[]> {
    return prepareApps(apps, this.#shared());
  }

  /** A stop waits for no module that takes its time to load. One start or reload waits at a time. */
  #unlessStopped<Result>(pending: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#tellStop = reject;
      pending.then(resolve, reject);
    });
  }

  #shared(): SharedParts {
    return {
      logger: this.#logger,
      registry: this.#registry,
      clock: this.#clock,
      stdout: this.#stdout,
      stdoutGone: () => this.#stdoutGone,
    };
  }

  #adopt(config: DaemonConfig): void {
    const before = this.#config;
    this.#config = config;
    this.#logger.level = config.logLevel;
    this.#outageWatch.watch(config.exitAfterOutageMs ?? null);
    for (const warning of config.warnings) this.#logger.warn(`[feishu] ${warning}`);
    for (const key of ['openMetrics', 'tracing'] as const) {
      // Spans and metrics are registered for the life of the process; a metric that changes its format loses its name.
      if (before === null || isDeepStrictEqual(before[key], config[key])) continue;
      this.#logger.warn({ key }, `[feishu] ${key} changed; that takes effect at the next start`);
    }
  }

  #startTelemetry({ tracing }: DaemonConfig): Promise<Telemetry> {
    const onError = telemetryErrorsOf(this.#registry);
    return startTelemetry(tracing, { logger: this.#logger, clock: this.#clock, onError });
  }
}

function planOf({ listen, surface: settings = OPEN_SURFACE }: DaemonConfig): SurfacePlan {
  return { listen, settings };
}
