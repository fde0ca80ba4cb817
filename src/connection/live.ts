import { backoffMs } from '../ports/index.js';
import type { Pacing } from '../wire/index.js';
import { type AttemptOutcome, newAttempt, tickAttempt } from './attempt.js';
import { discover, type Effect, report } from './effect.js';
import { type Effort, inOutage, nextAttempt, refreshed } from './effort.js';
import type { Failure } from './failure.js';
import { afterPong, dueKinds, HEARTBEAT_KINDS, type Heartbeat, type HeartbeatKind, repace } from './heartbeat.js';
import { summarize } from './outage.js';
import type { ConnectionPolicy } from './policy.js';
import { answered, paceOf, sendPings, stableAt, suspiciousAt } from './session.js';
import { type Connection, type Live, type Step, stay, type Trying, underway, type Waiting } from './state.js';
import {
  abandoned,
  attemptFailed,
  attemptStarted,
  changed,
  disconnected,
  pacingReport,
  waitingReport,
} from './telling.js';
import { watchOfAttempt } from './watch.js';
import type { World } from './world.js';

// The life of a proven Session, from the pong that proves it to its loss or to the Session that takes its place. Which of
// these an input leads to is decided by `step`.

/** An Attempt is proven: it is the Connection from now on. */
export function connect(
  c: Trying | Live,
  { session, pacing, effects }: Extract<AttemptOutcome, { is: 'proven' }>,
  world: World,
  policy: ConnectionPolicy,
): Step {
  const effort: Effort = { ...c.effort, refusals: 0, pacing: pacing ?? c.effort.pacing };
  const heartbeat = repace(session.heartbeat, world.now, paceOf(effort.pacing, policy));
  const next: Connection = { state: 'connected', effort, session: { ...session, heartbeat }, challenger: null };
  const replaces = 'session' in c ? c.session.attempt : null;
  return {
    next,
    effects: [
      ...effects,
      ...changed(c, next),
      report({
        type: 'connected',
        attempt: session.attempt,
        connectionId: session.ticket.connectionId,
        outage: effort.outage && replaces === null ? summarize(effort.outage, world.now) : null,
        ...(replaces !== null && { replaces }),
      }),
      pacingReport(effort.pacing, policy),
    ],
  };
}

/** An Attempt beside a living Session took a step. */
export function followChallenger(c: Live, outcome: AttemptOutcome, world: World, policy: ConnectionPolicy): Step {
  switch (outcome.is) {
    case 'underway': {
      const { effort, attempt: challenger } = underway(c.effort, outcome.attempt, null);
      return { next: { ...c, effort, challenger }, effects: outcome.effects };
    }
    case 'proven': {
      const { session: old } = c;
      const swapped = connect(c, outcome, world, policy);
      // Make before break: only now that the new Session is proven does the old one go.
      const failure: Failure = { code: 'replaced', detail: `attempt ${outcome.session.attempt} took over` };
      const farewell: Effect[] = [{ do: 'close', attempt: old.attempt }, disconnected(old, failure, null, null, world)];
      return { next: swapped.next, effects: [...swapped.effects, ...farewell] };
    }
    case 'failed':
      return {
        next: { ...c, challenger: null },
        effects: [...outcome.effects, attemptFailed(c.effort, outcome, world)],
      };
  }
}

/** A witness spoke on a living socket. */
export function hear(c: Live, heartbeat: Heartbeat, world: World, policy: ConnectionPolicy): Step {
  if (c.state === 'connected') {
    return stay(heartbeat === c.session.heartbeat ? c : { ...c, session: { ...c.session, heartbeat } });
  }
  const session = { ...c.session, heartbeat };
  if (suspiciousAt(session, policy) <= world.now) return stay({ ...c, session });
  // It answered after all: whoever was to take its place is not needed.
  const next: Connection = { state: 'connected', effort: c.effort, session, challenger: null };
  return { next, effects: [...changed(c, next), ...abandoned(c.challenger, world)] };
}

/** A witness answered a ping; the gateway's answer may bring another pacing. */
export function hearPong(
  c: Live,
  kind: HeartbeatKind,
  pacing: Pacing | null,
  world: World,
  policy: ConnectionPolicy,
): Step {
  const roundTrip = answered(c.session.attempt, c.session.heartbeat, kind, world.now);
  const isRepaced = pacing !== null && !samePacing(pacing, c.effort.pacing);
  const repaced: Live = isRepaced ? { ...c, effort: { ...c.effort, pacing } } : c;
  const heartbeat = afterPong(c.session.heartbeat, kind);
  const pace = paceOf(repaced.effort.pacing, policy);
  const { next, effects } = hear(repaced, isRepaced ? repace(heartbeat, world.now, pace) : heartbeat, world, policy);
  return { next, effects: [...roundTrip, ...effects, ...(isRepaced ? [pacingReport(pacing, policy)] : [])] };
}

