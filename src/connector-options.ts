import type { Client } from '@larksuiteoapi/node-sdk';
import type { Logger } from 'pino';
import { type Certificates, checkNetworkOptions, type ProxySetting } from './adapters/index.js';
import type { LookoutPolicy } from './catchup/index.js';
import { type ConnectionPolicy, DEFAULT_CONNECTION_POLICY, resolveConnectionPolicy } from './connection/index.js';
import { type CatchupOptions, resolveCatchupOptions } from './connector-catchup.js';
import { ConnectorError } from './connector-error.js';
import { type JournalOptions, type ResolvedJournalOptions, resolveJournalOptions } from './connector-journal.js';
import { MOST_CONNECTIONS } from './connector-limits.js';
import {
  DELIVERY_DEFAULTS,
  type DeliveryPolicy,
  type Handlers,
  resolveDeliveryPolicy,
  type SdkEventDispatcher,
} from './delivery/index.js';
import type { MetricsRegistry } from './observe/index.js';
import {
  type ClientAssertionProvider,
  type Clock,
  type Dial,
  described,
  type Http,
  learnSecret,
  nearMiss,
  type Random,
  type Reach,
  type Store,
  type Surroundings,
} from './ports/index.js';
import type { SinkLike } from './sinks/index.js';
import { resolveTokenPolicy, TOKEN_DEFAULTS, type TokenPolicy } from './token/index.js';

export type { Certificates, ProxySetting } from './adapters/index.js';

/** What {@link createConnector} takes. Only the app's credentials are required. */
export interface ConnectorOptions {
  /** The app's id: `cli_` and 16 hexadecimal digits. */
  readonly appId: string;
  /** The app's secret, or a function that gives it; a function is asked anew for every attempt and refresh. */
  readonly appSecret?: string | (() => string | Promise<string>);
  /** A file that holds the secret instead; it is read anew when it changes, so a rotated secret needs no restart. */
  readonly appSecretFile?: string;
  /**
   * Signs short-lived assertions instead of a secret, for apps that have none: the official SDK's interface. It is asked
   * for every attempt and refresh, within 5 s.
   */
  readonly clientAssertionProvider?: ClientAssertionProvider;
  /**
   * Where assertions are exchanged for tokens, such as `https://accounts.feishu.cn`. Default: the accounts host beside
   * `feishu` and `lark`, else the base URL of `domain`.
   */
  readonly oauthBaseUrl?: string;
  /** `feishu` (default), `lark`, or the base URL of something that behaves like them, such as the simulator's. */
  readonly domain?: 'feishu' | 'lark' | (string & {});
  /**
   * The way out, for everything the connector does: `environment` (default) follows `HTTPS_PROXY`, `HTTP_PROXY`,
   * `ALL_PROXY` and `NO_PROXY`, `none` goes direct, and `http://user:password@proxy.example:3128` is always used.
   */
  readonly proxy?: ProxySetting;
  /** PEM certificates of authorities to trust besides the usual ones, such as a TLS-inspecting proxy's. */
  readonly ca?: Certificates;
  /** A PEM file of such certificates; it is read anew for each connection, so a replaced one needs no restart. */
  readonly caFile?: string;
  /** Handlers by event type; `*` takes the rest. Exactly one of this, `eventDispatcher` and `sink`. */
  readonly handlers?: Handlers<Client>;
  /** An `EventDispatcher` of the official SDK. */
  readonly eventDispatcher?: SdkEventDispatcher;
  /**
   * Where events go instead of to functions: what `createSink` makes, or any dispatcher. It is started and stopped with
   * the connector. It serves one connector: whoever makes several makes a sink for each.
   */
  readonly sink?: SinkLike<Client>;
  /**
   * Keeps events on disk from their ack until they are handled: a restart loses none and handles none twice. Left out,
   * the ack waits for the handler, and what was handled is forgotten with the process.
   */
  readonly journal?: JournalOptions;
  /**
   * What is asked of the platform besides: how many of our connections it counts, and what its history has that we were
   * not given. True: with every default. False: nothing, and what an outage swallowed stays lost. Each part has a switch
   * of its own.
   */
  readonly catchup?: CatchupOptions | boolean;
  /** The operator's name for this app: the label `app` of every metric, span and log line. Default: the app id. */
  readonly app?: string;
  /**
   * How many connections are kept to the platform at once, 1 to 10. Default 1. The platform spreads events over them, and
   * each event is handled once: with 2 the loss of one interrupts nothing. While all are lost only one of them tries; the
   * app's limit is 50 connections over all processes.
   */
  readonly connections?: number;
  /**
   * Words for the User-Agent of every call to the platform, after `feishu-connector/<version>`: at most 8, of letters,
   * digits, `.`, `_`, `/` and `-`, 80 characters each.
   */
  readonly userAgentTags?: readonly string[];
  /** Limits and waits of the connection; each has a default and a reason. */
  readonly connection?: Partial<ConnectionPolicy>;
  /** Limits and waits of the tenant token. */
  readonly token?: Partial<TokenPolicy>;
  /** Limits of the delivery to handlers. */
  readonly delivery?: Partial<DeliveryPolicy>;
  /** Any pino logger. Default: one of our own, JSON lines to standard output at level `info`. */
  readonly logger?: Logger;
  /** The prom-client registry to put the metrics in. Default: one of our own, see `connector.registry`. */
  readonly registry?: MetricsRegistry;
  /** The seams, for tests and simulations. What is left out is the real thing. */
  readonly seams?: Partial<Seams>;
}

