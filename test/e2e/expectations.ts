import type { Fault } from '../../src/simulator/index.js';

/** An alert that must come, at this severity; its labels beside job and severity, and those of whom it is about. */
export interface ExpectedAlert {
  readonly alert: string;
  readonly severity: 'critical' | 'warning';
  /** `app`: job and app; `connection`: instance too; `instance`: job and instance. */
  readonly about: 'app' | 'connection' | 'instance';
  readonly labels: Readonly<Record<string, string>>;
}

/** A fault without whom it strikes: the app of its row, and no other. */
export type FaultOfRow = Fault extends infer One ? (One extends Fault ? Omit<One, 'appId'> : never) : never;

/** What is done, and who is told. Exactly these, of any severity: anything else that arrives fails the suite. */
export interface Expectation {
  /** The app's alias, and its label. */
  readonly app: string;
  readonly title: string;
  /** Done to the platform, in this order, until the alerts have come. */
  readonly faults: readonly FaultOfRow[];
  /** Or done to the process; then it has one of its own. */
  readonly process?: 'blocked' | 'killed';
  /** Or by somebody else, who connects as the same app. */
  readonly isShared?: true;
  /** Done with the faults, and never undone. */
  readonly lasting?: readonly FaultOfRow[];
  /** Or done by its handler. */
  readonly handler?: 'slow';
  readonly hasJournal?: true;
  /** The platform's count is asked for every few seconds. */
  readonly isCounted?: true;
  readonly told: readonly ExpectedAlert[];
  /** On, but kept from everybody by another: a page is one page. */
  readonly muted: readonly ExpectedAlert[];
  /** Told only when the harm is over. */
  readonly toldAfter?: readonly ExpectedAlert[];
  /** Told or not: what may end before or after the alert that mutes it. */
  readonly mayBeTold?: readonly ExpectedAlert[];
  readonly why: string;
}

const DEAF: ExpectedAlert = {
  alert: 'FeishuAppDeaf',
  severity: 'critical',
  about: 'app',
  labels: { layer: 'connection' },
};
const DISCONNECTED: ExpectedAlert = {
  alert: 'FeishuWsDisconnected',
  severity: 'warning',
  about: 'connection',
  labels: { layer: 'connection' },
};
const FLAPPING: ExpectedAlert = {
  alert: 'FeishuWsFlapping',
  severity: 'warning',
  about: 'connection',
  labels: { layer: 'connection' },
};
const DUPLICATES: ExpectedAlert = {
  alert: 'FeishuDuplicateDeliveries',
  severity: 'warning',
  about: 'app',
  labels: { layer: 'events' },
};
const TOKEN = { layer: 'auth', token_type: 'tenant' };

/** Tokens of the app of F02 live this long; of all others two hours, as on the platform. */
export const SHORT_TOKEN_MS = 40_000;

