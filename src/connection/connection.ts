import type { Pacing } from '../wire/index.js';
import { type Attempt, type AttemptOutcome, excuseAttempt, newAttempt, stepAttempt, tickAttempt } from './attempt.js';
import { discover, report } from './effect.js';
import { newEffort, nextAttempt, refreshed } from './effort.js';
import type { Failure } from './failure.js';
import { afterFrame, excuse, HEARTBEAT_KINDS } from './heartbeat.js';
import type { Input } from './input.js';
import { challenge, connect, followChallenger, hear, hearPong, lose, tickLive } from './live.js';
import type { ConnectionPolicy } from './policy.js';
import { stableAt, suspiciousAt } from './session.js';
import { type Connection, type Resting, type Step, stay, type Trying, underway, type Waiting } from './state.js';
import { abandoned, attemptStarted, changed, disconnected } from './telling.js';
import { hasten, look, see, waitAfter } from './wait.js';
import { type Watch, watchOfAttempt } from './watch.js';
import type { World } from './world.js';

export type { Connection, State } from './state.js';

/** Before anybody said `start`. */
export function newConnection(pacing: Pacing): Connection {
  return { state: 'idle', effort: newEffort(pacing) };
}

/**
 * The next Connection and what the driver must do about it. Pure: same arguments, same answer.
 * There is no state "failed": only `stop` ends the retrying.
 */
export function step(c: Connection, input: Input, world: World, policy: ConnectionPolicy): Step {
  // A late word from an old Attempt: every Attempt is numbered, so no flag or generation counter is needed.
  if ('attempt' in input && !isCurrent(c, input.attempt)) return stay(c);
  if (input.type === 'stop') return stop(c, world);
  if (input.type === 'tick') return tick(c, world, policy);
  switch (c.state) {
    case 'idle':
    case 'stopped':
      return input.type === 'start' ? begin(c, world, policy) : stay(c);
    case 'waiting':
      if (input.type === 'hold') return stay({ ...c, heldUntil: input.until });
      if (input.type === 'looked') return see(c, input, world, policy);
      return input.type === 'evidence' ? hasten(c, input.evidence, world, policy) : stay(c);
    case 'discovering':
    case 'dialing':
    case 'proving':
      if (input.type === 'evidence') return stay({ ...c, attempt: { ...c.attempt, hasEvidence: true } });
      if (input.type === 'looked') return see(c, input, world, policy);
      return 'attempt' in input ? follow(c, stepAttempt(c.attempt, input, world, policy), world, policy) : stay(c);
    case 'connected':
    case 'suspect':
      if (input.type === 'hold') return stay({ ...c, heldUntil: input.until });
      if (input.type === 'replace') return c.challenger === null ? challenge(c, world, policy) : stay(c);
      if (!('attempt' in input)) return stay(c);
      if (c.challenger !== null && input.attempt === c.challenger.number) {
        return followChallenger(c, stepAttempt(c.challenger, input, world, policy), world, policy);
      }
      if (input.type === 'heard') return hear(c, afterFrame(c.session.heartbeat), world, policy);
      if (input.type === 'pong') return hearPong(c, input.kind, input.pacing, world, policy);
      if (input.type === 'failed') return lose(c, input.failure, input.closeCode, world, policy);
      return stay(c);
  }
}

/** When the driver owes {@link step} a tick, or null. One timer serves the whole machine. */
export function wakeAt(c: Connection, policy: ConnectionPolicy): number | null {
  switch (c.state) {
    case 'idle':
    case 'stopped':
      return null;
    case 'waiting':
      // Who is held does not look either: whoever has the turn does that for all.
      if (c.heldUntil === undefined) return Math.min(c.retryAt, c.watch?.at ?? Number.POSITIVE_INFINITY);
      return c.heldUntil === Number.POSITIVE_INFINITY ? null : Math.max(c.retryAt, c.heldUntil);
    case 'discovering':
    case 'dialing':
    case 'proving':
      return Math.min(c.attempt.deadlineAt, c.watch?.at ?? Number.POSITIVE_INFINITY);
    case 'connected':
    case 'suspect':
      return Math.min(
        c.state === 'suspect' ? c.giveUpAt : suspiciousAt(c.session, policy),
        stableAt(c.session, policy),
        c.challenger?.deadlineAt ?? Number.POSITIVE_INFINITY,
        ...HEARTBEAT_KINDS.map((kind) => c.session.heartbeat[kind].nextAt),
      );
  }
}

/** What is looked at now; null if nothing is. */
export function watchOf(c: Connection): Watch | null {
  return 'watch' in c ? c.watch : null;
}

