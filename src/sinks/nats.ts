import type { StreamConfig } from '@nats-io/jetstream';
import type { ConnectionOptions, NatsConnection } from '@nats-io/transport-node';
import { type Clock, firstLineOf } from '../ports/index.js';
import type { BrokerLink, BrokerMessage, ConnectBroker } from './broker.js';
import { connectFailureOf, publishFailureOf } from './nats-failure.js';
import { loadNats, type NatsPackages } from './nats-packages.js';
import { SendError } from './send-error.js';

/** The broker and the stream. */
export interface BrokerSettings {
  /** `nats://host:port`, or `tls://host:port` to insist on TLS. Several are tried in a random order. */
  readonly servers: readonly string[];
  /** Read anew for each connection, so that replaced files need no restart. */
  readonly tls?: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string };
  /** The stream that must take the events. Left out: whichever takes their subjects. */
  readonly stream?: StreamSettings;
}

/** The stream, and what it is made with where it is to be made. */
export interface StreamSettings {
  readonly name: string;
  /** Whether to make it if it is missing; one that exists stays as it is. Default false: then it must exist. */
  readonly create?: boolean;
  /** What it takes. Default: all subjects of this sink. */
  readonly subjects?: readonly string[];
  /** How long it keeps events, in milliseconds. Default 604,800,000: a week. */
  readonly maxAgeMs?: number;
  /** How many bytes it keeps; when it is full it refuses new events, and they wait here. Default: no limit. */
  readonly maxBytes?: number;
  /** Copies in the cluster, 1 to 5. Default 1. */
  readonly replicas?: number;
  /** How long it recognises repeats, in milliseconds. Default 600,000. */
  readonly duplicateWindowMs?: number;
}

export const STREAM_DEFAULTS = Object.freeze({
  maxAgeMs: 604_800_000, // a week: longer than anybody lets workers stand still unnoticed
  replicas: 1,
  // Beyond the platform's rungs of 15 s and 5 min, and our own retries after a confirmation that got lost. The later
  // rungs are the journal's: the broker keeps every id in memory.
  duplicateWindowMs: 600_000,
});

/** What a connection identifies itself with; at most one of its kinds. */
export type BrokerCredentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  | { readonly kind: 'nkey'; readonly seed: Uint8Array }
  | { readonly kind: 'creds'; readonly creds: Uint8Array };

export interface BrokerParts {
  readonly clock: Clock;
  /** What the server calls us in its lists. */
  readonly name: string;
  /** The subjects of the sink, for a stream that is made. */
  readonly subjects: readonly string[];
  /** Asked for each connection. Rejects with a `SecretError`. */
  readonly credentials: () => Promise<BrokerCredentials>;
  /** Limit of one try to connect, the check of the stream included, in milliseconds. Default 15,000. */
  readonly connectTimeoutMs?: number;
}

const CONNECT_TIMEOUT_MS = 15_000;
const DIAL_TIMEOUT_MS = 5_000; // for one address; several fit into the limit of the whole
const REQUEST_TIMEOUT_MS = 5_000;
const PING_MS = 10_000; // a peer that vanished without a word is noticed after two of them

/**
 * Whether the packages of the NATS client, which are optional dependencies, are there.
 * @throws Error saying what to install.
 */
export async function checkNats(): Promise<void> {
  await loadNats();
}

/** Connects over the official client, one life at a time: it must not reconnect by itself, see `BrokerKeeper`. */
export function createNatsConnect(settings: BrokerSettings, parts: BrokerParts): ConnectBroker {
  const { clock, connectTimeoutMs = CONNECT_TIMEOUT_MS } = parts;
  return (signal) =>
    new Promise((resolve, reject) => {
      let isOver = false;
      const finish = (settle: () => void): void => {
        if (isOver) return;
        isOver = true;
        deadline.cancel();
        signal.removeEventListener('abort', abandon);
        settle();
      };
      const abandon = (): void => finish(() => reject(new SendError('closed', 'later', 'the sink was stopped')));
      const deadline = clock.timer(connectTimeoutMs, () =>
        finish(() =>
          reject(new SendError('timeout', 'later', `no connection to the broker in ${connectTimeoutMs} ms`)),
        ),
      );
      signal.addEventListener('abort', abandon, { once: true });
      if (signal.aborted) abandon();
      open(settings, parts).then(
        (link) => {
          // Too late for whoever asked: the client cannot be told to stop connecting, only its connection to close.
          if (isOver) void link.close(0);
          finish(() => resolve(link));
        },
        (error: unknown) => finish(() => reject(error)),
      );
    });
}

async function open(settings: BrokerSettings, parts: BrokerParts): Promise<BrokerLink> {
  const packages = await loadNats().catch((error: unknown) => {
    throw new SendError('misconfigured', 'later', firstLineOf(error), { cause: error });
  });
  let connection: NatsConnection | null = null;
  try {
    connection = await packages.transport.connect(await optionsOf(settings, parts, packages));
    if (settings.stream !== undefined) await checkStream(connection, settings.stream, parts.subjects, packages);
    return new NatsLink(connection, packages, settings.stream?.name ?? null, parts.clock);
  } catch (error) {
    void connection?.close();
    throw connectFailureOf(error, packages);
  }
}