/** Everything the connector does to the outside world goes through these. */
export interface Seams {
  readonly clock: Clock;
  readonly random: Random;
  readonly http: Http;
  readonly dial: Dial;
  /** Left out beside another `http`: hosts count as reachable, and probes ask instead. */
  readonly reach: Reach;
  /** Null, or left out beside another `http`: nobody looks whether the network of this machine changed. */
  readonly surroundings: Surroundings | null;
  /** Makes `http`, `dial` and `reach` anew. Left out: the real ones are made anew, and others are not. */
  readonly refreshParts: () => void;
  /** Opens the journal's store, once per start. Asked only if there is a journal. */
  readonly store: () => Promise<Store>;
}

/** The options checked, with every default in place. */
export interface ResolvedOptions {
  readonly appId: string;
  readonly app: string;
  readonly baseUrl: string;
  readonly connections: number;
  readonly userAgentTags: readonly string[];
  /** Null: beside the domain. */
  readonly oauthBaseUrl: string | null;
  readonly connection: ConnectionPolicy;
  readonly token: TokenPolicy;
  readonly delivery: DeliveryPolicy;
  /** Null without one. */
  readonly journal: ResolvedJournalOptions | null;
  /** Null: switched off. */
  readonly catchup: LookoutPolicy | null;
  readonly network: Pick<ConnectorOptions, 'proxy' | 'ca' | 'caFile'>;
}

/** The base URLs of the platform. */
export const DOMAINS = Object.freeze({
  feishu: 'https://open.feishu.cn',
  lark: 'https://open.larksuite.com',
});

const OPTION_NAMES: Readonly<Record<keyof ConnectorOptions, true>> = {
  appId: true,
  appSecret: true,
  appSecretFile: true,
  clientAssertionProvider: true,
  oauthBaseUrl: true,
  domain: true,
  proxy: true,
  ca: true,
  caFile: true,
  handlers: true,
  eventDispatcher: true,
  sink: true,
  journal: true,
  catchup: true,
  app: true,
  connections: true,
  userAgentTags: true,
  connection: true,
  token: true,
  delivery: true,
  logger: true,
  registry: true,
  seams: true,
};

/**
 * Checks what the caller gave before anything starts.
 * @throws ConnectorError `bad_option`, naming the option, what was expected and what was given.
 */
