import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { stringify } from 'yaml';
import { type Connector, createConnector } from '../../../src/connector.js';
import { type Daemon, loadConfig, startDaemon } from '../../../src/daemon/index.js';
import {
  freePorts,
  type Inbox,
  type Monitoring,
  openInbox,
  SCALED_ALERTS,
  startMonitoring,
} from '../../../src/monitoring/index.js';
import {
  type AppCredentials,
  createSimulator,
  type Fault,
  messageEvent,
  type Simulator,
} from '../../../src/simulator/index.js';
import { eventually } from '../../support/eventually.js';
import type { Expectation, FaultOfRow } from '../expectations.js';
import { DaemonProcess } from './daemon-process.js';
import { query } from './prometheus-api.js';

/** What the world needs to know of an expectation before it begins. */
type Row = Pick<Expectation, 'app' | 'process' | 'handler' | 'hasJournal' | 'isCounted'>;

export const JOB = 'feishu-connector';

/** Limits on the same scale as far as a busy machine lets them be: 45 s of silence become 2. */
const SCALED_CONNECTION = {
  discoveryTimeoutMs: 1_000,
  dialTimeoutMs: 1_000,
  proofTimeoutMs: 1_000,
  backoff: { initialMs: 50, maxMs: 200, factor: 2, jitter: 'full' },
  slowLane: { initialMs: 250, maxMs: 500, factor: 2, jitter: 'equal' },
  quickRetryMs: 50,
  stableAfterMs: 1_000,
  heartbeatMs: 500,
  answerTimeoutMs: 1_000,
  suspicionMs: 500,
  lateGraceMs: 500,
  closeTimeoutMs: 500,
} as const;

/** An outage of seconds is no brief one here, and what it swallowed is looked for at once. */
const SCALED_CATCHUP = { briefMs: 0, settleMs: 200, overlapMs: 1_000, aftermathMs: 1_000 } as const;

const SCALED_TOKEN = {
  fetchTimeoutMs: 500,
  wantedIntervalMs: 1_000,
  retry: { initialMs: 250, maxMs: 1_000, factor: 2, jitter: 'full' },
} as const;

const BLOCKING_HANDLER = fileURLToPath(new URL('../fixtures/blocking-handler.mjs', import.meta.url));
const SLOW_HANDLER = fileURLToPath(new URL('../fixtures/slow-handler.mjs', import.meta.url));
const MESSAGE_EVERY_MS = 500;

/**
 * One simulated platform with an app for each scenario; a daemon in this process that runs them all, and daemons of
 * their own for those whose process is harmed; one Prometheus and one Alertmanager that watch them, and the inbox where
 * the alerts arrive. As apps do not disturb each other, the scenarios run at the same time.
 */
export class IncidentWorld {
  readonly simulator: Simulator;
  readonly inbox: Inbox;
  readonly monitoring: Monitoring;
  readonly daemon: Daemon;
  readonly #cast: readonly Actor[];
  readonly #ends: (() => unknown)[];

  private constructor(parts: Parts) {
    this.simulator = parts.simulator;
    this.inbox = parts.inbox;
    this.monitoring = parts.monitoring;
    this.daemon = parts.daemon;
    this.#cast = parts.cast;
    this.#ends = parts.ends;
  }

  /** Resolves when every app is connected and Prometheus has seen it so. `shortTokens` live as long as they say. */
  static async open(rows: readonly Row[], shortTokens: Readonly<Record<string, number>> = {}): Promise<IncidentWorld> {
    const ends: (() => unknown)[] = [];
    try {
      const directory = await mkdtemp(join(tmpdir(), 'feishu-e2e-'));
      ends.push(() => rm(directory, { recursive: true, force: true }));
      const simulator = createSimulator({
        apps: rows.map((_, index) => credentialsOf(index)),
        // One retry is what the platform was seen to allow (F01); five seconds is the shortest pace that we believe.
        clientConfig: { ReconnectCount: 1, PingInterval: 5 },
        redeliveryScale: 0.01,
      });
      ends.push(() => simulator.stop());
      const { url } = await simulator.start();
      const cast = await castOf(rows, url, directory);
      for (const { app, appId } of cast) {
        const lifetimeMs = shortTokens[app];
        if (lifetimeMs !== undefined) simulator.inject({ fault: 'token_expire', lifetimeMs, appId });
      }
      const daemon = await openDaemon(directory, cast);
      ends.push(() => daemon.stop({ drainMs: 500 }));
      for (const { app, config, process } of cast) {
        if (process === null) continue;
        ends.push(() => process.kill());
        const whole = { listen: process.address, logLevel: 'warn', apps: [config] };
        await writeFile(join(directory, `${app}.yaml`), stringify(whole));
        await process.start();
      }
      const inbox = await openInbox();
      ends.push(() => inbox.close());
      const monitoring = await startMonitoring({
        connectors: [new URL(daemon.url).host, ...cast.flatMap(({ process }) => process?.address ?? [])],
        receivers: inbox.receivers,
        alerts: SCALED_ALERTS,
      });
      ends.push(() => monitoring.stop());
      const traffic = setInterval(() => {
        for (const { appId } of cast) simulator.send(messageEvent({ text: 'hello' }), { appId });
      }, MESSAGE_EVERY_MS);
      ends.push(() => clearInterval(traffic));
      await eventually(
        async () => (await query(monitoring.prometheusUrl, 'feishu_ws_connected == 1')).length === rows.length,
        'every app being seen as connected',
        { deadlineMs: 60_000, pauseMs: 100 },
      );
      return new IncidentWorld({ simulator, inbox, monitoring, daemon, cast, ends });
    } catch (error) {
      await endAll(ends);
      throw error;
    }
  }

