import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { LetterApp } from '../connector-dead-letters.js';
import type { ConnectorStatus } from '../connector-status.js';
import type { CertificateInForce, Scrape } from '../observe/index.js';
import { redact } from '../observe/index.js';
import type { Clock } from '../ports/index.js';
import type { CatchableApp } from './catching-up.js';
import type { ConfigurationStanding } from './configuration-in-force.js';
import { ControlSocketError, claimSocket, type SocketChoice, socketPathsOf } from './control-socket.js';
import { addDeadLetterRoutes } from './dead-letters.js';
import { createLimitedServer, type LimitedServer } from './limited-server.js';
import { formatListenAddress, isLoopback, type ListenAddress } from './listen-address.js';
import { addMetricsRoute } from './metrics-route.js';
import { addOperatorRoutes, problem } from './operator-routes.js';
import {
  addPageRoutes,
  addRunbookRoutes,
  MountedPanel,
  PANEL_PATH,
  type Panel,
  type RecordedApp,
  standingOf,
  toldConcerns,
} from './page/index.js';
import {
  type AppView,
  adviceOnUnread,
  hasStarted,
  livenessOf,
  type Phase,
  readinessOf,
  type Unread,
} from './readiness.js';
import type { ReconnectableApp } from './reconnection.js';
import { isAdmitted, SurfaceAccess } from './surface-access.js';
import { type Door, type Refusal, type RefusedRequest, refusalTeller, SurfaceGate } from './surface-gate.js';
import { SURFACE_LIMITS, type SurfaceLimits } from './surface-limits.js';
import { ROUTES, type Route } from './surface-routes.js';
import { OPEN_SURFACE, type SurfaceSettings } from './surface-settings.js';
import { readTlsPair, TlsKeeper, type TlsPair } from './tls-pair.js';

/** One app, with all that may be asked of it here. */
export interface SurfaceApp extends ReconnectableApp, CatchableApp, LetterApp, RecordedApp {}

/** What the surface shows. It asks nobody else: no request of a client leads to a call to the platform. */
export interface SurfaceView {
  apps(): readonly SurfaceApp[];
  phase(): Phase;
  /** Given a signal that is aborted when nobody waits for it any more. */
  scrape(signal: AbortSignal): Promise<Scrape>;
  readonly version: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** Default: the configuration is that of the start. */
  configuration?(): ConfigurationStanding;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where the site has its runbooks, without a slash at the end; null, as by default, for those of the surface itself. */
  runbookUrl?(): string | null;
  /** The demo's buttons, on its page. */
  readonly panel?: Panel;
  /** Told of each request that was refused. */
  readonly onRefused?: (refusal: Refusal) => void;
}

/** A running HTTP server. */
export interface HttpSurface {
  readonly address: ListenAddress;
  /** Base URL, without a trailing slash. */
  readonly url: string;
  /** As it is now; null without TLS. */
  readonly certificate: CertificateInForce | null;
  /**
   * Takes over who may do what, and the TLS pair as it is now. Whether there is TLS cannot change.
   * @returns Takes that back, to what was in force before.
   * @throws SecretError if something of it cannot be read; nothing has changed then.
   */
  adopt(settings: SurfaceSettings): Promise<() => void>;
  /** Where the control socket is that the surface advises to use; null for none. */
  tellSocket(path: string | null): void;
  /** Closes the port and every connection to it. */
  close(): Promise<void>;
}

/** The control socket, which shows and does everything to whoever may open it. */
export interface ControlSocket {
  readonly path: string;
  /** Closes it and every connection to it, and removes it. Never rejects: the log has why it could not be removed. */
  close(): Promise<void>;
}

export interface SurfaceOptions {
  /** Default: {@link OPEN_SURFACE}. */
  readonly settings?: SurfaceSettings;
  /** Default: {@link SURFACE_LIMITS}. */
  readonly limits?: Partial<SurfaceLimits>;
}

/** The surface cannot listen where it should; nothing runs then. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/**
 * Everything of {@link ROUTES}, to whom it is for.
 * @throws ListenError naming address, cause and what to do; SecretError for a secret or TLS pair that cannot be used.
 */