export function resolveOptions(options: ConnectorOptions): ResolvedOptions {
  if (!isRecord(options)) bad(`options must be an object with appId and a secret at least, got ${described(options)}`);
  for (const name of Object.keys(options)) refuseUnknown('', name, Object.keys(OPTION_NAMES));
  const { appId, appSecret, journal, app = appId, userAgentTags = [], oauthBaseUrl } = options;
  // Before anything is said about what was given.
  if (typeof appSecret === 'string') learnSecret(appSecret);
  if (typeof appId !== 'string' || !/^cli_[0-9a-f]{16}$/i.test(appId)) {
    bad(`appId must be cli_ and 16 hexadecimal digits, as the developer console shows it, got ${described(appId)}`);
  }
  refuseCredentials(options);
  if (!Array.isArray(userAgentTags) || userAgentTags.length > 8 || !userAgentTags.every(isTag)) {
    bad(`userAgentTags must be at most 8 words of letters, digits, . _ / -, got ${JSON.stringify(userAgentTags)}`);
  }
  const destinations = (['handlers', 'eventDispatcher', 'sink'] as const).filter((name) => options[name] !== undefined);
  if (destinations.length === 0) bad('one of handlers, eventDispatcher and sink is needed');
  if (destinations.length > 1) bad(`${destinations.join(' and ')} exclude each other`);
  for (const [name, isFit, expected] of SHAPES) {
    const given = options[name];
    if (given !== undefined && !isFit(given)) bad(`${name} must be ${expected}, got ${described(given)}`);
  }
  if (!isAppName(app)) bad(`app must be ${APP_NAME}, got ${described(app)}`);
  const { connections = 1 } = options;
  if (!Number.isInteger(connections) || connections < 1 || connections > MOST_CONNECTIONS) {
    bad(`connections must be a whole number from 1 to ${MOST_CONNECTIONS}, got ${described(connections)}`);
  }
  const limits = {
    connection: knownOf('connection', options.connection, DEFAULT_CONNECTION_POLICY),
    token: knownOf('token', options.token, TOKEN_DEFAULTS),
    delivery: knownOf('delivery', options.delivery, DELIVERY_DEFAULTS),
  };
  const delivery = checked(() => resolveDeliveryPolicy(limits.delivery, journal !== undefined), 'delivery');
  const resolvedJournal = journal === undefined ? null : checked(() => resolveJournalOptions(journal));
  const grounds = {
    hasJournal: resolvedJournal !== null,
    rememberedMs: resolvedJournal?.retentionMs ?? delivery.deduplicationMaxAgeMs,
  };
  return {
    appId,
    app,
    baseUrl: baseUrlOf(options.domain ?? 'feishu'),
    connections,
    userAgentTags,
    oauthBaseUrl: oauthBaseUrl === undefined ? null : httpBaseOf('oauthBaseUrl', oauthBaseUrl),
    connection: checked(() => resolveConnectionPolicy(limits.connection)),
    token: checked(() => resolveTokenPolicy(limits.token), 'token'),
    delivery,
    journal: resolvedJournal,
    catchup: checked(() => resolveCatchupOptions(options.catchup, grounds)),
    network: checked(() => networkOf(options)),
  };
}

function networkOf({ proxy, ca, caFile }: ConnectorOptions): ResolvedOptions['network'] {
  const given = {
    ...(proxy !== undefined && { proxy }),
    ...(ca !== undefined && { ca }),
    ...(caFile !== undefined && { caFile }),
  };
  checkNetworkOptions(given);
  return given;
}

/**
 * The base URL of a domain, without a trailing slash.
 * @throws ConnectorError `bad_option` for anything that is neither a known domain nor an http(s) URL without query.
 */
export function baseUrlOf(domain: string): string {
  if (domain === 'feishu' || domain === 'lark') return DOMAINS[domain];
  return httpBaseOf('domain', domain, 'feishu, lark or ');
}

