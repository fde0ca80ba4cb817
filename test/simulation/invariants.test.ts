import { expect, test } from 'vitest';
import { type Connector, type ConnectorOptions, createConnector } from '../../src/index.js';
import type { Dial, Http, Socket } from '../../src/ports/index.js';
import {
  type FaultProfile,
  INVARIANT_NAMES,
  type InvariantName,
  PROFILES,
  runSimulation,
  type Subject,
} from '../../src/simulation/index.js';

/** A connector that is broken on purpose, in weather that shows it. */
interface Breakage {
  readonly breaks: InvariantName;
  readonly how: string;
  readonly connector: (options: ConnectorOptions) => Subject;
  readonly faults?: FaultProfile;
}

const HOUR = 3_600_000;
/** Drops sockets and nothing else, every few hours. */
const KICKS: FaultProfile = { ...PROFILES.healthy, kickMs: 2 * HOUR };
const BUSY: FaultProfile = { ...PROFILES.healthy, eventsPerDay: 400, kickMs: null };

/** The real connector with some of its methods replaced. */
function changed(connector: Connector, change: Partial<Subject>): Subject {
  return {
    start: () => connector.start(),
    stop: (options) => connector.stop(options),
    status: () => connector.status(),
    reconnect: () => connector.reconnect(),
    on: (name, listener) => connector.on(name, listener),
    registry: connector.registry,
    ...change,
  };
}

function withSeams(options: ConnectorOptions, change: { readonly dial?: Dial; readonly http?: Http }): Connector {
  return createConnector({ ...options, seams: { ...options.seams, ...change } });
}

function seam<Name extends 'dial' | 'http' | 'clock'>(options: ConnectorOptions, name: Name) {
  const found = options.seams?.[name];
  if (found === undefined) throw new Error(`the simulation gave no ${name}`);
  return found;
}

/** A socket whose methods are changed. */
function changedSocket(socket: Socket, change: Partial<Socket>): Socket {
  return {
    send: (bytes) => socket.send(bytes),
    ping: () => socket.ping(),
    close: (code, reason, timeoutMs) => socket.close(code, reason, timeoutMs),
    terminate: () => socket.terminate(),
    ...change,
  };
}

