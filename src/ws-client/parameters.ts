import type { CardActionHandler, Client, WSClient as SdkWSClient } from '@larksuiteoapi/node-sdk';
import type { ConnectorOptions } from '../connector-options.js';
import type { SdkEventDispatcher } from '../connector-parts.js';

/** What the official SDK's `WSClient` is made of, in its current version. */
export type SdkParameters = ConstructorParameters<typeof SdkWSClient>[0];

/** The connector's own options that a drop-in takes beside the SDK's parameters. */
export type ConnectorExtras = Omit<
  ConnectorOptions,
  | 'appId'
  | 'appSecret'
  | 'clientAssertionProvider'
  | 'domain'
  | 'userAgentTags'
  | 'handlers'
  | 'eventDispatcher'
  | 'sink'
  | 'logger'
  | 'seams'
>;

/** The SDK's parameters and, as an addition, the connector's options: `journal`, `registry`, `connections` and the rest. */
export interface WSClientParameters extends SdkParameters, ConnectorExtras {
  /** For tests and simulations. */
  readonly seams?: ConnectorOptions['seams'];
}

/** What `start()` takes. Both are told by what they can do, so that those of another version of the SDK fit too. */
export interface StartParameters {
  readonly eventDispatcher: SdkEventDispatcher;
  /** Takes `card.action.trigger` callbacks that the dispatcher has no handler for; the SDK's client drops them. */
  readonly cardActionHandler?: SdkCardActionHandler;
}

/** The part of the official SDK's `CardActionHandler` that is used. */
export interface SdkCardActionHandler {
  readonly cardHandler: CardActionHandler['cardHandler'];
  /** Undoes an encryption, and merges header and event flat. */
  readonly requestHandle?: { parse(envelope: unknown): unknown };
}

/** The parameters sorted: the SDK's own as `sdk`, the connector's options as `extras`. */
export interface SortedParameters {
  readonly sdk: SdkParameters;
  readonly extras: ConnectorExtras;
  /** Names that mean nothing to either of them. */
  readonly unknown: readonly string[];
}

/** Every parameter of the SDK; a new one in a later version fails the build here. */
const SDK_NAMES: Readonly<Record<keyof SdkParameters, true>> = {
  appId: true,
  appSecret: true,
  clientAssertionProvider: true,
  domain: true,
  logger: true,
  loggerLevel: true,
  httpInstance: true,
  autoReconnect: true,
  agent: true,
  source: true,
  extraUaTags: true,
  onReady: true,
  onError: true,
  onReconnecting: true,
  onReconnected: true,
  handshakeTimeoutMs: true,
  wsConfig: true,
};

const EXTRA_NAMES: Readonly<Record<keyof ConnectorExtras, true>> = {
  appSecretFile: true,
  oauthBaseUrl: true,
  proxy: true,
  ca: true,
  caFile: true,
  journal: true,
  catchup: true,
  app: true,
  connections: true,
  connection: true,
  token: true,
  delivery: true,
  registry: true,
};

type ClientParameters = ConstructorParameters<typeof Client>[0];

/**
 * What programs hand to the SDK's `Client` and `EventDispatcher`, and with one object for all of them to the `WSClient`
 * too, where it means nothing.
 */
const SHARED_NAMES: Readonly<
  Record<Exclude<keyof ClientParameters, keyof SdkParameters | keyof ConnectorExtras> | 'encryptKey', true>
> & { readonly verificationToken: true } = {
  appType: true,
  cache: true,
  disableTokenCache: true,
  helpDeskId: true,
  helpDeskToken: true,
  encryptKey: true,
  verificationToken: true,
};

/** What is null counts as left out: parameters come from files and databases, and the SDK mostly takes it so. */
export function sortParameters({ seams: _seams, ...parameters }: WSClientParameters): SortedParameters {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null);
  const of = (names: object) => Object.fromEntries(given.filter(([name]) => Object.hasOwn(names, name)));
  const known = [SDK_NAMES, EXTRA_NAMES, SHARED_NAMES];
  return {
    sdk: of(SDK_NAMES) as unknown as SdkParameters,
    extras: of(EXTRA_NAMES),
    unknown: given.map(([name]) => name).filter((name) => !known.some((names) => Object.hasOwn(names, name))),
  };
}

/**
 * The connector's options for these parameters; dispatcher, logger and seams come on top.
 * Limits given as the connector's options win over the SDK's coarser ones.
 */
export function optionsOf({ sdk, extras }: SortedParameters): Omit<ConnectorOptions, 'handlers' | 'eventDispatcher'> {
  const { appId, appSecret, clientAssertionProvider, domain, handshakeTimeoutMs, wsConfig } = sdk;
  const { oauthBaseUrl, ...options } = extras;
  // Zero means off in the SDK. Off is what lets a connection die unnoticed, so our default stays.
  const dialTimeoutMs = limitOf(handshakeTimeoutMs);
  const answerTimeoutMs = limitOf(Number(wsConfig?.pingTimeout) * 1_000);
  return {
    ...options,
    appId,
    // Given both, the SDK signs in without the secret as well. An empty one is none, to the SDK too.
    ...(clientAssertionProvider !== undefined ? { clientAssertionProvider } : appSecret && { appSecret }),
    // Objects for the SDK's `Client` may have it; with a secret it means nothing there either.
    ...(clientAssertionProvider !== undefined && oauthBaseUrl !== undefined && { oauthBaseUrl }),
    userAgentTags: tagsOf(sdk),
    ...(domain !== undefined && { domain: domainOf(domain) }),
    connection: {
      ...(dialTimeoutMs !== null && { dialTimeoutMs }),
      ...(answerTimeoutMs !== null && { answerTimeoutMs }),
      ...extras.connection,
    },
  };
}

const LONGEST_LIMIT_MS = 86_400_000; // as much as the connection room takes for any limit
const MOST_TAGS = 8; // as many as the connector sends

/** The SDK takes any number, as any kind of value, and one that is not above zero for none. */
function limitOf(given: unknown): number | null {
  const limitMs = Number(given);
  return limitMs > 0 ? Math.min(Math.max(limitMs, 1), LONGEST_LIMIT_MS) : null;
}

/** As the SDK writes them: what no product token may hold becomes `_`. */
function tagsOf({ source, extraUaTags = [] }: SdkParameters): readonly string[] {
  const clean = (tag: string) => tag.replace(/[^\w.-]/g, '_').slice(0, 64);
  const tags = extraUaTags.map(clean).filter((tag) => tag !== '');
  return (source ? [`source/${clean(source)}`, ...tags] : tags).slice(0, MOST_TAGS);
}

/** The SDK's `Domain` is an enum of numbers; its values are written here so that the SDK need not be loaded. */
function domainOf(domain: NonNullable<SdkParameters['domain']>): string {
  if (domain === 0) return 'feishu';
  return domain === 1 ? 'lark' : String(domain);
}