function httpBaseOf(option: string, given: string, others = ''): string {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '' || url.username !== '') {
    bad(`${option} must be ${others}a base URL such as http://127.0.0.1:7777, got ${described(given)}`);
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function refuseCredentials(options: ConnectorOptions): void {
  const given = (['appSecret', 'appSecretFile', 'clientAssertionProvider'] as const).filter(
    (name) => options[name] !== undefined,
  );
  if (given.length === 0) bad('either appSecret or appSecretFile is needed, or a clientAssertionProvider');
  if (given.length > 1) bad(`${given.join(' and ')} exclude each other`);
  const { clientAssertionProvider, oauthBaseUrl } = options;
  if (oauthBaseUrl !== undefined && clientAssertionProvider === undefined) {
    bad('oauthBaseUrl goes with a clientAssertionProvider alone: a secret is exchanged at the domain');
  }
  if (clientAssertionProvider !== undefined && typeof clientAssertionProvider.retrieveToken !== 'function') {
    bad('clientAssertionProvider must have a method retrieveToken(audience) that gives { value }');
  }
}

function isTag(tag: unknown): boolean {
  return typeof tag === 'string' && /^[\w./-]{1,80}$/.test(tag);
}

/** A misspelt limit would be without effect, and without a word. One that is undefined is left out. */
function knownOf<Policy extends object>(option: string, given: Partial<Policy> = {}, known: Policy): Partial<Policy> {
  for (const name of Object.keys(given)) refuseUnknown(`${option}.`, name, Object.keys(known));
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<Policy>;
}

function refuseUnknown(above: string, name: string, known: readonly string[]): void {
  if (known.includes(name)) return;
  const meant = nearMiss(name, known);
  const advice = meant === null ? `known are ${known.join(', ')}` : `did you mean ${above}${meant}?`;
  bad(`unknown option ${above}${name}; ${advice}`);
}

/** The words for what {@link isAppName} lets pass. */
export const APP_NAME = '1 to 100 characters, no control character among them and no blank at either end';

/** Whether an app can be called so: the name is a label, a word in logs and a line on a screen. */
export function isAppName(name: unknown): name is string {
  return typeof name === 'string' && /^\S(?:.{0,98}\S)?$/su.test(name) && !/\p{Cc}/u.test(name);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function has(...methods: readonly string[]): (value: unknown) => boolean {
  return (value) =>
    (typeof value === 'object' || typeof value === 'function') &&
    value !== null &&
    methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');
}

/** What JavaScript lets one pass where the types do not, and what would fail later, somewhere else. */
const SHAPES: readonly (readonly [keyof ConnectorOptions, (given: unknown) => boolean, string])[] = [
  ['appSecretFile', (given) => typeof given === 'string' && given !== '', 'the path of a file'],
  ['domain', (given) => typeof given === 'string', 'feishu, lark or a base URL'],
  ['handlers', isRecord, 'an object of functions by event type'],
  [
    'eventDispatcher',
    (given) => has('invoke')(given) && has('has', 'keys')((given as SdkEventDispatcher).handles),
    'an EventDispatcher of the official SDK',
  ],
  ['sink', has('handles', 'dispatch'), 'what createSink makes, or a dispatcher with handles() and dispatch()'],
  ['journal', isRecord, 'options with a directory'],
  ['connection', isRecord, 'options'],
  ['token', isRecord, 'options'],
  ['delivery', isRecord, 'options'],
  ['logger', has('child', 'info', 'warn', 'error'), 'a pino logger'],
  ['registry', has('registerMetric', 'getSingleMetric'), 'a prom-client registry'],
  ['seams', isRecord, 'the seams of a test'],
];

/** What `resolve` gives; what it throws becomes a ConnectorError `bad_option`, with the same words: a cause would repeat them unredacted. */
export function checked<Policy>(resolve: () => Policy, group?: string): Policy {
  try {
    return resolve();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Some rooms name their own options without the one that they stand below.
    const isNamed = group === undefined || message.startsWith(`${group}.`);
    throw new ConnectorError('bad_option', isNamed ? message : `${group}.${message}`);
  }
}

function bad(message: string): never {
  throw new ConnectorError('bad_option', message);
}
