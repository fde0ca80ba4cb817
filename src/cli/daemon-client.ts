import { lstat } from 'node:fs/promises';
import {
  createNetwork,
  createNodeHttp,
  createPinnedTransport,
  createUnixTransport,
  type HttpAdapter,
  secretFileOf,
} from '../adapters/index.js';
import {
  ConfigError,
  type DaemonConfig,
  declaredRoute,
  environmentSurface,
  type GivenSecret,
  holderOf,
  isLoopback,
  loadConfig,
  OPEN_SURFACE,
  ROUTES,
  type SurfaceSettings,
  socketPathsOf,
} from '../daemon/index.js';
import { askDaemon } from '../doctor/index.js';
import { type Clock, type Http, type HttpRequest, SecretError } from '../ports/index.js';
import { type DaemonAddress, daemonUrlOf } from './daemon-address.js';
import type { CliFace } from './face.js';
import { UnknownDaemonError } from './unknown-daemon.js';

/** The way to the daemon that a command line means, with what its surface wants to know of whoever comes. */
export interface DaemonClient {
  /** Its configuration; null where nothing but the way to it is known. */
  readonly config: DaemonConfig | null;
  /**
   * Base URL of its surface, as people are told it and as {@link http} takes it: `http:`, `https:`, or `unix:` and the path
   * of its control socket. Null for port 0, which only the daemon itself knows.
   */
  readonly url: string | null;
  /** Whether the command line named it: nobody there is a failure then. */
  readonly isNamed: boolean;
  /** Whether it takes calls for something to be done: over the control socket, or with the control token. */
  readonly hasControl: boolean;
  /** What stands in the way of control, for people; null if nothing is known to. */
  readonly hint: string | null;
  readonly http: Http;
  close(): Promise<void>;
}

const LOOK_TIMEOUT_MS = 1_000; // on the same machine; what takes longer is there, and is asked again with time enough

/** What of the machine decides which control socket is used. */
export interface SocketSurroundings {
  /** Where the daemon of the shipped unit has its socket. */
  readonly unitsDirectory: string;
  /** Numeric id of whoever runs this; undefined where users have none. */
  readonly user: number | undefined;
  /** Numeric id of whoever owns the socket. Rejects as `lstat` does. */
  ownerOf(path: string): Promise<number>;
  readonly holderOf: typeof holderOf;
}

const THIS_MACHINE: SocketSurroundings = {
  // systemd's RuntimeDirectory=: whoever calls from a shell has no RUNTIME_DIRECTORY.
  unitsDirectory: '/run/feishu-connector',
  user: process.getuid?.(),
  ownerOf: async (path) => (await lstat(path)).uid,
  holderOf,
};

/**
 * The daemon that `--url` names; else the one whose control socket is where the configuration has it, else its listen
 * address. Nothing is asked yet but whether somebody is behind the socket; and, where no app is configured, whether a
 * daemon listens where it would by the environment, as one with the embedded simulator does.
 * @param surroundings For tests. Default: this machine's.
 * @throws ConfigError if there is no configuration, and neither a URL, a socket nor such a daemon to do without; an
 *   UnknownDaemonError where such a one was looked for.
 */
export async function openDaemonClient(
  address: DaemonAddress,
  face: Pick<CliFace, 'env' | 'cwd' | 'clock'>,
  surroundings: SocketSurroundings = THIS_MACHINE,
): Promise<DaemonClient> {
  const { url } = address;
  const { config, error } = await configurationOf(address, face);
  const inEnvironment = config === null ? environmentSurface(face.env, face.cwd) : null;
  const { listen = null, surface: settings = OPEN_SURFACE } = config ?? inEnvironment ?? {};
  if (url !== undefined) return clientAt(url, settings, { config, isNamed: true });
  const port = listen?.port ?? 0;
  const { path, hint } = await socketOf(settings, port, face, surroundings);
  if (path !== null) return clientAt(`unix:${path}`, settings, { config, isNamed: false });
  const known = config ?? (address.needsSoundConfig === false ? inEnvironment : null);
  if (known !== null) return clientAt(daemonUrlOf(known), settings, { config, isNamed: false, hint });
  // With a file, the environment alone does not say where its daemon listens.
  const isFileNamed = address.config !== undefined || face.env.FEISHU_CONFIG !== undefined;
  const unnamed = inEnvironment === null || isFileNamed ? null : daemonUrlOf(inEnvironment);
  if (unnamed === null) throw error;
  const client = clientAt(unnamed, settings, { config, isNamed: false, hint });
  if (await isDaemonAt(client, unnamed, face.clock)) return client;
  await client.close();
  throw error instanceof ConfigError ? new UnknownDaemonError(error, unnamed) : error;
}

/** Whether a daemon may be there: one that hangs or refuses is one. */
async function isDaemonAt({ http }: DaemonClient, url: string, clock: Clock): Promise<boolean> {
  const { is } = await askDaemon(http, clock, url, LOOK_TIMEOUT_MS);
  return is !== 'absent' && is !== 'foreign' && is !== 'unreachable';
}

