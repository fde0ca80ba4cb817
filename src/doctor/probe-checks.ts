import { createDiscovery, FAILURES, type Failure } from '../connection/index.js';
import { HttpError, SecretError } from '../ports/index.js';
import { TOKEN_FAILURES } from '../token/index.js';
import { DEFAULT_PACING, parseDiscovery } from '../wire/index.js';
import { type Check, type Finding, fail, inTime, ok, warn } from './check.js';
import { judgeClock } from './clock-check.js';
import { GATEWAY_CHECK } from './gateway-check.js';
import { ONLINE_CHECKS } from './online-checks.js';
import { CLOSE_TIMEOUT_MS, ProbeSocket } from './probe-socket.js';
import { foundBefore, type Visit } from './visit.js';
import { WAY_CHECKS } from './way-checks.js';
import { printable, span } from './words.js';

const [onlineBefore, onlineDuring, onlineAfter] = ONLINE_CHECKS as readonly [Check<Visit>, Check<Visit>, Check<Visit>];

/** What is looked at beside a daemon and without one: no connection to the gateway is opened, and nobody signs in. */
export const GROUND_CHECKS: readonly Check<Visit>[] = [
  { name: 'configuration', look: configuration },
  ...WAY_CHECKS,
  { name: 'platform', look: platform },
  { name: 'clock', look: clock },
];

/**
 * The way to a proven connection, as a connector goes it. Discovery needs no token: a failing token never keeps a connection
 * from coming up, so the one is asked whatever became of the other.
 */
export const PROBE_CHECKS: readonly Check<Visit>[] = [
  { name: 'token', look: token },
  { name: 'discovery', look: discovery },
  GATEWAY_CHECK,
  onlineBefore,
  { name: 'handshake', look: handshake },
  { name: 'first pong', look: firstPong },
  onlineDuring,
  { name: 'events left alone', look: eventsLeftAlone },
  onlineAfter,
];

async function configuration(visit: Visit, limitMs: number): Promise<Finding> {
  const { appId, baseUrl, secretOrigin, secret } = visit.app;
  const told = `app ${appId} at ${baseUrl}, secret from ${secretOrigin}`;
  // A secret may come from a file on a dead mount, which nothing interrupts.
  const late = () => new SecretError(`not read within ${span(limitMs)}`);
  try {
    visit.secret = await inTime(visit.clock, secret(), limitMs, late);
    return ok(told);
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    return fail(`${told}: ${error.message}`, FAILURES.secret_unavailable.help);
  }
}

const ENDPOINT_ROUTE = '/callback/ws/endpoint';
const MAX_ANSWER_BYTES = 65_536;

/** Asked without credentials the ticket endpoint refuses with a code: nobody else would. It spends no quota. */
async function platform(visit: Visit, limitMs: number): Promise<Finding> {
  const { baseUrl } = visit.app;
  const startedAt = visit.clock.now();
  const askedAt = visit.clock.wallNow();
  try {
    const { status, headers, body } = await visit.wayOut.http({
      method: 'POST',
      url: baseUrl + ENDPOINT_ROUTE,
      route: ENDPOINT_ROUTE,
      headers: { 'content-type': 'application/json', locale: 'zh' },
      body: '{}',
      timeoutMs: limitMs,
      maxBytes: MAX_ANSWER_BYTES,
      whenLarger: 'cut',
    });
    const tookMs = visit.clock.now() - startedAt;
    visit.date = { header: headers.date ?? null, askedAt, answeredAt: askedAt + tookMs };
    if (parseDiscovery(body, DEFAULT_PACING).type === 'code')
      return ok(`${baseUrl} answers as the platform, in ${span(tookMs)}`, { tookMs });
    const type = printable(headers['content-type'] ?? 'of no type');
    return fail(
      `what answers at ${baseUrl} is not the platform: HTTP ${status}, ${body.length} characters (${type})`,
      'A captive portal, a proxy or a maintenance page answers in its place, or domain is wrong. Open the address in a browser from this machine.',
      { tookMs },
    );
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    const tookMs = visit.clock.now() - startedAt;
    const help = FAILURES[error.kind === 'timeout' ? 'discovery_timeout' : 'discovery_unreachable'].help;
    return fail(`${error.kind} after ${span(tookMs)}: ${printable(error.message)}`, help, { tookMs });
  }
}

function clock(visit: Visit): Finding {
  return judgeClock(foundBefore(visit.date));
}

