import {
  type Certificates,
  createKeptHttp,
  createTransport,
  type ProxySetting,
  secretBytesOf,
  secretFileOf,
  systemClock,
} from './adapters/index.js';
import { checked } from './connector-options.js';
import { type Handlers, handlersDispatcher } from './delivery/index.js';
import { activeTraceparent } from './observe/index.js';
import { type Clock, learnSecret, learnUrlSecrets, type Random } from './ports/index.js';
import {
  type BrokerCredentials,
  type BrokerSettings,
  checkJetStreamSettings,
  checkWebhookSettings,
  createFunctionSink,
  createJetStreamSink,
  createNatsConnect,
  createWebhookSink,
  JETSTREAM_DEFAULTS,
  type JetStreamSettings,
  type Sink,
  signingKeyOf,
  tokenOf,
  type WebhookSettings,
} from './sinks/index.js';

/** Where events go, if not to functions of this process: exactly one of the two. */
export type SinkSettings =
  | { readonly webhook: WebhookOptions; readonly jetstream?: never }
  | { readonly jetstream: JetStreamOptions; readonly webhook?: never };

/** Where a webhook is, how it is asked, and what signs its requests. */
export interface WebhookOptions extends WebhookSettings {
  /** The signing secret: `whsec_` and base64, or any text of 24 bytes and more. Left out with `secretFile`: unsigned. */
  readonly secret?: string;
  /** A file that holds it instead; read anew when it changes. */
  readonly secretFile?: string;
}

/** At most one way to identify; its files are read anew for each connection. */
export interface JetStreamOptions extends JetStreamSettings, BrokerSettings {
  /** A credentials file as `nsc` makes it: a JWT and a seed. */
  readonly credsFile?: string;
  /** A file with the seed of an nkey. */
  readonly nkeyFile?: string;
  readonly tokenFile?: string;
  readonly user?: string;
  readonly passwordFile?: string;
}

/** What a sink is told of its app. */
export interface SinkApp {
  /** The operator's name for it, in subjects and attributes. */
  readonly app: string;
  /** The way out of a webhook; see the options of the same names of the connector. */
  readonly proxy?: ProxySetting;
  readonly ca?: Certificates;
  readonly caFile?: string;
  /** For tests. Default: the system's. */
  readonly clock?: Clock;
  readonly random?: Random;
}

/**
 * Makes a sink, for the connector's option `sink`. The NATS packages are loaded when it starts.
 * @throws ConnectorError `bad_option` naming the setting, its bound and what was given.
 */
export function createSink<Client>(settings: SinkSettings, app: SinkApp): Sink<Client> {
  checked(() => checkSinkSettings(settings));
  return settings.webhook !== undefined ? webhookSink(settings.webhook, app) : jetStreamSink(settings.jetstream, app);
}

/**
 * The sink around functions of this process: the same handlers as the connector's option `handlers` takes, with reports
 * and a health besides.
 * @throws ConnectorError `bad_option` if a handler is no function.
 */
export function createHandlerSink<Client>(
  kind: 'handler' | 'stdout',
  handlers: Handlers<Client>,
  clock: Clock = systemClock,
): Sink<Client> {
  return createFunctionSink(
    kind,
    checked(() => handlersDispatcher(handlers)),
    clock,
  );
}

/**
 * Checks settings without starting anything.
 * @throws RangeError whose message begins with the setting's name, such as `webhook.timeoutMs must be …, got …`.
 */
export function checkSinkSettings(settings: SinkSettings): void {
  const { webhook, jetstream } = settings;
  learnGiven(settings);
  if ((webhook === undefined) === (jetstream === undefined)) {
    throw new RangeError('sink must be one of webhook, jetstream, got both or neither');
  }
  if (webhook !== undefined) {
    named('webhook', () => checkWebhookSettings(webhook));
    const { secret, secretFile } = webhook;
    if (secret !== undefined && secretFile !== undefined) {
      throw new RangeError('webhook.secret must be left out beside secretFile, got both');
    }
    if (secret !== undefined) checkSecret(secret);
  } else {
    named('jetstream', () => checkJetStreamSettings(jetstream));
    checkIdentification(jetstream);
  }
}