const BREAKAGES: readonly Breakage[] = [
  {
    breaks: 'triesOrIsConnected',
    how: 'gives up when it has lost its connection for the second time',
    faults: KICKS,
    connector: (options) => {
      const connector = createConnector(options);
      let losses = 0;
      connector.on('state', ({ to }) => {
        if (to === 'waiting' && ++losses === 2) connector.stop();
      });
      return connector;
    },
  },
  {
    breaks: 'exportsTheNextAttempt',
    how: 'keeps the time of the next attempt to itself',
    faults: KICKS,
    connector: (options) => {
      const gauge = { get: async () => ({ values: [{ value: 0 }] }) };
      return changed(createConnector(options), { registry: { getSingleMetric: () => gauge } });
    },
  },
  {
    breaks: 'opensNoMoreThanWanted',
    how: 'dials twice, to be on the safe side',
    faults: KICKS,
    connector: (options) => {
      const dial = seam(options, 'dial');
      const http = seam(options, 'http');
      let tickets: string[] = [];
      const doubled: Http = async (request) => {
        const response = await http(request);
        if (request.body?.includes('AppSecret')) {
          const { body } = await http(request);
          tickets = [JSON.parse(body).data.URL];
        }
        return response;
      };
      const ignore = { opened: () => {}, message: () => {}, text: () => {}, pong: () => {}, closed: () => {} };
      return withSeams(options, {
        http: doubled,
        dial: (url, listener) => {
          for (const ticket of tickets.splice(0)) dial(ticket, ignore);
          return dial(url, listener);
        },
      });
    },
  },
  {
    breaks: 'claimsWhatWasProven',
    how: 'calls itself connected from the start',
    connector: (options) => {
      const connector = createConnector(options);
      const claim = { is: true, state: 'connected', connectionId: '1234567890123456789' } as const;
      return changed(connector, {
        status: () => {
          const status = connector.status();
          return { ...status, connected: { ...status.connected, ...claim } };
        },
      });
    },
  },
  {
    breaks: 'isNotReadyWhileDeaf',
    how: 'takes an hour to look whether its socket is dead',
    faults: { ...PROFILES.stormy, kinds: ['half_open'], hostTroubleMs: null },
    connector: (options) => createConnector({ ...options, connection: { heartbeatMs: HOUR, answerTimeoutMs: HOUR } }),
  },
  {
    breaks: 'keepsItsCallBudget',
    how: 'tries again every tenth of a second',
    faults: { ...PROFILES.stormy, kinds: ['refuse_tcp', 'drop_socket'], hostTroubleMs: null },
    connector: (options) =>
      createConnector({
        ...options,
        connection: { backoff: { initialMs: 100, maxMs: 100, factor: 1, jitter: 'none' } },
      }),
  },
  {
    breaks: 'recoversInTime',
    how: 'dials into the void from the second attempt on',
    faults: KICKS,
    connector: (options) => {
      const dial = seam(options, 'dial');
      let dials = 0;
      return withSeams(options, {
        dial: (url, listener) => {
          if (++dials === 1) return dial(url, listener);
          const { timer } = seam(options, 'clock');
          const terminate = (): void => {
            timer(0, () => listener.closed({ how: 'failed', error: 'aborted', message: 'into the void' }));
          };
          return { send: () => false, ping: () => false, close: terminate, terminate };
        },
      });
    },
  },
  {
    breaks: 'bringsBackItsStandbys',
    how: 'gives a standby one turn a day',
    faults: KICKS,
    connector: (options) => createConnector({ ...options, connections: 2, connection: { standbyPauseMs: 24 * HOUR } }),
  },
  {
    breaks: 'renewsItsToken',
    how: 'asks for a token again a day after a failure',
    faults: { ...PROFILES.stormy, kinds: ['token_status'], hostTroubleMs: null },
    connector: (options) =>
      createConnector({
        ...options,
        token: { retry: { initialMs: 24 * HOUR, maxMs: 24 * HOUR, factor: 1, jitter: 'none' } },
      }),
  },
  {
    breaks: 'stopsInTime',
    how: 'waits a minute longer than it was given to stop',
    faults: { ...BUSY, hostTroubleMs: HOUR },
    connector: (options) => {
      const connector = createConnector(options);
      return changed(connector, {
        stop: ({ drainMs = 0 } = {}) => {
          const { timer } = seam(options, 'clock');
          return new Promise((resolve, reject) => {
            timer(60_000, () => connector.stop({ drainMs }).then(resolve, reject));
          });
        },
      });
    },
  },
  {
    breaks: 'leavesNothingBehind',
    how: 'says that it has stopped, and goes on',
    faults: { ...BUSY, hostTroubleMs: HOUR },
    connector: (options) => changed(createConnector(options), { stop: async () => {} }),
  },
  {
    breaks: 'handlesOnce',
    how: 'forgets what it has handled',
    faults: { ...PROFILES.stormy, kinds: ['duplicate_events', 'replay_events'], hostTroubleMs: null },
    connector: (options) => createConnector({ ...options, delivery: { deduplicationMaxAgeMs: 1 } }),
  },
  {
    breaks: 'acknowledgesWhatWasHandled',
    how: 'acknowledges first and handles later',
    faults: { ...BUSY, isHandlerMoody: true },
    connector: (options) => {
      const { handlers = {}, ...rest } = options;
      const hasty = Object.entries(handlers).map(([type, handle]) => [
        type,
        (...given: Parameters<typeof handle>): void => {
          Promise.resolve(handle(...given)).catch(() => {});
        },
      ]);
      return createConnector({ ...rest, handlers: Object.fromEntries(hasty) });
    },
  },
  {
    breaks: 'losesNoEvent',
    how: 'never gets its acknowledgements out',
    faults: BUSY,
    connector: (options) => {
      const dial = seam(options, 'dial');
      return withSeams(options, {
        dial: (url, listener) => {
          const socket = dial(url, listener);
          // An ack carries the event's headers; a ping is a few bytes.
          return changedSocket(socket, { send: (bytes) => (bytes.length > 100 ? true : socket.send(bytes)) });
        },
      });
    },
  },
  {
    breaks: 'cutsNoHealthyLink',
    how: 'suspects whoever has not answered within a fifth of a second',
    faults: { ...PROFILES.healthy, kickMs: null },
    connector: (options) => createConnector({ ...options, connection: { answerTimeoutMs: 200 } }),
  },
];

const named = BREAKAGES.map((breakage) => [breakage.breaks, breakage.how, breakage] as const);

test.each(named)('%s fails for a connector that %s', { timeout: 60_000 }, async (breaks, _how, breakage) => {
  const { connector, faults = KICKS } = breakage;
  const { violation } = await runSimulation({ seed: 5, days: 5, faults, connector });
  expect(violation).toMatchObject({ invariant: breaks, seed: 5 });
  expect(violation?.detail).not.toBe('');
  expect(violation?.story.length).toBeGreaterThan(3);
  expect(violation?.story.length).toBeLessThanOrEqual(50);
  expect(violation?.replay).toMatch(/^feishu-connector simulate --seed 5 --days \d+ --weather \w+$/);
});

test('every invariant is shown to fail', () => {
  expect(BREAKAGES.map(({ breaks }) => breaks).sort()).toEqual([...INVARIANT_NAMES].sort());
});