async function token(visit: Visit, limitMs: number): Promise<Finding> {
  const startedAt = visit.clock.now();
  const outcome = await visit.signIn(limitMs);
  const tookMs = visit.clock.now() - startedAt;
  if ('token' in outcome)
    return ok(`granted in ${span(tookMs)}, valid for ${span(outcome.lifetimeMs)} more`, { tookMs });
  const { failure: code, detail } = outcome;
  return fail(`${code} after ${span(tookMs)}: ${detail}`, patient(code, TOKEN_FAILURES[code].help, limitMs), {
    tookMs,
  });
}

async function discovery(visit: Visit, limitMs: number): Promise<Finding> {
  const { appId, baseUrl } = visit.app;
  const secret = foundBefore(visit.secret);
  const startedAt = visit.clock.now();
  const { discover } = createDiscovery({ http: visit.wayOut.http, baseUrl, appId, secret: async () => secret });
  const outcome = await discover({
    attempt: 1,
    pacing: DEFAULT_PACING,
    timeoutMs: limitMs,
    signal: new AbortController().signal, // nothing but the deadline ends it
  });
  const tookMs = visit.clock.now() - startedAt;
  if ('failure' in outcome) return failed(outcome.failure, tookMs, limitMs, visit);
  visit.ticket = outcome.ticket;
  const { address, port } = outcome.gateway;
  const host = address.includes(':') ? `[${address}]` : address;
  const pace = `a ping every ${span(outcome.ticket.pacing.pingIntervalMs)}`;
  const told = `a ticket in ${span(tookMs)}, for the gateway ${host}:${port}, ${pace}`;
  if (outcome.rejected.length === 0) return ok(told, { tookMs });
  const strange = outcome.rejected.map(({ field, detail }) => `${field}: ${detail}`).join('; ');
  return warn(`${told}; ${strange}`, 'The platform sent a pacing that makes no sense; a connector keeps its own.', {
    tookMs,
  });
}

async function handshake(visit: Visit, limitMs: number): Promise<Finding> {
  const ticket = foundBefore(visit.ticket);
  const startedAt = visit.clock.now();
  const socket = new ProbeSocket(visit.wayOut.dial, ticket, visit.clock);
  visit.socket = socket;
  const failure = await socket.opened(limitMs);
  const tookMs = visit.clock.now() - startedAt;
  if (failure === null) return ok(`101 in ${span(tookMs)}, ${gatewayWay(visit)}`, { tookMs });
  const finding = failed(failure, tookMs, limitMs, visit);
  // The ticket came by the way that was checked; the gateway is another host (F17).
  return { ...finding, evidence: `${finding.evidence}; ${gatewayWay(visit)}` };
}

function gatewayWay(visit: Visit): string {
  const route = visit.wayOut.scout.routeOf(foundBefore(visit.ticket).url);
  if (route.via === 'proxy') return `by the proxy ${route.proxy} (${route.why})`;
  return route.via === 'direct' ? `directly (${route.why})` : `nowhere (${printable(route.why)})`;
}

/** The 101 proves nothing: a gateway that accepts and never answers looks just like a healthy one until it is asked. */
async function firstPong(visit: Visit, limitMs: number): Promise<Finding> {
  const startedAt = visit.clock.now();
  const failure = await foundBefore(visit.socket).firstPong(limitMs);
  const tookMs = visit.clock.now() - startedAt;
  return failure ? failed(failure, tookMs, limitMs, visit) : ok(`pong in ${span(tookMs)}`, { tookMs });
}

async function eventsLeftAlone(visit: Visit, limitMs: number): Promise<Finding> {
  const socket = foundBefore(visit.socket);
  await socket.close(Math.min(limitMs, CLOSE_TIMEOUT_MS));
  const { eventCount } = socket;
  if (eventCount === 0) return ok('no event came to this connection; it is closed');
  const came = eventCount === 1 ? '1 event came' : `${eventCount} events came`;
  return warn(
    `${came} to this connection, and none was acknowledged; it is closed`,
    'Nothing is lost while a connector runs: the platform delivers them again, after 15 s, 5 min, 1 h and 6 h.',
  );
}

function failed({ code, detail }: Failure, tookMs: number, limitMs: number, { online }: Visit): Finding {
  const counted =
    code === 'connection_limit' && online.before !== null ? ` The platform counts ${online.before} (F06).` : '';
  const advice = `${patient(code, FAILURES[code].help, limitMs)}${counted}`;
  return fail(`${code} after ${span(tookMs)}: ${detail}`, advice, { tookMs });
}

/** Running connectors have longer deadlines: what is slow here need not fail there. */
function patient(code: string, help: string, limitMs: number): string {
  return code.endsWith('_timeout') ? `${help} It had ${span(limitMs)}; --timeout gives it longer.` : help;
}
