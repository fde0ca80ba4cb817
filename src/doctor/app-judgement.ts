import { DELIVERY_DEFAULTS, TOKEN_DEFAULTS } from '../connector-parts.js';
import { counted, STALLED_AFTER_MS } from '../daemon/index.js';
import { TOKEN_FAILURES } from '../token/index.js';
import { type Check, type CheckResult, type Finding, fail, ok, warn } from './check.js';
import type { AppStatus, BrokenApp } from './daemon-status.js';
import { momentAndAge, span } from './words.js';

/** What one app of a daemon is judged by. */
export interface Reading {
  readonly status: AppStatus;
  /** The command line that has it tried at once; null where the daemon takes none from here. */
  readonly reconnectCommand: string | null;
}

/** What a daemon says of one app, judged by the age of what it rests on. No claim of it is believed for its own sake. */
export const DAEMON_CHECKS: readonly Check<Reading>[] = [
  { name: 'alive', look: alive },
  { name: 'connected', look: connected },
  { name: 'outage', look: outage },
  { name: 'receiving', look: receiving },
  { name: 'deliveries', look: deliveries },
  // The way out of this machine is not the daemon's, nor is this configuration.
  { name: 'token', needs: [], look: token },
];

/** Whether the daemon wants to run it and could not start it, so far. */
export function isUnstarted({ hasStarted }: BrokenApp): boolean {
  return hasStarted === false;
}

/** The one finding about an app whose status could not be read. */
export function judgeBroken(broken: BrokenApp): CheckResult {
  const { app, error } = broken;
  if (isUnstarted(broken)) {
    const mend =
      'Mend that; its log has the whole of it. It is tried again by itself, and at once when the daemon gets a SIGHUP.';
    return { app, name: 'run here', ...fail(`the daemon does not run it yet: ${error}`, mend) };
  }
  const advice = 'This is a bug of the connector. Please report it with the log, and restart it.';
  return { app, name: 'run here', ...fail(`the daemon cannot tell how it is: ${error}`, advice) };
}

export function isAliveByEvidence({ alive }: AppStatus): boolean {
  return alive.is && alive.ageMs !== null && alive.ageMs <= STALLED_AFTER_MS;
}

export function isConnectedByEvidence({ connected }: AppStatus): boolean {
  return connected.is && connected.ageMs !== null && connected.ageMs <= connected.silenceLimitMs;
}

/** Since when nothing can have come in, in epoch milliseconds; null if it is connected, or never was. */
export function deafSince(status: AppStatus): number | null {
  if (isConnectedByEvidence(status)) return null;
  const { connected, outage, at } = status;
  // The last thing that was heard counts: a half-open socket is deaf before anybody notices.
  return connected.ageMs === null ? (outage?.startedAt ?? null) : Math.max(0, at - connected.ageMs);
}

function alive({ status }: Reading): Finding {
  const { is, ageMs, evidence } = status.alive;
  const times = { ageMs };
  const restart = 'Its event loop is blocked, or the process is frozen. Restart it; the log before that tells why.';
  if (!is) return fail(`its own loop does not run: ${evidence}`, restart, times);
  if (ageMs === null) return fail('it claims to be alive, and nothing says so', restart, times);
  if (ageMs > STALLED_AFTER_MS) {
    const limit = span(STALLED_AFTER_MS);
    return fail(`its own loop last ticked ${span(ageMs)} ago (limit ${limit}), whatever it claims`, restart, times);
  }
  return ok(`its own loop ticked ${span(ageMs)} ago`, times);
}