async function configurationOf(
  { config, needsSoundConfig = true }: DaemonAddress,
  face: Pick<CliFace, 'env' | 'cwd'>,
): Promise<{ readonly config: DaemonConfig | null; readonly error: unknown }> {
  try {
    // Its secrets are for the daemon's user alone, and most of what is asked needs none of them.
    const checksFiles = false;
    return { config: await loadConfig({ file: config, env: face.env, cwd: face.cwd, checksFiles }), error: null };
  } catch (error) {
    // A daemon's own word is enough where nothing else is known of it; a configuration that is wrong is another matter.
    if (error instanceof ConfigError && (!needsSoundConfig || error.problems.every(({ isMissing }) => isMissing)))
      return { config: null, error };
    throw error;
  }
}

async function socketOf(
  { socket }: SurfaceSettings,
  port: number,
  { clock }: Pick<CliFace, 'clock'>,
  surroundings: SocketSurroundings,
): Promise<{ readonly path: string | null; readonly hint: string | null }> {
  if (socket === null || ('directories' in socket && port === 0)) return { path: null, hint: null };
  const choice = 'path' in socket ? socket : { directories: [...socket.directories, surroundings.unitsDirectory] };
  let hint: string | null = null;
  for (const path of socketPathsOf(choice, port)) {
    const holder = await surroundings.holderOf(path, clock);
    if (holder === 'forbidden')
      hint = `The control socket ${path} is another user's: run this as that user, or as root.`;
    if (holder !== 'somebody') continue;
    if (await isTrusted(path, surroundings)) return { path, hint: null };
    hint = `The socket ${path} is another user's, who may be anybody: it is not used.`;
  }
  return { path: null, hint };
}

/** Whoever may write to the directory may have put a socket there that everybody can open. */
async function isTrusted(path: string, { user, ownerOf }: SocketSurroundings): Promise<boolean> {
  if (user === undefined || user === 0) return true;
  const owner = await ownerOf(path);
  return owner === user || owner === 0;
}

interface Around {
  readonly config: DaemonConfig | null;
  readonly isNamed: boolean;
  readonly hint?: string | null;
}

function clientAt(url: string | null, settings: SurfaceSettings, around: Around): DaemonClient {
  const { config, isNamed, hint = null } = around;
  const socket = url?.startsWith('unix:') === true ? url.slice('unix:'.length) : null;
  const adapter = adapterFor(url, socket, settings, isNamed);
  // Nobody between must be able to read along.
  const isSafe = socket === null && url !== null && (!isNamed || url.startsWith('https:') || isLoopback(hostOf(url)));
  const authorization = authorizationBy(settings, url?.startsWith('https:') === true);
  const http: Http = async (request) => {
    const header = isSafe ? await authorization(request) : null;
    return adapter.http({
      ...request,
      ...(socket !== null && { url: `http://localhost${request.url.slice(`unix:${socket}`.length)}` }),
      headers: { ...request.headers, ...(header !== null && { authorization: header }) },
    });
  };
  const hasControl = socket !== null || (isSafe && settings.token !== null);
  return { config, url, isNamed, hasControl, hint, http, close: () => adapter.close() };
}

function adapterFor(
  url: string | null,
  socket: string | null,
  { tls }: SurfaceSettings,
  isNamed: boolean,
): Pick<HttpAdapter, 'http' | 'close'> {
  if (socket !== null) return createNodeHttp(createUnixTransport(socket));
  // Its names are for those who call from elsewhere; here the file itself says whom to believe.
  if (!isNamed && url !== null && tls !== null) return createNodeHttp(createPinnedTransport(tls.certFile));
  // A listen address is this machine's; one that was named may well be behind a proxy.
  return createNetwork(isNamed ? {} : { proxy: 'none' });
}

/**
 * The control token where something is to be done, or shown to control alone; user and password for the rest: on a port of
 * this machine anybody may listen while the daemon does not. With TLS it is known who listens, and the token will do
 * where there is no password. Without a secret that can be read: nothing.
 */
function authorizationBy(
  { token, basic }: SurfaceSettings,
  isSecure: boolean,
): (request: HttpRequest) => Promise<string | null> {
  const byToken = async (): Promise<string | null> => {
    const bearer = token && (await readable(token, 'control token'));
    return bearer === null ? null : `Bearer ${bearer}`;
  };
  const byPassword = async (): Promise<string | null> => {
    const password = basic && (await readable(basic.password, 'password'));
    return basic && password !== null
      ? `Basic ${Buffer.from(`${basic.user}:${password}`, 'utf8').toString('base64')}`
      : null;
  };
  return async ({ route, method }) => {
    const isControl = declaredRoute(ROUTES, route, method)?.audience === 'control';
    if (isControl) return (await byToken()) ?? (await byPassword());
    return (await byPassword()) ?? (isSecure ? await byToken() : null);
  };
}

/** Null where the file is not for whoever runs this: the daemon then says what it misses. */
async function readable(given: GivenSecret, what: string): Promise<string | null> {
  if ('text' in given) return given.text;
  try {
    return await secretFileOf(given.file, what)();
  } catch (error) {
    if (error instanceof SecretError) return null;
    throw error;
  }
}

function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}