/** The ticket endpoint was away for several attempts, and no look has found it since: whoever else would ask may wait. */
export function isAway(c: Connection, policy: ConnectionPolicy): boolean {
  const watch = watchOf(c);
  if (watch === null || watch.gateway !== null || watch.look === 'secret') return false;
  return !watch.isAnswered && c.effort.failures >= policy.freshPartsAfterFailures;
}

/** The Attempt that runs now, whether alone or beside a living Session. */
export function attemptUnderWay(c: Connection): Attempt | null {
  if (c.state === 'connected' || c.state === 'suspect') return c.challenger;
  return 'attempt' in c ? c.attempt : null;
}

function isCurrent(c: Connection, number: number): boolean {
  if (attemptUnderWay(c)?.number === number) return true;
  return 'session' in c && c.session.attempt === number;
}

function tick(c: Connection, world: World, policy: ConnectionPolicy): Step {
  const due = wakeAt(c, policy);
  const lateMs = due === null ? 0 : world.now - due;
  if (lateMs <= policy.lateAfterMs) return tickInTime(c, world, policy);
  const { next, effects } = tickInTime(excuseLateness(c, world, policy), world, policy);
  return { next, effects: [report({ type: 'late', lateMs }), ...effects] };
}

function tickInTime(c: Connection, world: World, policy: ConnectionPolicy): Step {
  switch (c.state) {
    case 'idle':
    case 'stopped':
      return stay(c);
    case 'waiting':
      if (Math.max(c.retryAt, c.heldUntil ?? c.retryAt) <= world.now) return begin(c, world, policy);
      if (c.heldUntil !== undefined) return stay(c);
      return look(c, world, policy);
    case 'discovering':
    case 'dialing':
    case 'proving':
      if (world.now < c.attempt.deadlineAt) return look(c, world, policy);
      return follow(c, tickAttempt(c.attempt, world), world, policy);
    case 'connected':
    case 'suspect':
      return tickLive(c, world, policy);
  }
}

function begin(c: Resting | Waiting, world: World, policy: ConnectionPolicy): Step {
  const effort = nextAttempt(c.effort);
  const attempt = newAttempt(effort.attempt, world, policy);
  const watch = watchOfAttempt(watchOf(c), world, policy);
  const next: Connection = { state: 'discovering', effort, attempt, watch };
  return { next, effects: [attemptStarted(effort, c.state === 'waiting'), ...changed(c, next), discover(effort)] };
}

/** An Attempt that is all we have took a step. */
function follow(c: Trying, outcome: AttemptOutcome, world: World, policy: ConnectionPolicy): Step {
  switch (outcome.is) {
    case 'underway': {
      const next: Connection = underway(c.effort, outcome.attempt, c.watch);
      return { next, effects: [...outcome.effects, ...changed(c, next)] };
    }
    case 'proven':
      return connect(c, outcome, world, policy);
    case 'failed':
      return waitAfter(c, outcome, outcome.attempt.hasEvidence ? policy.evidenceJitterMs : null, world, policy);
  }
}

function stop(c: Connection, world: World): Step {
  if (c.state === 'stopped') return stay(c);
  const next: Connection = { state: 'stopped', effort: refreshed(c.effort) };
  const effects = changed(c, next);
  switch (c.state) {
    case 'idle':
    case 'waiting':
      return { next, effects };
    case 'discovering':
    case 'dialing':
      return { next, effects: [{ do: 'drop', attempt: c.attempt.number }, ...effects] };
    case 'proving':
      return { next, effects: [{ do: 'close', attempt: c.attempt.number }, ...effects] };
    case 'connected':
    case 'suspect': {
      const failure: Failure = { code: 'local_stop', detail: 'stop() was called' };
      const farewell = disconnected(c.session, failure, null, null, world);
      return {
        next,
        effects: [{ do: 'close', attempt: c.session.attempt }, farewell, ...abandoned(c.challenger, world), ...effects],
      };
    }
  }
}

/** We were late: what the peer sent may lie unread, so no deadline that passed meanwhile counts against it, once. */
function excuseLateness(c: Connection, world: World, policy: ConnectionPolicy): Connection {
  switch (c.state) {
    case 'idle':
    case 'stopped':
    case 'waiting':
      return c;
    case 'discovering':
    case 'dialing':
    case 'proving':
      return { ...c, attempt: excuseAttempt(c.attempt, world, policy) };
    case 'connected':
    case 'suspect': {
      const heartbeat = excuse(c.session.heartbeat, world.now, policy.answerTimeoutMs, policy.lateGraceMs);
      const challenger = c.challenger && excuseAttempt(c.challenger, world, policy);
      const live = { ...c, challenger, session: { ...c.session, heartbeat } };
      if (live.state === 'connected' || live.isExcused) return live;
      return { ...live, giveUpAt: Math.max(live.giveUpAt, world.now + policy.lateGraceMs), isExcused: true };
    }
  }
}