/** Before anything is said about them. */
function learnGiven({ webhook, jetstream }: SinkSettings): void {
  if (webhook?.secret !== undefined) learnSecret(webhook.secret);
  for (const url of [webhook?.url ?? [], jetstream?.servers ?? []].flat())
    if (URL.canParse(url)) learnUrlSecrets(new URL(url));
}

function checkSecret(secret: string): void {
  try {
    signingKeyOf(secret);
  } catch {
    throw new RangeError(
      `webhook.secret must be whsec_ and base64, or text, of 24 bytes and more, got text of ${secret.length} characters`,
    );
  }
}

function checkIdentification({ credsFile, nkeyFile, tokenFile, user, passwordFile }: JetStreamOptions): void {
  const ways = Object.entries({ credsFile, nkeyFile, tokenFile, user }).filter(([, value]) => value !== undefined);
  if (ways.length > 1) {
    const [[first], [second]] = ways as [[string, string], [string, string]];
    throw new RangeError(`jetstream.${second} must be left out beside ${first}, got both`);
  }
  if ((user === undefined) !== (passwordFile === undefined)) {
    const [given, other] = user === undefined ? ['passwordFile', 'user'] : ['user', 'passwordFile'];
    throw new RangeError(`jetstream.${given} must be beside ${other}, got half of it`);
  }
}

function named(group: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw error instanceof RangeError ? new RangeError(`${group}.${error.message}`, { cause: error }) : error;
  }
}

function webhookSink<Client>(options: WebhookOptions, app: SinkApp): Sink<Client> {
  const { secret, secretFile, ...settings } = options;
  const { clock = systemClock, proxy, ca, caFile } = app;
  const transport = createTransport({
    ...(proxy !== undefined && { proxy }),
    ...(ca !== undefined && { ca }),
    ...(caFile !== undefined && { caFile }),
  });
  const { http, close } = createKeptHttp(transport, { connections: settings.maxInFlight ?? WEBHOOK_CONNECTIONS });
  return createWebhookSink<Client>(settings, {
    app: app.app,
    clock,
    http,
    close,
    secret:
      secretFile !== undefined
        ? secretFileOf(secretFile, 'webhook secret')
        : secret === undefined
          ? null
          : async () => {
              learnSecret(secret);
              return secret;
            },
    traceparent: activeTraceparent,
  });
}

const WEBHOOK_CONNECTIONS = 50;

function jetStreamSink<Client>(options: JetStreamOptions, app: SinkApp): Sink<Client> {
  const {
    credsFile: _creds,
    nkeyFile: _nkey,
    tokenFile: _token,
    user: _user,
    passwordFile: _password,
    ...rest
  } = options;
  const { servers, tls, stream, ...settings } = rest;
  const { clock = systemClock, random = Math.random } = app;
  const connect = createNatsConnect(
    { servers, ...(tls !== undefined && { tls }), ...(stream !== undefined && { stream }) },
    {
      clock,
      name: `feishu-connector ${tokenOf(app.app)}`,
      subjects: [`${settings.subject ?? JETSTREAM_DEFAULTS.subject}.>`],
      credentials: () => credentialsOf(options),
    },
  );
  return createJetStreamSink<Client>(settings, {
    app: app.app,
    clock,
    random,
    connect,
    traceparent: activeTraceparent,
  });
}

/** Rejects with a SecretError, which names the file and none of its content. */
async function credentialsOf(options: JetStreamOptions): Promise<BrokerCredentials> {
  const { credsFile, nkeyFile, tokenFile, user, passwordFile } = options;
  if (credsFile !== undefined) return { kind: 'creds', creds: await secretBytesOf(credsFile, 'credentials')() };
  if (nkeyFile !== undefined) {
    return { kind: 'nkey', seed: new TextEncoder().encode((await secretFileOf(nkeyFile, 'seed of an nkey')()).trim()) };
  }
  if (tokenFile !== undefined) return { kind: 'token', token: await secretFileOf(tokenFile, 'token')() };
  if (user !== undefined && passwordFile !== undefined) {
    return { kind: 'password', user, password: await secretFileOf(passwordFile, 'password')() };
  }
  return { kind: 'none' };
}
