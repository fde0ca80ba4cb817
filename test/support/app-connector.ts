import type { ConnectorOptions } from '../../src/connector-options.js';
import type { ConnectorStatus } from '../../src/connector-status.js';
import type { AppConnector, AppHistory } from '../../src/daemon/index.js';
import { HistoryRecorder } from '../../src/daemon/page/history.js';

export const APP_ID = 'cli_a1b2c3d4e5f60718';
export const OTHER_APP_ID = 'cli_ffffffffffffffff';
/** Looks like a secret, so that a message that repeats it is caught. */
export const APP_SECRET = 'Zx9Kq2Lm7Pw4Rt8Vb3Nc6Hd1Jf5Gs0Ay';

const AT = Date.UTC(2026, 0, 2, 3, 4, 5);

/** A connected app's status, with what the test changes. */
export function statusWith(changes: Partial<ConnectorStatus> = {}): ConnectorStatus {
  return {
    app: 'support-bot',
    appId: APP_ID,
    domain: 'https://open.feishu.cn',
    at: AT,
    alive: { is: true, evidence: 'the supervisor loop ticked', ageMs: 1_000 },
    connected: {
      is: true,
      evidence: 'the gateway answers on this socket',
      ageMs: 3_000,
      state: 'connected',
      connectionId: '7',
      silenceLimitMs: 45_000,
    },
    receiving: {
      is: true,
      evidence: 'connected',
      ageMs: 3_000,
      lastEventAt: null,
      lastFrameAt: AT - 3_000,
      eventsReceived: 0,
      isDeaf: false,
      console: null,
    },
    serverView: null,
    gaps: null,
    budget: null,
    baseline: null,
    attempts: { count: 1, nextAt: null, isUnderWay: false },
    gateway: 'wss://gateway.example',
    connections: { wanted: 1, proven: 1 },
    lastFailure: null,
    outage: null,
    token: { isValid: true, expiresAt: AT + 7_200_000, lastFailure: null },
    delivery: { pending: 0, capacity: 1_000, oldestPendingAt: null, deadLetters: 0, journal: null },
    ...changes,
  };
}

/** The same app without a connection, in this state. */
export function disconnected(
  state: ConnectorStatus['connected']['state'],
  changes: Partial<ConnectorStatus> = {},
): ConnectorStatus {
  return statusWith({
    connected: {
      is: false,
      evidence: `it is ${state}`,
      ageMs: 90_000,
      state,
      connectionId: null,
      silenceLimitMs: 45_000,
    },
    lastFailure: {
      code: 'credentials_rejected',
      verdict: 'operator',
      detail: 'code 10003',
      help: 'The platform rejects the app id or secret.',
      at: AT - 60_000,
    },
    outage: { number: 1, cause: 'connection_reset', startedAt: AT - 90_000, attempts: 4 },
    attempts: { count: 5, nextAt: AT + 30_000, isUnderWay: false },
    ...changes,
  });
}

/** What is remembered of an app that reported nothing in its first minute. */
export function blankHistory(): AppHistory {
  return new HistoryRecorder({ now: 0, wallNow: AT - 60_000 }).read({ now: 60_000, wallNow: AT });
}

/** Connectors that connect to nothing and write down what is done to them. */
export class FakeConnectors {
  /** `start support-bot`, `stop support-bot 500`, in order. */
  readonly calls: string[] = [];
  readonly options: ConnectorOptions[] = [];
  /** What the next status readings are. */
  status: (options: ConnectorOptions) => ConnectorStatus = ({ app, appId }) => statusWith({ app: app ?? appId, appId });
  /** Names of apps whose start fails, and with what. */
  readonly unable = new Map<string, Error>();
  /** What a stop waits for. */
  drained: Promise<void> = Promise.resolve();
  /** What single calls wait for, by `start support-bot` or `dispose support-bot`. */
  readonly waits = new Map<string, Promise<void>>();
  /** Names of apps that cannot even be created. */
  readonly impossible = new Set<string>();

  readonly create = (options: ConnectorOptions): AppConnector => {
    const { appId, app = appId } = options;
    if (this.impossible.has(app)) throw new Error(`no room for ${app}`);
    this.options.push(options);
    return {
      app,
      appId,
      start: async () => {
        this.calls.push(`start ${app}`);
        await this.waits.get(`start ${app}`);
        const error = this.unable.get(app);
        if (error !== undefined) throw error;
      },
      stop: async ({ drainMs } = {}) => {
        this.calls.push(`stop ${app} ${drainMs}`);
        await this.drained;
      },
      dispose: async ({ drainMs } = {}) => {
        this.calls.push(`dispose ${app} ${drainMs}`);
        await this.waits.get(`dispose ${app}`);
        await this.drained;
      },
      status: () => this.status(options),
      reconnect: () => {
        this.calls.push(`reconnect ${app}`);
        return false;
      },
      catchUp: () => {
        this.calls.push(`catch-up ${app}`);
        return 1;
      },
      on: () => () => {},
      get deadLetters(): never {
        throw new Error('these connectors keep no journal');
      },
    };
  };
}