function connected({ status, reconnectCommand }: Reading): Finding {
  const { is, ageMs, evidence, silenceLimitMs, state, connectionId } = status.connected;
  const times = { ageMs };
  const limit = `limit ${span(silenceLimitMs)}`;
  if (isConnectedByEvidence(status)) {
    const proof = `the gateway was heard ${span(ageMs ?? 0)} ago (${limit}) on connection ${connectionId ?? 'without a name'}`;
    if (state !== 'suspect') return ok(proof, times);
    return warn(
      `${proof}; a ping is overdue, and it was asked again`,
      'Wait: within a minute it is proven or replaced.',
      times,
    );
  }
  const since = deafSince(status);
  const deaf = since === null ? 'deaf: it never was connected' : `deaf since ${momentAndAge(since, status.at)}`;
  if (!is) return fail(`${deaf}: ${state}, ${evidence}`, adviceFor(status, reconnectCommand), times);
  const claim = ageMs === null ? 'nothing says so' : `nothing was heard for ${span(ageMs)} (${limit})`;
  const advice = 'It should have noticed by itself: its timers are late, or it hangs. If it stays so, restart it.';
  return fail(`${deaf}: it claims to be connected, but ${claim}`, advice, times);
}

function adviceFor({ connected: { state }, lastFailure }: AppStatus, reconnectCommand: string | null): string {
  if (state === 'idle' || state === 'stopped') return 'It does not try: start it, or let its supervisor do so.';
  const isOperator = lastFailure?.verdict === 'operator';
  const wait = isOperator
    ? 'It needs a human, as told at outage; it is retried slowly meanwhile.'
    : 'It is retried by itself, as told at outage.';
  if (state !== 'waiting' || reconnectCommand === null) return wait;
  return `${wait} To have it tried at once: ${reconnectCommand}`;
}

function outage({ status }: Reading): Finding {
  const { outage: current, lastFailure, attempts, at } = status;
  const failed = lastFailure && `${lastFailure.code} ${span(at - lastFailure.at)} ago`;
  if (isConnectedByEvidence(status)) {
    if (current === null) return ok(failed ? `none goes on; the latest failure was ${failed}` : 'none goes on');
    return warn(
      `number ${current.number}, since ${momentAndAge(current.startedAt, at)}, caused by ${current.cause}: connected again, and not stable yet`,
      'Wait half a minute. If it is lost again and again, see the runbook FeishuWsFlapping.',
    );
  }
  const told = [
    current === null
      ? 'none was noticed'
      : `number ${current.number}, since ${momentAndAge(current.startedAt, at)}, caused by ${current.cause}, attempts in it: ${current.attempts}`,
    `attempts in all: ${attempts.count}`,
    nextAttempt(status),
    ...(failed && lastFailure ? [`the latest failure was ${failed}: ${lastFailure.detail || 'without a word'}`] : []),
  ];
  return fail(told.join('; '), outageAdvice(status));
}

function outageAdvice({ connected: { is }, outage: current, lastFailure }: AppStatus): string {
  if (is && current === null)
    return 'It does not know that it is deaf, so it tries nothing: ask again in a minute, and if it stays so, restart it.';
  return (
    lastFailure?.help ??
    'Nothing has failed yet. Ask again in a minute; if it stays so, its log tells what it waits for.'
  );
}

function nextAttempt({ attempts: { nextAt, isUnderWay }, at }: AppStatus): string {
  if (isUnderWay) return 'one is under way';
  return nextAt === null ? 'none is scheduled' : `the next one in ${span(nextAt - at)}`;
}

function receiving({ status }: Reading): Finding {
  const { is, evidence, lastEventAt, eventsReceived, console } = status.receiving;
  const view = serverView(status);
  const ageMs = lastEventAt === null ? null : Math.max(0, status.at - lastEventAt);
  const last = ageMs === null ? 'no event yet' : `${eventsReceived} events, the last one ${span(ageMs)} ago`;
  const told = [last, ...(view === null ? [] : [view.told]), ...unread(status)].join('; ');
  const advice = 'Something else may get the events, or nothing is subscribed: see the runbook FeishuEventsSilent.';
  if (!is) return fail(`${told}; ${evidence}`, advice, { ageMs });
  if (view?.isForeign)
    return warn(`${told}; somebody else is connected as this app and takes part of its events`, advice, { ageMs });
  if (console) {
    const heard = `${told}; connected for ${span(console.connectedForMs)}, and no event has ever come`;
    return warn(heard, `Look at the developer console. ${console.advice.join(' ')}`, { ageMs });
  }
  return ok(`${told}; nothing says that one is missing`, { ageMs });
}