  /** The address of the instance that runs this app, as the label `instance` has it. */
  instanceOf(app: string): string {
    return this.#actor(app).process?.address ?? new URL(this.daemon.url).host;
  }

  /** Does this to the app alone. @returns What undoes all of it. */
  async harm({
    app,
    faults,
    process,
    handler,
    isShared,
    lasting = [],
  }: Pick<Expectation, 'app' | 'faults' | 'process' | 'handler' | 'isShared' | 'lasting'>): Promise<
    () => Promise<void>
  > {
    const { appId, process: own } = this.#actor(app);
    for (const fault of lasting) this.simulator.inject({ ...fault, appId } as Fault);
    const ids = faults.map((fault: FaultOfRow) => this.simulator.inject({ ...fault, appId } as Fault));
    const say = (text: string) => this.simulator.send(messageEvent({ text }), { appId });
    if (process === 'killed') await own?.kill();
    if (process === 'blocked') say('block');
    if (handler === 'slow') say('slow');
    const stranger = isShared ? this.#strangerTo(this.#actor(app)) : null;
    await stranger?.start();
    return async () => {
      await stranger?.stop({ drainMs: 0 });
      for (const id of ids) this.simulator.clear(id);
      if (process === 'killed') await own?.start();
      if (process === 'blocked') say('breathe');
      if (handler === 'slow') say('swift');
    };
  }

  close(): Promise<void> {
    return endAll(this.#ends);
  }

  /** Another client of the same app, of which our metrics know nothing. */
  #strangerTo({ appId, appSecret, domain }: Actor): Connector {
    const stranger = createConnector({
      appId,
      appSecret,
      domain,
      handlers: { '*': () => {} },
      catchup: false,
      logger: pino({ level: 'silent' }),
    });
    this.#ends.push(() => stranger.stop({ drainMs: 0 }));
    return stranger;
  }

  #actor(app: string): Actor {
    const actor = this.#cast.find((one) => one.app === app);
    if (actor === undefined) throw new Error(`nobody plays ${app}`);
    return actor;
  }
}

interface Parts {
  readonly simulator: Simulator;
  readonly inbox: Inbox;
  readonly monitoring: Monitoring;
  readonly daemon: Daemon;
  readonly cast: readonly Actor[];
  /** What ends each part, in the order in which they began. */
  readonly ends: (() => unknown)[];
}

interface Actor {
  readonly app: string;
  readonly appId: string;
  readonly appSecret: string;
  readonly domain: string;
  /** Its entry in a configuration file. */
  readonly config: object;
  /** Null: it runs in the daemon of the test's own process. */
  readonly process: DaemonProcess | null;
}

function credentialsOf(index: number): AppCredentials {
  return { appId: `cli_${String(index).padStart(16, '0')}`, appSecret: `secret-of-no-worth-${index}` };
}

/** The last that began ends first. */
async function endAll(ends: (() => unknown)[]): Promise<void> {
  for (const end of ends.splice(0).reverse()) await end();
}

async function castOf(rows: readonly Row[], domain: string, directory: string): Promise<Actor[]> {
  const ports = await freePorts(rows.length);
  return rows.map(({ app, process, handler, hasJournal, isCounted }, index): Actor => {
    const credentials = credentialsOf(index);
    return {
      app,
      ...credentials,
      domain,
      config: {
        ...credentials,
        app,
        domain,
        connection: SCALED_CONNECTION,
        token: SCALED_TOKEN,
        ...(process === 'blocked' && { handler: BLOCKING_HANDLER }),
        ...(handler === 'slow' && { handler: SLOW_HANDLER }),
        ...(hasJournal && { journal: { directory: join(directory, 'journal', app) } }),
        catchup: {
          // The platform's count is asked for at once, not a minute later.
          view: { settleMs: 500, ...(isCounted && { intervalMs: 2_000, confirmMs: 1_000 }) },
          ...(hasJournal && { catchup: SCALED_CATCHUP }),
          // At that pace a month of calls would be spent in a day, and the looks would be put off.
          budget: { monthlyQuota: 1_000_000_000 },
        },
      },
      process:
        process === undefined ? null : new DaemonProcess(join(directory, `${app}.yaml`), `127.0.0.1:${ports[index]}`),
    };
  });
}

async function openDaemon(directory: string, cast: readonly Actor[]): Promise<Daemon> {
  const file = join(directory, 'daemon.yaml');
  const apps = cast.filter(({ process }) => process === null).map(({ config }) => config);
  await writeFile(file, stringify({ listen: '127.0.0.1:0', logLevel: 'silent', apps }));
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  return startDaemon(await loadConfig({ file, env: {}, cwd: directory }), {
    createConnector,
    logger: pino({ level: 'silent' }),
    stdout: nowhere,
  });
}