/** The scenarios that the simulator and a killed process can bring about, by number of the incident catalogue. */
export const EXPECTATIONS: readonly Expectation[] = [
  {
    app: 'f01',
    title: 'F01: the platform allows one retry (ReconnectCount 1), cuts the socket, and discovery answers 500',
    faults: [{ fault: 'discovery_status', status: 500 }, { fault: 'drop_socket' }],
    told: [DEAF],
    muted: [DISCONNECTED],
    why: 'Nobody receives. It is not FeishuWsGaveUp: the budget that the platform sends is not obeyed.',
  },
  {
    app: 'f02-outage',
    title: 'F02: token and discovery requests hang while the socket is cut',
    faults: [{ fault: 'token_hang' }, { fault: 'discovery_hang' }, { fault: 'drop_socket' }],
    told: [DEAF],
    muted: [DISCONNECTED],
    why: 'Nobody receives. It is not FeishuWsReconnectStuck: every attempt has its deadline, so the next one begins.',
  },
  {
    app: 'f02-token',
    title: 'F02: token requests hang, the socket lives',
    faults: [{ fault: 'token_hang' }],
    told: [
      { alert: 'FeishuTokenRefreshFailing', severity: 'warning', about: 'connection', labels: TOKEN },
      { alert: 'FeishuTokenNearExpiry', severity: 'critical', about: 'connection', labels: TOKEN },
    ],
    muted: [],
    why: 'Events still come, so nobody is deaf: first a ticket, and a page once half of the time to renew is gone.',
  },
  {
    app: 'f03-replaced',
    title: 'F03: the socket goes half-open, and another one can be had',
    faults: [{ fault: 'half_open', sockets: 'existing' }],
    told: [],
    muted: [],
    why: 'Our own silence limit gives it up and the next attempt succeeds: a counter, no alert. Not FeishuWsHalfOpen, which says that this limit failed.',
  },
  {
    app: 'f03-prevented',
    title: 'F03: the socket goes half-open, and so does every other one',
    faults: [{ fault: 'half_open', sockets: 'all' }],
    told: [DEAF],
    muted: [DISCONNECTED],
    why: 'Without a pong there is no connection, whatever the 101 says (F34): nobody receives.',
  },
  {
    app: 'f04',
    title: 'F04: sockets answer pings and bring nothing, and the platform does not count them',
    faults: [{ fault: 'mute', sockets: 'all', isUncounted: true }],
    isCounted: true,
    told: [{ alert: 'FeishuWsZombie', severity: 'critical', about: 'app', labels: { layer: 'connection' } }],
    muted: [],
    why: 'Nothing in the socket says so, and a new one is no better: only the platform knows, and is asked.',
  },
  {
    app: 'f07',
    title: 'F07: somebody else connects as the same app and takes half of the events',
    faults: [],
    isShared: true,
    isCounted: true,
    told: [{ alert: 'FeishuWsForeignConsumer', severity: 'warning', about: 'app', labels: { layer: 'connection' } }],
    muted: [],
    why: 'Our connection is as good as ever; what is missing went to the other one.',
  },
  {
    app: 'f23',
    title: 'F23: an outage, after which history gives what it swallowed',
    faults: [{ fault: 'discovery_status', status: 502 }, { fault: 'drop_socket' }],
    hasJournal: true,
    told: [DEAF],
    muted: [DISCONNECTED],
    mayBeTold: [DUPLICATES],
    why: 'The page is about the outage. The gap is read and closed, which is nothing to tell. What history gave is pushed again later, and recognised: a ticket, if it was much.',
  },
  {
    app: 'f23-denied',
    title: 'F23: the same, and the app may not read history',
    faults: [{ fault: 'discovery_status', status: 502 }, { fault: 'drop_socket' }],
    lasting: [{ fault: 'api_code', code: 99991672, path: '/open-apis/im/v1/' }],
    hasJournal: true,
    told: [DEAF],
    muted: [DISCONNECTED],
    toldAfter: [
      {
        alert: 'FeishuEventGapLost',
        severity: 'warning',
        about: 'connection',
        labels: { layer: 'events', recovered: 'unknown' },
      },
    ],
    why: 'What was sent meanwhile may be lost, and nothing tries again by itself: somebody has to grant the scope.',
  },
  {
    app: 'f09',
    title: 'F09: the platform rejects the credentials',
    faults: [{ fault: 'discovery_code', code: 10014 }, { fault: 'drop_socket' }],
    told: [
      DEAF,
      {
        alert: 'FeishuConnectRejected',
        severity: 'critical',
        about: 'app',
        labels: { layer: 'auth', failure: 'credentials_rejected' },
      },
    ],
    muted: [DISCONNECTED],
    why: 'Both are right: one says who suffers, the other that waiting will not help and what to mend. AppDeaf mutes no alert that says what to do.',
  },
  {
    app: 'f11',
    title: 'F11: the platform kicks every connection again and again',
    faults: [{ fault: 'kick_every', everyMs: 2_000, code: 1000, reason: 'bye' }],
    told: [FLAPPING],
    muted: [],
    why: 'It is back within moments each time: nobody is deaf, but somebody should look.',
  },
  {
    app: 'f35',
    title: 'F35: the platform accepts every socket and closes it right behind the 101',
    faults: [{ fault: 'accept_then_close' }, { fault: 'drop_socket' }],
    told: [DEAF],
    muted: [DISCONNECTED],
    why: 'A 101 is no connection: none is proven, so none is counted as lost either, and nobody receives.',
  },
  {
    app: 'f35-proven',
    title: 'F35: the platform answers the first ping of every socket, and closes it then',
    faults: [{ fault: 'accept_then_close', afterMs: 900 }, { fault: 'drop_socket' }],
    told: [FLAPPING],
    muted: [],
    why: 'Each one is a connection, and each is lost.',
  },
  {
    app: 'f13',
    title: 'F13: a handler takes longer than the platform waits for the acknowledgement',
    faults: [],
    handler: 'slow',
    told: [{ alert: 'FeishuAckLate', severity: 'warning', about: 'app', labels: { layer: 'ack' } }],
    muted: [DUPLICATES],
    mayBeTold: [DUPLICATES],
    why: 'Every event comes again, and is recognised: extra work, nothing lost. The window of the duplicates is the longer one, so they may outlive what mutes them.',
  },
  {
    app: 'f13-journal',
    title: 'F13: the same handler behind a journal',
    faults: [],
    handler: 'slow',
    hasJournal: true,
    told: [],
    muted: [],
    why: 'The acknowledgement waits for the disk, not for the handler: nothing is late, and nothing comes again.',
  },
  {
    app: 'f14',
    title: 'F14: a handler blocks the event loop',
    faults: [],
    process: 'blocked',
    told: [{ alert: 'FeishuEventLoopBlocked', severity: 'warning', about: 'instance', labels: { layer: 'process' } }],
    muted: [],
    why: 'Pongs and acks are late, but within their limits: the peer is not blamed for our own lateness.',
  },
  {
    app: 'killed',
    title: 'SIGKILL: the process of an app is gone, and does not come back by itself',
    faults: [],
    process: 'killed',
    told: [DEAF, { alert: 'FeishuTargetDown', severity: 'warning', about: 'instance', labels: { layer: 'meta' } }],
    muted: [],
    why: 'No metric says that it is deaf; that they are gone does. The page is about the app, the ticket about the instance.',
  },
  {
    app: 'steady',
    title: 'no harm is done to this app, while all others in its process suffer',
    faults: [],
    hasJournal: true,
    told: [],
    muted: [],
    why: 'Nobody is called for the neighbours.',
  },
];