async function optionsOf(
  { servers, tls }: BrokerSettings,
  { name, credentials }: BrokerParts,
  { transport }: NatsPackages,
): Promise<ConnectionOptions> {
  const given = await credentials();
  const isTls = tls !== undefined || servers.some((server) => server.startsWith('tls://'));
  return {
    servers: servers.map((server) => server.replace(/^(nats|tls):\/\//, '')),
    name,
    reconnect: false,
    timeout: DIAL_TIMEOUT_MS,
    pingInterval: PING_MS,
    maxPingOut: 2,
    noAsyncTraces: true, // a stack per request is a cost for every event
    ...(isTls && { tls: { ...tls } }),
    ...authenticationOf(given, transport),
  };
}

function authenticationOf(
  given: BrokerCredentials,
  { credsAuthenticator, nkeyAuthenticator }: NatsPackages['transport'],
): Pick<ConnectionOptions, 'user' | 'pass' | 'token' | 'authenticator'> {
  switch (given.kind) {
    case 'none':
      return {};
    case 'token':
      return { token: given.token };
    case 'password':
      return { user: given.user, pass: given.password };
    case 'nkey':
      return { authenticator: nkeyAuthenticator(given.seed) };
    case 'creds':
      return { authenticator: credsAuthenticator(given.creds) };
  }
}

async function checkStream(
  connection: NatsConnection,
  stream: StreamSettings,
  subjects: readonly string[],
  { jetstream }: NatsPackages,
): Promise<void> {
  const { name, create = false } = stream;
  const { streams } = await jetstream.jetstreamManager(connection, { timeout: REQUEST_TIMEOUT_MS, checkAPI: false });
  try {
    await streams.info(name);
    return;
  } catch (error) {
    const isMissing =
      error instanceof jetstream.JetStreamApiError && error.code === jetstream.JetStreamApiCodes.StreamNotFound;
    if (!isMissing) throw error;
  }
  if (!create) {
    throw new SendError('misconfigured', 'later', `there is no stream ${name}: make it, or set create: true for it`);
  }
  try {
    await streams.add(streamConfigOf(stream, subjects, jetstream));
  } catch (error) {
    // Somebody else may have made it in the meantime, a sibling with other settings say: what counts is that it is there.
    if (
      !(await streams.info(name).then(
        () => true,
        () => false,
      ))
    )
      throw error;
  }
}

function streamConfigOf(
  stream: StreamSettings,
  subjects: readonly string[],
  { DiscardPolicy, RetentionPolicy, StorageType }: NatsPackages['jetstream'],
): Partial<StreamConfig> & { name: string } {
  const { name, maxAgeMs, replicas, duplicateWindowMs } = { ...STREAM_DEFAULTS, ...stream };
  return {
    name,
    subjects: [...(stream.subjects ?? subjects)],
    retention: RetentionPolicy.Limits, // several groups of workers may read the same events
    storage: StorageType.File,
    // Never the oldest ones instead: those are what nobody has handled yet.
    discard: DiscardPolicy.New,
    max_age: nanosOf(maxAgeMs),
    num_replicas: replicas,
    duplicate_window: nanosOf(duplicateWindowMs),
    ...(stream.maxBytes !== undefined && { max_bytes: stream.maxBytes }),
  };
}

function nanosOf(ms: number): number {
  return ms * 1_000_000;
}

class NatsLink implements BrokerLink {
  readonly server: string;
  readonly closed: Promise<SendError | null>;
  readonly #connection: NatsConnection;
  readonly #packages: NatsPackages;
  readonly #client: ReturnType<NatsPackages['jetstream']['jetstream']>;
  readonly #stream: string | null;
  readonly #clock: Clock;
  #isOurs = false;

  constructor(connection: NatsConnection, packages: NatsPackages, stream: string | null, clock: Clock) {
    this.#connection = connection;
    this.#packages = packages;
    this.#client = packages.jetstream.jetstream(connection);
    this.#stream = stream;
    this.#clock = clock;
    this.server = connection.getServer();
    this.closed = connection.closed().then((error) => {
      if (this.#isOurs) return null;
      return error instanceof Error
        ? connectFailureOf(error, packages)
        : new SendError('unreachable', 'later', `the broker ${this.server} closed the connection`);
    });
  }

  async publish({ subject, body, headers, messageId }: BrokerMessage, timeoutMs: number) {
    try {
      const fields = this.#packages.transport.headers();
      for (const [name, value] of Object.entries(headers)) fields.set(name, value);
      const ack = await this.#client.publish(subject, body, {
        msgID: messageId,
        headers: fields,
        timeout: timeoutMs,
        ...(this.#stream !== null && { expect: { streamName: this.#stream } }),
      });
      return { isDuplicate: ack.duplicate, stream: ack.stream };
    } catch (error) {
      throw publishFailureOf(error, subject, timeoutMs, this.#packages);
    }
  }

  async close(timeoutMs: number): Promise<void> {
    this.#isOurs = true;
    // Draining waits for the server's word; without one, or with none to lose, closing at once is right.
    if (timeoutMs > 0) await this.#inTime(this.#connection.drain(), timeoutMs);
    await this.#inTime(this.#connection.close(), CLOSE_LIMIT_MS);
  }

  /** Resolves when the promise settles, whichever way, or when the time is up. */
  #inTime(pending: Promise<void>, limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const limit = this.#clock.timer(limitMs, resolve);
      const settled = (): void => {
        limit.cancel();
        resolve();
      };
      // It fails for a connection that is gone already: closed is closed.
      pending.then(settled, settled);
    });
  }
}

const CLOSE_LIMIT_MS = 1_000;