/** On a living Connection a tick grows its stability, judges the challenger and the silence, and sends due pings. */
export function tickLive(c: Live, world: World, policy: ConnectionPolicy): Step {
  const settled = settle(c, world, policy);
  const challenged = settled.next.challenger
    ? followChallenger(settled.next, tickAttempt(settled.next.challenger, world), world, policy)
    : stay(settled.next);
  const judged = judge(challenged.next as Live, world, policy);
  return { next: judged.next, effects: [...settled.effects, ...challenged.effects, ...judged.effects] };
}

function judge(c: Live, world: World, policy: ConnectionPolicy): Step {
  const overdueAt = suspiciousAt(c.session, policy);
  if (c.state === 'suspect' && c.giveUpAt <= world.now) {
    const silentMs = Math.round(world.now - overdueAt + policy.answerTimeoutMs);
    return lose(
      c,
      { code: 'heartbeat_timeout', detail: `no answer for ${silentMs} ms, asked twice` },
      null,
      world,
      policy,
    );
  }
  if (c.state === 'suspect' || world.now < overdueAt)
    return ping(c, dueKinds(c.session.heartbeat, world.now), world, policy);
  // Suspicion: both witnesses are asked at once, and a new Session is sought before this one is given up.
  const { challenger, session, effort } = c;
  const suspect: Live = {
    state: 'suspect',
    effort,
    session,
    challenger,
    giveUpAt: world.now + policy.suspicionMs,
    isExcused: false,
  };
  const asked = ping(suspect, HEARTBEAT_KINDS, world, policy);
  const isSeeking = challenger === null && (c.heldUntil ?? world.now) <= world.now;
  const sought = isSeeking ? challenge(asked.next as Live, world, policy) : stay(asked.next);
  return { next: sought.next, effects: [...changed(c, suspect), ...asked.effects, ...sought.effects] };
}

function ping(c: Live, kinds: readonly HeartbeatKind[], world: World, policy: ConnectionPolicy): Step {
  if (kinds.length === 0) return stay(c);
  const { heartbeat, effects } = sendPings(c.session, kinds, world.now, paceOf(c.effort.pacing, policy));
  return { next: { ...c, session: { ...c.session, heartbeat } }, effects };
}

/** Begins an Attempt beside the living Session: at most one, so there are never more than two sockets. */
export function challenge(c: Live, world: World, policy: ConnectionPolicy): Step {
  const effort = nextAttempt(c.effort);
  const challenger = newAttempt(effort.attempt, world, policy);
  return { next: { ...c, effort, challenger }, effects: [attemptStarted(effort, true), discover(effort)] };
}

/** Only a Connection that lasted ends the Outage and earns a fresh budget; one that flaps keeps backing off. */
function settle(
  c: Live,
  world: World,
  policy: ConnectionPolicy,
): { readonly next: Live; readonly effects: readonly Effect[] } {
  if (world.now < stableAt(c.session, policy)) return { next: c, effects: [] };
  const { outage } = c.effort;
  return {
    next: { ...c, effort: refreshed(c.effort), session: { ...c.session, isStable: true } },
    effects: outage ? [report({ type: 'outage_ended', outage: summarize(outage, c.session.connectedAt) })] : [],
  };
}

/** The Session is over, and nobody here wanted that: an Outage begins, or goes on. */
export function lose(
  c: Live,
  failure: Failure,
  closeCode: number | null,
  world: World,
  policy: ConnectionPolicy,
): Step {
  // The word that ends a Session may come before the tick that would have called it stable.
  const { next: live, effects: settled } = settle(c, world, policy);
  const { session, challenger } = live;
  const effort = inOutage(live.effort, failure.code, challenger ? 1 : 0, world.now);
  const isNew = live.effort.outage === null;
  const told: Effect[] = [
    // Destroyed, not closed: a dead link cannot finish a closing handshake, and a dead socket ignores this.
    { do: 'drop', attempt: session.attempt },
    disconnected(session, failure, closeCode, effort.outage.number, world),
    ...(isNew ? [report({ type: 'outage_started', outage: effort.outage.number, cause: effort.outage.cause })] : []),
  ];
  if (challenger) {
    // Somebody is on the way already.
    const next: Connection = underway(effort, challenger, watchOfAttempt(null, world, policy));
    return { next, effects: [...settled, ...told, ...changed(c, next)] };
  }
  const failures = session.isStable ? 0 : effort.failures + 1;
  const waitMs = session.isStable
    ? world.random * policy.quickRetryMs
    : backoffMs(policy.backoff, failures, world.random);
  const next: Waiting = {
    state: 'waiting',
    effort: { ...effort, failures },
    retryAt: world.now + waitMs,
    failure: failure.code,
    // A socket that ended says nothing about whether another one can be had.
    watch: null,
  };
  return { next, effects: [...settled, ...told, ...changed(c, next), waitingReport(next, world)] };
}

function samePacing(a: Pacing, b: Pacing): boolean {
  return (
    a.pingIntervalMs === b.pingIntervalMs &&
    a.reconnectCount === b.reconnectCount &&
    a.reconnectIntervalMs === b.reconnectIntervalMs &&
    a.reconnectNonceMs === b.reconnectNonceMs
  );
}
