import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import {
  type ConnectionPolicy,
  type Connector,
  type ConnectorOptions,
  createConnector,
  type FeishuEvent,
} from '../../src/index.js';
import {
  type AppCredentials,
  BRISK_CLIENT_CONFIG,
  createSimulator,
  DEFAULT_APP,
  type LedgerEvent,
  type Simulator,
  type SimulatorOptions,
  type TrafficEntry,
  type TrafficKind,
} from '../../src/simulator/index.js';
import { eventually } from './eventually.js';
import { metricOf } from './world.js';

/** The app of the other client, where two clients meet the same fault side by side. */
export const OTHER_APP: AppCredentials = { appId: 'cli_00000000000000aa', appSecret: 'other-secret-of-no-worth' };

/** A connection that does in tens of milliseconds what the defaults do in tens of seconds. */
export const BRISK_CONNECTION: Partial<ConnectionPolicy> = {
  backoff: { initialMs: 20, maxMs: 100, factor: 2, jitter: 'full' },
  slowLane: { initialMs: 20, maxMs: 100, factor: 2, jitter: 'full' },
  quickRetryMs: 20,
  closeTimeoutMs: 200,
};

/** The simulator behind real sockets on loopback, stopped with the test. */
export interface RealPlatform {
  readonly simulator: Simulator;
  readonly url: string;
  /** How often the app did this to the platform, of the latest thousand. */
  count(kind: TrafficKind, appId: string, outcome?: string): number;
  /** The same as entries. */
  traffic(kind: TrafficKind, appId: string): readonly TrafficEntry[];
}

/** Brisk pacing, and the apps {@link DEFAULT_APP} and {@link OTHER_APP}, unless told otherwise. */
export async function realPlatform(options: SimulatorOptions = {}): Promise<RealPlatform> {
  const simulator = createSimulator({
    apps: [DEFAULT_APP, OTHER_APP],
    clientConfig: BRISK_CLIENT_CONFIG,
    // A second is no pause that a connector of ours keeps between pings: five are the least that it believes.
    missedPingLimit: null,
    ...options,
  });
  onTestFinished(() => simulator.stop());
  const { url } = await simulator.start();
  const traffic = (kind: TrafficKind, appId: string) =>
    simulator.platform.traffic.recent(kind).filter((entry) => entry.appId === appId);
  return {
    simulator,
    url,
    traffic,
    count: (kind, appId, outcome) =>
      traffic(kind, appId).filter((entry) => (outcome ?? entry.outcome) === entry.outcome).length,
  };
}

/** A connector of ours with everything that it says. */
export interface RealConnector {
  readonly connector: Connector;
  /** Events in the order in which the handler finished them. */
  readonly handled: FeishuEvent[];
  /** Log lines, parsed. */
  readonly logs: Record<string, unknown>[];
  /** The value of one series now; NaN if there is none. */
  metric(series: string): Promise<number>;
  /** Waits until a series has this value at least. */
  metricReaches(series: string, least: number): Promise<void>;
  /** Starts, and waits until it is connected. */
  connect(): Promise<void>;
}

/** A connector on real sockets, stopped with the test; `app` is `bot`, and its handler takes everything. */
export function realConnector(url: string, options: Partial<ConnectorOptions> = {}): RealConnector {
  const handled: FeishuEvent[] = [];
  const logs: Record<string, unknown>[] = [];
  const { connection, ...rest } = options;
  const handlers = {
    '*': async (event: FeishuEvent) => {
      handled.push(event);
    },
  };
  const connector = createConnector({
    ...DEFAULT_APP,
    app: 'bot',
    domain: url,
    logger: pino({ level: 'debug' }, { write: (line: string) => void logs.push(JSON.parse(line)) }),
    connection: { ...BRISK_CONNECTION, ...connection },
    ...(rest.eventDispatcher === undefined && { handlers }),
    ...rest,
  });
  onTestFinished(() => connector.stop({ drainMs: 100 }));
  const metric = async (series: string) => metricOf(await connector.registry.metrics(), series);
  return {
    connector,
    handled,
    logs,
    metric,
    metricReaches: (series, least) => eventually(async () => (await metric(series)) >= least, `${series} ${least}`),
    connect: async () => {
      await connector.start();
      await connector.ready();
    },
  };
}

/** Waits until the platform has this event acknowledged. */
export function acknowledged(event: LedgerEvent, whose: string): Promise<void> {
  return eventually(() => event.state === 'acknowledged', `the acknowledgement of ${whose}`);
}
