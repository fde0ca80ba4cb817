import { createDiscovery, FAILURES, type Failure } from '../connection/index.js';
import { SecretError } from '../ports/index.js';
import { fetchToken, TOKEN_FAILURES } from '../token/index.js';
import { DEFAULT_PACING } from '../wire/index.js';
import { type Check, type Finding, fail, ok, warn } from './check.js';
import { ProbeSocket } from './probe-socket.js';
import { foundBefore, type Visit } from './visit.js';
import { span } from './words.js';

/**
 * The way to a proven connection, step by step, as a connector goes it. Discovery needs no token: a failing token never
 * keeps a connection from coming up, so the one is asked whatever became of the other.
 */
export const PROBE_CHECKS: readonly Check<Visit>[] = [
  { name: 'configuration', needs: [], look: configuration },
  { name: 'token', needs: ['configuration'], look: token },
  { name: 'discovery', needs: ['configuration'], look: discovery },
  { name: 'handshake', needs: ['discovery'], look: handshake },
  { name: 'first pong', needs: ['handshake'], look: firstPong },
  { name: 'events left alone', needs: ['handshake'], weight: 0, look: eventsLeftAlone },
];

async function configuration(visit: Visit, limitMs: number): Promise<Finding> {
  const { appId, baseUrl, secretOrigin, secret } = visit.app;
  const told = `app ${appId} at ${baseUrl}, secret from ${secretOrigin}`;
  try {
    visit.secret = await inTime(visit, secret(), limitMs);
    return ok(told);
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    return fail(`${told}: ${error.message}`, FAILURES.secret_unavailable.help);
  }
}

/** A secret may come from a file on a dead mount, which nothing interrupts. */
function inTime(visit: Visit, reading: Promise<string>, limitMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const late = visit.clock.timer(limitMs, () => reject(new SecretError(`not read within ${span(limitMs)}`)));
    reading.then(resolve, reject).finally(() => late.cancel());
  });
}

async function token(visit: Visit, limitMs: number): Promise<Finding> {
  const { appId, baseUrl } = visit.app;
  const secret = foundBefore(visit.secret);
  const { http } = visit.wayOut;
  const startedAt = visit.clock.now();
  const outcome = await fetchToken(
    { http, baseUrl, appId, secret: async () => secret, timeoutMs: limitMs },
    new AbortController().signal, // nothing but the deadline ends it
  );
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
  if ('failure' in outcome) return failed(outcome.failure, tookMs, limitMs);
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
  const startedAt = visit.clock.now();
  const socket = new ProbeSocket(visit.wayOut.dial, foundBefore(visit.ticket), visit.clock);
  visit.socket = socket;
  const failure = await socket.opened(limitMs);
  const tookMs = visit.clock.now() - startedAt;
  return failure ? failed(failure, tookMs, limitMs) : ok(`101 in ${span(tookMs)}`, { tookMs });
}

/** The 101 proves nothing: a gateway that accepts and never answers looks just like a healthy one until it is asked. */
async function firstPong(visit: Visit, limitMs: number): Promise<Finding> {
  const startedAt = visit.clock.now();
  const failure = await foundBefore(visit.socket).firstPong(limitMs);
  const tookMs = visit.clock.now() - startedAt;
  return failure ? failed(failure, tookMs, limitMs) : ok(`pong in ${span(tookMs)}`, { tookMs });
}

async function eventsLeftAlone(visit: Visit): Promise<Finding> {
  const socket = foundBefore(visit.socket);
  await socket.close();
  const { eventCount } = socket;
  if (eventCount === 0) return ok('no event came to this connection; it is closed');
  const came = eventCount === 1 ? '1 event came' : `${eventCount} events came`;
  return warn(
    `${came} to this connection, and none was acknowledged; it is closed`,
    'Nothing is lost while a connector runs: the platform delivers them again, after 15 s, 5 min, 1 h and 6 h.',
  );
}

function failed({ code, detail }: Failure, tookMs: number, limitMs: number): Finding {
  return fail(`${code} after ${span(tookMs)}: ${detail}`, patient(code, FAILURES[code].help, limitMs), { tookMs });
}

/** Running connectors have longer deadlines: what is slow here need not fail there. */
function patient(code: string, help: string, limitMs: number): string {
  return code.endsWith('_timeout') ? `${help} It had ${span(limitMs)}; --timeout gives it longer.` : help;
}
