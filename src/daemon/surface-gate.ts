import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { redact, Sparse } from '../observe/index.js';
import { type Clock, SecretError } from '../ports/index.js';
import { networkOf } from './client-network.js';
import { Guesses } from './guesses.js';
import { isLoopback } from './listen-address.js';
import { isAdmitted, type Standing, type SurfaceAccess } from './surface-access.js';
import { AnswerWatch, addressOf, type SurfaceLimits, type TakeShare } from './surface-limits.js';
import { type Audience, adviceFor, declaredRoute, methodsAt, type Route } from './surface-routes.js';

/** Where requests come in. */
export interface Door {
  /** The loopback host that is listened on; null where more than this machine comes in, and for the control socket. */
  readonly loopbackHost: string | null;
  /** Null for the control socket: who may open it may do everything. */
  readonly access: SurfaceAccess | null;
  /** Where the control socket is, to advise; null if there is none. */
  readonly socketPath: string | null;
}

/** Why a request was refused before anything was done for it. */
export const REFUSALS = [
  'host', // a name that is not ours, as a web page would have it that pointed its own name at us
  'credentials', // a password or token that is none
  'control', // something was to be done, by somebody who may not
  'busy', // too many connections, or answers under way
  'malformed', // no request that we understand, or one beyond the limits
  'late', // a request or a reader that was too slow
] as const;
export type Refusal = (typeof REFUSALS)[number];

export interface GateParts {
  readonly routes: readonly Route[];
  door(): Door;
  readonly limits: SurfaceLimits;
  readonly clock: Clock;
  /** Told of every refusal. */
  onRefused(refusal: Refusal, of: RefusedRequest): void;
}

/** What is told of a refused request: never a header, and of its target the route alone. */
export interface RefusedRequest {
  readonly method: string | null;
  readonly route: string | null;
  /** Address of the client; null for the control socket, or where it is gone. */
  readonly from: string | null;
}

interface Answer {
  readonly status: number;
  readonly error: string;
  readonly hint: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly refusal?: Refusal;
}

/** Of every answer, whoever writes it. */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};
/** Headers of which a second one is somebody's attempt to be read in two ways. */
const ONCE: readonly string[] = ['authorization', 'content-length', 'host', 'origin', 'transfer-encoding'];

/** Stands before every route: nothing of a request is read or done unless it passes here. */
export class SurfaceGate {
  readonly #parts: GateParts;
  readonly #answers: AnswerWatch;
  readonly #guesses: Guesses;
  readonly #standings = new WeakMap<FastifyRequest, Standing>();

  constructor(parts: GateParts) {
    this.#parts = parts;
    this.#answers = new AnswerWatch(parts.limits, parts.clock);
    this.#guesses = new Guesses(parts.limits.wrongCredentials, parts.clock);
  }