export async function openHttpSurface(
  listen: ListenAddress,
  view: SurfaceView,
  { settings = OPEN_SURFACE, limits = {} }: SurfaceOptions = {},
): Promise<HttpSurface> {
  const pair = settings.tls && (await readTlsPair(settings.tls));
  const loopbackHost = isLoopback(listen.host) ? listen.host : null;
  let access = new SurfaceAccess(settings);
  await access.check();
  let socketPath: string | null = null;
  const door = (): Door => ({ loopbackHost, access, socketPath });
  const { server, useTls, closeAll } = createServer(view, door, { ...SURFACE_LIMITS, ...limits }, pair);
  try {
    await server.listen({ host: listen.host, port: listen.port });
  } catch (error) {
    await server.close();
    throw new ListenError(listenMessage(listen, error), { cause: error });
  }
  const keeper =
    pair && settings.tls && new TlsKeeper(settings.tls, pair, { clock: view.clock, logger: view.logger, use: useTls });
  const bound = server.server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : listen.port;
  const address = { host: listen.host, port };
  return {
    address,
    url: `${keeper ? 'https' : 'http'}://${formatListenAddress(address)}`,
    get certificate() {
      return keeper?.certificate ?? null;
    },
    async adopt(next) {
      const checked = new SurfaceAccess(next);
      await checked.check();
      const before = access;
      const takeBack = keeper && next.tls && (await keeper.renew(next.tls));
      access = checked;
      return () => {
        access = before;
        takeBack?.();
      };
    },
    tellSocket(path) {
      socketPath = path;
    },
    async close() {
      keeper?.stop();
      closeAll();
      await server.close();
    },
  };
}

/** Reads all that a surface of these settings needs. @throws SecretError for what cannot be used. */
export async function checkSurface(settings: SurfaceSettings): Promise<void> {
  if (settings.tls) await readTlsPair(settings.tls);
  await new SurfaceAccess(settings).check();
}

/**
 * The control socket, in the first place of the choice that takes one.
 * @param port Of the HTTP surface, which names the socket.
 * @throws ControlSocketError telling of every place, and why it is none.
 */
export async function openControlSocket(
  choice: SocketChoice,
  port: number,
  view: SurfaceView,
  limits: Partial<SurfaceLimits> = {},
): Promise<ControlSocket> {
  const reasons: string[] = [];
  for (const path of socketPathsOf(choice, port)) {
    const door = (): Door => ({ loopbackHost: null, access: null, socketPath: path });
    const { server, closeAll } = createServer(view, door, { ...SURFACE_LIMITS, ...limits }, null);
    try {
      const release = await claimSocket(path, (born) => server.listen({ path: born }), view.clock);
      return {
        path,
        async close() {
          closeAll();
          await server.close();
          // Last: whatever stands in the way of that, nobody is served any more. The next start replaces what is left.
          await release().catch((error: unknown) => {
            const reason = redact(error instanceof Error ? error.message : String(error));
            view.logger.warn({ path, reason }, '[feishu] the control socket could not be removed');
          });
        },
      };
    } catch (error) {
      await server.close();
      if (!(error instanceof ControlSocketError)) throw error;
      reasons.push(error.message);
    }
  }
  const none = 'no directory for the control socket is known. Name its path with FEISHU_CONTROL_SOCKET.';
  throw new ControlSocketError(reasons.join(' ') || none);
}

/** The panel asks for a token of its own. */
const PANEL_ROUTE: Route = { path: PANEL_PATH, methods: ['POST'], audience: 'reader', says: 'a button of the demo' };

/** A server that does not listen yet. */
interface CreatedServer {
  readonly server: FastifyInstance;
  /** Whoever connects from now on is shown this pair. */
  useTls(pair: TlsPair): void;
  /** Ends every connection at once, those in the middle of a handshake too. */
  closeAll(): void;
}