/** What the platform's own count of connections says, if it was asked. */
function serverView({ serverView: view }: AppStatus): { readonly told: string; readonly isForeign: boolean } | null {
  if (!view || view.seen === null || view.expected === null || view.ageMs === null) return null;
  const told = `the platform counted ${counted(view.seen, 'connection')} of ${view.expected} expected ${span(view.ageMs)} ago (${view.verdict})`;
  return { told, isForeign: view.verdict === 'foreign_consumer' };
}

function unread({ gaps }: AppStatus): readonly string[] {
  if (!gaps || gaps.openCount === 0) return [];
  return [
    `${counted(gaps.openCount, 'gap is', 'gaps are')} not caught up yet${gaps.isCatchingUp ? ', which is under way' : ''}`,
  ];
}

function token({ status }: Reading): Finding {
  const { isValid, expiresAt, lastFailure } = status.token;
  const leftMs = expiresAt === null ? null : expiresAt - status.at;
  const failed = lastFailure && `${lastFailure.code} ${span(status.at - lastFailure.at)} ago: ${lastFailure.detail}`;
  const consequence = 'Events are received without it; calls of the API fail.';
  const advice = lastFailure ? `${tokenHelp(lastFailure.code)} ${consequence}` : consequence;
  if (!isValid) {
    if (failed) return fail(`none; the latest failure was ${failed}`, advice);
    return warn('none yet, and no failure', `Ask again in a moment. ${consequence}`);
  }
  if (leftMs === null) return fail('it claims to have one, without an expiry', consequence);
  if (leftMs <= 0) return fail(`it claims to have one, which expired ${span(-leftMs)} ago`, advice);
  // Half of the margin went by without a renewal: the alert FeishuTokenNearExpiry draws the line there too.
  const isLate = leftMs < TOKEN_DEFAULTS.refreshMarginMs / 2;
  const isFailing = lastFailure !== null && status.at - lastFailure.at < TOKEN_DEFAULTS.refreshMarginMs;
  if (isLate && isFailing) return warn(`valid for ${span(leftMs)} more, and not renewed: ${failed}`, advice);
  return ok(`valid for ${span(leftMs)} more`);
}

function tokenHelp(code: string): string {
  return Object.entries(TOKEN_FAILURES).find(([known]) => known === code)?.[1].help ?? `The log tells more of ${code}.`;
}

/** Twice what a handler may take by default: whatever is older waits for something else. */
const OLD_DELIVERY_MS = 2 * DELIVERY_DEFAULTS.handlerDeadlineMs;
/** A fifth of the room is the time left to act; the alert FeishuQueueSaturated draws the line there too. */
const CROWDED_RATIO = 0.8;

function deliveries({ status }: Reading): Finding {
  const { pending, capacity, oldestPendingAt } = status.delivery;
  if (pending === 0) return ok('none pending');
  const ageMs = oldestPendingAt === null ? null : Math.max(0, status.at - oldestPendingAt);
  const told = `${pending} of ${capacity} pending${ageMs === null ? '' : `, the oldest for ${span(ageMs)}`}`;
  const handlers = 'The handlers do not keep up, or hang: see the runbook FeishuQueueSaturated.';
  if (pending >= capacity) return fail(`${told}: further events are not acknowledged`, handlers, { ageMs });
  if (pending >= capacity * CROWDED_RATIO) return warn(told, handlers, { ageMs });
  if (ageMs !== null && ageMs > OLD_DELIVERY_MS)
    return warn(told, 'A handler hangs, or fails again and again: see the runbook FeishuHandlerStalled.', { ageMs });
  return ok(told, { ageMs });
}