  /** @throws TypeError at the registration of a route that the table does not declare. */
  guard(server: FastifyInstance): void {
    server.addHook('onRoute', ({ path, method }) => {
      for (const each of [method].flat())
        if (declaredRoute(this.#parts.routes, path, each) === null)
          throw new TypeError(`no row of the table declares ${each} ${path}`);
    });
    server.addHook('onRequest', async (request, reply) => {
      reply.headers(SAFE_HEADERS);
      const answer = await this.#answerTo(request, reply);
      return answer === null ? undefined : this.#give(answer, request, reply);
    });
  }

  /** Answers what could not even be routed, as its path cannot be decoded: none of the hooks sees it. */
  refuseUnroutable(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    this.#begin(request, reply);
    reply.headers(SAFE_HEADERS);
    const hint = 'Its escapes are a % and two hexadecimal digits; a % itself is %25.';
    const answer =
      shapeAnswer(request, this.#parts.limits) ??
      hostAnswer(request, this.#parts.door()) ??
      malformed(400, 'the path is malformed', hint);
    return this.#give(answer, request, reply);
  }

  /** Answers a request whose body turned out to be too large. */
  refuseBody(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const hint = `It may have ${this.#parts.limits.bodyBytes} bytes; nothing here needs one.`;
    return this.#give(malformed(413, 'the body is too large', hint), request, reply);
  }

  /** Who asks. */
  standingOf(request: FastifyRequest): Standing {
    return this.#standings.get(request) ?? 'stranger';
  }

  #give({ status, error, hint, headers = {}, refusal }: Answer, request: FastifyRequest, reply: FastifyReply) {
    if (refusal !== undefined) this.#parts.onRefused(refusal, refusedOf(request));
    // What of its body is still to come is not waited for.
    if (hasBody(request)) reply.header('connection', 'close');
    return reply.code(status).headers(headers).send({ error, hint });
  }

  async #answerTo(request: FastifyRequest, reply: FastifyReply): Promise<Answer | null> {
    const { routes, limits } = this.#parts;
    const takeShare = this.#begin(request, reply);
    const route = request.is404 ? null : declaredRoute(routes, request.routeOptions.url, request.method);
    const answer =
      shapeAnswer(request, limits) ??
      hostAnswer(request, this.#parts.door()) ??
      routeAnswer(request, route, routes) ??
      (route === null ? null : await this.#admissionAnswer(request, route));
    // Last, so that nobody who is not let in holds a share that others need.
    if (answer !== null || route?.audience === 'anyone' || takeShare()) return answer;
    return busyAnswer(request);
  }

  #begin(request: FastifyRequest, reply: FastifyReply): TakeShare {
    const { socket } = request.raw;
    const onClose = (listener: () => void) => void reply.raw.once('close', listener);
    return this.#answers.begin({ socket, onClose }, () => this.#parts.onRefused('late', refusedOf(request)));
  }

  async #admissionAnswer(request: FastifyRequest, { audience }: Route): Promise<Answer | null> {
    const door = this.#parts.door();
    const { access } = door;
    if (access === null) {
      this.#standings.set(request, 'control');
      return null;
    }
    if (audience === 'control' && isFromPage(request)) {
      const hint = 'Use feishu-connector, or another program that is no browser.';
      return { status: 403, error: 'not from a web page', hint, refusal: 'control' };
    }
    const { authorization } = request.headers;
    const network = networkOf(addressOf(request.raw.socket));
    const begun = authorization === undefined ? null : this.#guesses.begin(network, authorization);
    // A probe is answered all the same.
    if (typeof begun === 'number') return audience === 'anyone' ? null : guessingAnswer(begun);
    try {
      const { standing, isWrong, isCompared } = await access.recognize(authorization);
      begun?.(isCompared ? !isWrong : null);
      this.#standings.set(request, standing);
      return isAdmitted(standing, audience) ? null : refusalFor(audience, isWrong, door, access);
    } catch (error) {
      begun?.(null);
      if (!(error instanceof SecretError)) throw error;
      // A probe must not fail for it.
      if (audience === 'anyone') return null;
      const hint = 'The log has the cause. Until it is mended nobody is let in who must say who they are.';
      return { status: 503, error: 'the credentials to compare with cannot be read', hint, refusal: 'credentials' };
    }
  }
}

function busyAnswer({ raw }: FastifyRequest): Answer {
  const answer: Answer = {
    status: 503,
    error: 'busy',
    hint: 'Too many answers are under way: ask again in a second.',
    headers: { 'retry-after': '1' },
  };
  // One whose connection ended meanwhile was not refused: nothing is done for it, and nobody hears of it.
  return raw.socket.destroyed ? answer : { ...answer, refusal: 'busy' };
}

function guessingAnswer(waitMs: number): Answer {
  return {
    status: 429,
    error: 'too many wrong credentials',
    hint: 'Nothing from this address is compared for a while. Somebody there has an old password or token, or guesses.',
    headers: { 'retry-after': String(Math.ceil(waitMs / 1_000)) },
    refusal: 'credentials',
  };
}

function malformed(status: number, error: string, hint: string): Answer {
  return { status, error, hint, refusal: 'malformed' };
}

/** What is no request that anything honest sends. */
function shapeAnswer(request: FastifyRequest, limits: SurfaceLimits): Answer | null {
  const { method, url } = request.raw;
  if (Buffer.byteLength(url ?? '') > limits.targetBytes)
    return malformed(414, 'the path is too long', `It may have ${limits.targetBytes} bytes.`);
  // Another host could be named there than in the header Host. Only what asks a proxy writes so.
  if (url?.startsWith('/') !== true)
    return malformed(400, 'no path', 'Ask for a path, such as GET /livez. This is no proxy.');
  // HTTP/1.0 has none, and some probes speak it.
  if (request.headers.host === undefined && request.raw.httpVersion !== '1.0')
    return malformed(400, 'no host', 'HTTP/1.1 names the host that is asked, in a header Host.');
  if (!/^(?:100-continue)?$/i.test(request.headers.expect ?? ''))
    return malformed(417, 'nothing can be expected here', 'Send it without Expect, or with 100-continue.');
  const repeated = repeatedHeader(request.raw.rawHeaders);
  if (repeated !== null) return malformed(400, `the header ${repeated} comes twice`, 'Send it once.');
  if ((method === 'GET' || method === 'HEAD') && hasBody(request))
    return malformed(400, `${method} has no body`, 'Send it without one.');
  return null;
}

function repeatedHeader(rawHeaders: readonly string[]): string | null {
  const seen = new Set<string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? '';
    if (!ONCE.includes(name)) continue;
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return null;
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** A web page can make a browser resolve its own name to 127.0.0.1 and read us; such a request names that host. */
function hostAnswer({ headers }: FastifyRequest, { loopbackHost }: Door): Answer | null {
  const { host } = headers;
  // Browsers always name one; HTTP/1.0, as some probes speak it, need not.
  if (loopbackHost === null || host === undefined || isOwnHost(host, loopbackHost)) return null;
  const hint = 'Use 127.0.0.1 or localhost, or listen on another address.';
  return { status: 421, error: 'this host name is not ours', hint, refusal: 'host' };
}

function isOwnHost(header: string, loopbackHost: string): boolean {
  const name = header
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
  return name === loopbackHost.toLowerCase() || isLoopback(name);
}

function routeAnswer(request: FastifyRequest, route: Route | null, routes: readonly Route[]): Answer | null {
  if (route !== null) return null;
  const path = request.url.split('?', 1)[0] ?? '';
  const methods = methodsAt(routes, path);
  if (!methods.includes(request.method)) {
    const headers = { allow: methods.join(', ') };
    return { status: 405, error: 'method not allowed', hint: `Use ${methods.join(' or ')}.`, headers };
  }
  return { status: 404, error: 'no such endpoint', hint: adviceFor(routes, path) };
}

/** Browsers say where a request comes from: they add Origin to every POST, and no page has business with control. */
function isFromPage({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  return headers.origin !== undefined || (site !== undefined && site !== 'none' && site !== 'same-origin');
}

/** What is answered to somebody who does not belong to the audience. */
function refusalFor(audience: Audience, isWrong: boolean, { socketPath }: Door, { hasToken }: SurfaceAccess): Answer {
  if (audience === 'reader') {
    const headers = { 'www-authenticate': 'Basic realm="feishu-connector", charset="UTF-8"' };
    const hint = 'Name the user of FEISHU_HTTP_USER and its password.';
    // Browsers first ask without: that is no attempt at anything.
    const error = isWrong ? 'wrong credentials' : 'user and password are needed';
    return { status: 401, error, hint, headers, ...(isWrong && { refusal: 'credentials' }) };
  }
  const onMachine =
    socketPath === null
      ? 'There is no control socket: the log says why, and FEISHU_CONTROL_SOCKET names one.'
      : 'On its machine, as its user, feishu-connector comes over the control socket.';
  if (hasToken) {
    const headers = {
      'www-authenticate': `Bearer realm="feishu-connector"${isWrong ? ', error="invalid_token"' : ''}`,
    };
    const hint = `The command line takes it from FEISHU_CONTROL_TOKEN_FILE, others send a bearer token. ${onMachine}`;
    const error = isWrong ? 'wrong credentials' : 'the control token is needed';
    return { status: 401, error, hint, headers, refusal: isWrong ? 'credentials' : 'control' };
  }
  const hint = `${onMachine} For calls over the network set FEISHU_CONTROL_TOKEN_FILE.`;
  return { status: 403, error: 'not over the network: there is no control token', hint, refusal: 'control' };
}

function refusedOf(request: FastifyRequest): RefusedRequest {
  return {
    method: request.method,
    route: request.routeOptions.url ?? null,
    from: addressOf(request.raw.socket) || null,
  };
}

/** Tells of refusals, of few that come often. */
export function refusalTeller(logger: Logger, clock: Clock): (refusal: Refusal, of: RefusedRequest) => void {
  const told = new Map<Refusal, Sparse>(REFUSALS.map((refusal) => [refusal, new Sparse()]));
  return (refusal, of) => {
    const sparse = told.get(refusal);
    if (!sparse?.next(clock.now())) return;
    const fields = { refusal, count: sparse.count, ...of };
    logger.warn(JSON.parse(redact(JSON.stringify(fields))), '[feishu] the HTTP surface refused a request');
  };
}