function createServer(view: SurfaceView, door: () => Door, limits: SurfaceLimits, pair: TlsPair | null): CreatedServer {
  const tell = refusalTeller(view.logger, view.clock);
  const onRefused = (refusal: Refusal, of: RefusedRequest): void => {
    view.onRefused?.(refusal);
    tell(refusal, of);
  };
  const panel = view.panel === undefined ? null : new MountedPanel(view.panel);
  const routes = panel === null ? ROUTES : [...ROUTES, PANEL_ROUTE];
  const gate = new SurfaceGate({ routes, door, limits, clock: view.clock, onRefused });
  const created: LimitedServer[] = [];
  const server = fastify({
    logger: false,
    bodyLimit: limits.bodyBytes,
    forceCloseConnections: true, // an idle scraper must not hold up a stop
    routerOptions: { maxParamLength: limits.headerBytes }, // an event id is whatever the platform says; its line is bounded
    // For a name with several addresses there are several servers.
    serverFactory: (handler) => {
      const one = createLimitedServer(handler, limits, pair, onRefused);
      created.push(one);
      return one.server;
    },
    frameworkErrors: (_error, request, reply) => gate.refuseUnroutable(request, reply),
    clientErrorHandler: () => {}, // each server has its own, which answers in our words
  });
  gate.guard(server);
  addRoutes(server, view, gate, panel);
  return {
    server,
    useTls: (fresh) => {
      for (const one of created) one.useTls(fresh);
    },
    closeAll: () => {
      for (const one of created) one.closeAll();
    },
  };
}

function addRoutes(server: FastifyInstance, view: SurfaceView, gate: SurfaceGate, panel: MountedPanel | null): void {
  server.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    if (error.statusCode === 413) return gate.refuseBody(request, reply);
    const status = error.statusCode !== undefined && error.statusCode >= 400 ? error.statusCode : 500;
    if (status >= 500)
      view.logger.error(
        { err: error, route: request.routeOptions.url ?? null },
        '[feishu] a request to the HTTP surface failed',
      );
    return reply
      .code(status)
      .send(problem(status >= 500 ? 'internal error' : redact(error.message), 'The log has the cause.'));
  });

  // Whatever type a body has, it is read up to the limit and thrown away.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, _body, done) => done(null, null));

  addMetricsRoute(server, view);
  // A probe goes by the status; names of apps and their failures are for readers.
  const isReader = (request: FastifyRequest) => isAdmitted(gate.standingOf(request), 'reader');
  server.get('/livez', async (request, reply) => {
    const liveness = livenessOf(view.apps());
    const { isAlive } = liveness;
    return reply.code(isAlive ? 200 : 503).send(isReader(request) ? liveness : { isAlive });
  });
  server.get('/readyz', async (request, reply) => {
    const readiness = readinessOf(view.apps(), view.phase());
    const { isReady } = readiness;
    return reply.code(isReady ? 200 : 503).send(isReader(request) ? readiness : { isReady });
  });
  const readableStatusOf = (app: SurfaceApp) => {
    const { status, concerns } = standingOf({ ...app, readStatus: () => statusOf(app) });
    return { ...status, concerns: toldConcerns(concerns, view.runbookUrl?.() ?? null) };
  };
  const configurationOf = () => view.configuration?.() ?? { loadedAt: view.startedAt, refused: null };
  server.get('/status', async () => ({
    version: view.version,
    phase: view.phase(),
    startedAt: view.startedAt,
    uptimeMs: Math.max(0, view.clock.wallNow() - view.startedAt),
    configuration: configurationOf(),
    apps: view.apps().map(readableStatusOf),
  }));
  panel?.addRoute(server);
  addPageRoutes(server, {
    ...view,
    configuration: configurationOf,
    panel,
    apps: () => view.apps().map((app) => ({ ...app, readStatus: () => statusOf(app) })),
  });
  addRunbookRoutes(server);
  addOperatorRoutes(server, view);
  addDeadLetterRoutes(server, { apps: () => view.apps(), clock: view.clock });
}

interface UnreadStatus extends Unread {
  readonly app: string;
  readonly appId: string;
}

function statusOf({ app, appId, status }: AppView): ConnectorStatus | UnreadStatus {
  try {
    return status();
  } catch (error) {
    const reason = redact(error instanceof Error ? error.message : String(error));
    return { app, appId, error: reason, hasStarted: hasStarted(error), advice: adviceOnUnread(error) };
  }
}

function listenMessage(listen: ListenAddress, error: unknown): string {
  const where = formatListenAddress(listen);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return `cannot listen on ${where}: another process does. Stop it, or choose another port with --listen or FEISHU_LISTEN.`;
    case 'EACCES':
      return `cannot listen on ${where}: not permitted. Choose a port from 1024 on with --listen or FEISHU_LISTEN.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `cannot listen on ${where}: this machine does not have that address. Use 127.0.0.1, or 0.0.0.0 for all.`;
    default:
      return `cannot listen on ${where}: ${error instanceof Error ? error.message : String(error)}`;
  }
}
