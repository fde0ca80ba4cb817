import { backoffMs, type Verdict } from '../ports/index.js';
import type { Pacing, Ticket } from '../wire/index.js';
import type { Evidence } from './evidence.js';
import { type Step as AttemptStep, type Failure, type FailureCode, verdictOf } from './failure.js';
import {
  afterFrame,
  afterPing,
  afterPong,
  dueKinds,
  excuse,
  HEARTBEAT_KINDS,
  type Heartbeat,
  type HeartbeatKind,
  overdueAt,
  repace,
  roundTripMs,
  startHeartbeat,
} from './heartbeat.js';
import { type Outage, summarize } from './outage.js';
import { type ConnectionPolicy, silenceLimitMs } from './policy.js';
import type { ConnectionReport, Gateway } from './report.js';

/** Where a Connection is. */
export const STATES = [
  'idle',
  'discovering',
  'dialing',
  'proving',
  'connected',
  'suspect',
  'waiting',
  'stopped',
] as const;
export type State = (typeof STATES)[number];

/** What outlives an Attempt. All times are monotonic milliseconds. */
export interface Effort {
  /** The latest Attempt, numbered from 1 for life; 0 before the first. */
  readonly attempt: number;
  /** Failed attempts and short Sessions since the last stable one: how far the backoff has grown. */
  readonly failures: number;
  /** Operator failures in a row: how far the slow lane has grown. */
  readonly refusals: number;
  /** Outages so far. */
  readonly outages: number;
  readonly outage: Outage | null;
  readonly hasConnected: boolean;
  /** The platform's last valid pacing; it survives answers without one. */
  readonly pacing: Pacing;
  /** When Evidence last cut a wait short. */
  readonly cutAt: number | null;
}

/** One socket's life after its 101. */
export interface Session {
  readonly ticket: Ticket;
  readonly openedAt: number;
  readonly heartbeat: Heartbeat;
}

/** A Session whose first pong came. */
export interface ProvenSession extends Session {
  readonly connectedAt: number;
  /** It has lasted for `stableAfterMs`: the Outage is over and the backoff fresh. */
  readonly isStable: boolean;
}

/** An Attempt under way. */
interface Underway {
  readonly startedAt: number;
  /** When the step that runs now began. */
  readonly stepAt: number;
  /** When that step is out of time. */
  readonly deadlineAt: number;
  /** Our own lateness was excused once for this step already. */
  readonly isExcused: boolean;
  /** Evidence came meanwhile: should this Attempt fail all the same, the wait after it is cut short. */
  readonly hasEvidence: boolean;
}

export type Connection =
  | { readonly state: 'idle'; readonly effort: Effort }
  | ({ readonly state: 'discovering'; readonly effort: Effort } & Underway)
  | ({ readonly state: 'dialing'; readonly effort: Effort; readonly ticket: Ticket } & Underway)
  | ({ readonly state: 'proving'; readonly effort: Effort; readonly session: Session } & Underway)
  | { readonly state: 'connected'; readonly effort: Effort; readonly session: ProvenSession }
  | {
      readonly state: 'suspect';
      readonly effort: Effort;
      readonly session: ProvenSession;
      readonly giveUpAt: number;
      readonly isExcused: boolean;
    }
  | { readonly state: 'waiting'; readonly effort: Effort; readonly retryAt: number; readonly failure: FailureCode }
  | { readonly state: 'stopped'; readonly effort: Effort };

type In<S extends State> = Extract<Connection, { state: S }>;
type Live = In<'connected'> | In<'suspect'>;

export type Input =
  | { readonly type: 'start' }
  | { readonly type: 'stop' }
  | { readonly type: 'tick' }
  | { readonly type: 'evidence'; readonly evidence: Evidence }
  | { readonly type: 'ticket'; readonly attempt: number; readonly ticket: Ticket; readonly gateway: Gateway }
  | { readonly type: 'opened'; readonly attempt: number }
  /** Any inbound message that is no protocol pong. */
  | { readonly type: 'heard'; readonly attempt: number }
  /** `pacing` is what the pong's payload makes of ours; null if it said nothing. */
  | { readonly type: 'pong'; readonly attempt: number; readonly kind: HeartbeatKind; readonly pacing: Pacing | null }
  /** Discovery failed, or the socket ended. */
  | { readonly type: 'failed'; readonly attempt: number; readonly failure: Failure; readonly closeCode: number | null };

export type Effect =
  | { readonly do: 'discover'; readonly attempt: number; readonly pacing: Pacing }
  | { readonly do: 'dial'; readonly attempt: number; readonly ticket: Ticket }
  | { readonly do: 'ping'; readonly attempt: number; readonly kind: HeartbeatKind; readonly service: number }
  /** Send a close frame and let go within the policy's budget. */
  | { readonly do: 'close'; readonly attempt: number }
  /** Let go of whatever this Attempt holds, a request or a socket, at once. */
  | { readonly do: 'drop'; readonly attempt: number }
  | { readonly do: 'report'; readonly report: ConnectionReport };

export interface World {
  /** Monotonic milliseconds. */
  readonly now: number;
  /** One draw in [0, 1). */
  readonly random: number;
}

export interface Step {
  readonly next: Connection;
  readonly effects: readonly Effect[];
}

export function newConnection(pacing: Pacing): Connection {
  const effort: Effort = {
    attempt: 0,
    failures: 0,
    refusals: 0,
    outages: 0,
    outage: null,
    hasConnected: false,
    pacing,
    cutAt: null,
  };
  return { state: 'idle', effort };
}

/**
 * The next Connection and what the driver must do about it. Pure: same arguments, same answer.
 * There is no state "failed": only `stop` ends the retrying.
 */
export function step(c: Connection, input: Input, world: World, policy: ConnectionPolicy): Step {
  // A late word from an old Attempt: every Attempt is numbered, so no flag or generation counter is needed.
  if ('attempt' in input && input.attempt !== c.effort.attempt) return stay(c);
  if (input.type === 'stop') return stop(c, world);
  if (input.type === 'tick') {
    const due = wakeAt(c, policy);
    const lateMs = due === null ? 0 : world.now - due;
    if (lateMs <= policy.lateAfterMs) return tick(c, world, policy);
    const { next, effects } = tick(excuseLateness(c, world, policy), world, policy);
    return { next, effects: [report({ type: 'late', lateMs }), ...effects] };
  }
  switch (c.state) {
    case 'idle':
    case 'stopped':
      return input.type === 'start' ? attempt(c, world, policy) : stay(c);
    case 'waiting':
      return input.type === 'evidence' ? hasten(c, world, policy) : stay(c);
    case 'discovering':
      if (input.type === 'ticket') return dial(c, input.ticket, input.gateway, world, policy);
      if (input.type === 'failed') return failAttempt(c, 'discovery', input.failure, world, policy);
      return input.type === 'evidence' ? stay({ ...c, hasEvidence: true }) : stay(c);
    case 'dialing':
      if (input.type === 'opened') return prove(c, world, policy);
      if (input.type === 'failed') return failAttempt(c, 'dial', input.failure, world, policy);
      return input.type === 'evidence' ? stay({ ...c, hasEvidence: true }) : stay(c);
    case 'proving':
      if (input.type === 'evidence') return stay({ ...c, hasEvidence: true });
      if (input.type === 'pong') {
        return input.kind === 'protocol' ? connect(c, input.pacing, world, policy) : hearTransport(c, world);
      }
      if (input.type === 'failed') return failAttempt(c, 'proof', input.failure, world, policy);
      return stay(c);
    case 'connected':
    case 'suspect':
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
      return c.retryAt;
    case 'discovering':
    case 'dialing':
    case 'proving':
      return c.deadlineAt;
    case 'connected':
    case 'suspect': {
      const { heartbeat, connectedAt, isStable } = c.session;
      const judgementAt =
        c.state === 'suspect' ? c.giveUpAt : (overdueAt(heartbeat, policy.answerTimeoutMs) ?? Infinity);
      const stableAt = isStable ? Infinity : connectedAt + policy.stableAfterMs;
      return Math.min(judgementAt, stableAt, ...HEARTBEAT_KINDS.map((kind) => heartbeat[kind].nextAt));
    }
  }
}

function tick(c: Connection, world: World, policy: ConnectionPolicy): Step {
  switch (c.state) {
    case 'idle':
    case 'stopped':
      return stay(c);
    case 'waiting':
      return c.retryAt <= world.now ? attempt(c, world, policy) : stay(c);
    case 'discovering':
    case 'dialing':
    case 'proving':
      return c.deadlineAt <= world.now ? runOutOfTime(c, world, policy) : stay(c);
    case 'connected':
    case 'suspect':
      return tickLive(c, world, policy);
  }
}

function attempt(c: In<'idle' | 'stopped' | 'waiting'>, world: World, policy: ConnectionPolicy): Step {
  const { outage } = c.effort;
  const effort: Effort = {
    ...c.effort,
    attempt: c.effort.attempt + 1,
    outage: outage && { ...outage, attempts: outage.attempts + 1 },
  };
  const next: Connection = {
    state: 'discovering',
    effort,
    startedAt: world.now,
    stepAt: world.now,
    deadlineAt: world.now + policy.discoveryTimeoutMs,
    isExcused: false,
    hasEvidence: false,
  };
  return {
    next,
    effects: [
      report({
        type: 'attempt_started',
        attempt: effort.attempt,
        isReconnect: c.state === 'waiting',
        outage: outage?.number ?? null,
      }),
      ...changed(c, next),
      { do: 'discover', attempt: effort.attempt, pacing: effort.pacing },
    ],
  };
}

function dial(c: In<'discovering'>, ticket: Ticket, gateway: Gateway, world: World, policy: ConnectionPolicy): Step {
  const next: Connection = {
    state: 'dialing',
    effort: { ...c.effort, pacing: ticket.pacing },
    ticket,
    startedAt: c.startedAt,
    stepAt: world.now,
    deadlineAt: world.now + policy.dialTimeoutMs,
    isExcused: false,
    hasEvidence: c.hasEvidence,
  };
  return {
    next,
    effects: [
      stepFinished(c, 'discovery', world, gateway),
      ...changed(c, next),
      { do: 'dial', attempt: c.effort.attempt, ticket },
    ],
  };
}

/** The 101 is no proof: a ping goes out at once, and only its pong makes this Connection `connected`. */
function prove(c: In<'dialing'>, world: World, policy: ConnectionPolicy): Step {
  const { ping, heartbeat } = sendPings(
    c,
    startHeartbeat(world.now),
    c.ticket,
    ['protocol', 'websocket'],
    world,
    policy,
  );
  const next: Connection = {
    state: 'proving',
    effort: c.effort,
    session: { ticket: c.ticket, openedAt: world.now, heartbeat },
    startedAt: c.startedAt,
    stepAt: world.now,
    deadlineAt: world.now + policy.proofTimeoutMs,
    isExcused: false,
    hasEvidence: c.hasEvidence,
  };
  return { next, effects: [stepFinished(c, 'dial', world, null), ...changed(c, next), ...ping] };
}

function connect(c: In<'proving'>, pacing: Pacing | null, world: World, policy: ConnectionPolicy): Step {
  const effort: Effort = { ...c.effort, hasConnected: true, refusals: 0, pacing: pacing ?? c.effort.pacing };
  const { session } = c;
  const next: Connection = {
    state: 'connected',
    effort,
    session: {
      ...session,
      heartbeat: repace(afterPong(session.heartbeat, 'protocol'), world.now, paceOf(effort.pacing, policy)),
      connectedAt: world.now,
      isStable: false,
    },
  };
  const { outage } = effort;
  return {
    next,
    effects: [
      ...heartbeatAnswered(c, session.heartbeat, 'protocol', world),
      stepFinished(c, 'proof', world, null),
      ...changed(c, next),
      report({
        type: 'connected',
        attempt: effort.attempt,
        connectionId: session.ticket.connectionId,
        outage: outage && summarize(outage, world.now),
      }),
      pacingReport(effort.pacing, policy),
    ],
  };
}

/** The transport answers, but the gateway has not: no proof, just a round trip. */
function hearTransport(c: In<'proving'>, world: World): Step {
  const session = { ...c.session, heartbeat: afterPong(c.session.heartbeat, 'websocket') };
  return { next: { ...c, session }, effects: heartbeatAnswered(c, c.session.heartbeat, 'websocket', world) };
}

/** A witness spoke on a living socket. */
function hear(c: Live, heartbeat: Heartbeat, world: World, policy: ConnectionPolicy): Step {
  if (heartbeat === c.session.heartbeat && c.state === 'connected') return stay(c);
  const session = { ...c.session, heartbeat };
  if (c.state === 'connected') return stay({ ...c, session });
  const suspiciousAt = overdueAt(heartbeat, policy.answerTimeoutMs);
  if (suspiciousAt !== null && suspiciousAt <= world.now) return stay({ ...c, session });
  const next: Connection = { state: 'connected', effort: c.effort, session };
  return { next, effects: changed(c, next) };
}

function hearPong(c: Live, kind: HeartbeatKind, pacing: Pacing | null, world: World, policy: ConnectionPolicy): Step {
  const answered = heartbeatAnswered(c, c.session.heartbeat, kind, world);
  const isRepaced = pacing !== null && !samePacing(pacing, c.effort.pacing);
  const repaced: Live = isRepaced ? { ...c, effort: { ...c.effort, pacing } } : c;
  const heartbeat = afterPong(c.session.heartbeat, kind);
  const pace = paceOf(repaced.effort.pacing, policy);
  const { next, effects } = hear(repaced, isRepaced ? repace(heartbeat, world.now, pace) : heartbeat, world, policy);
  return { next, effects: [...answered, ...effects, ...(isRepaced ? [pacingReport(pacing, policy)] : [])] };
}

/** On a living Connection a tick sends due pings, grows its stability, and judges silence. */
function tickLive(c: Live, world: World, policy: ConnectionPolicy): Step {
  const steadied = settle(c, world, policy);
  const live = steadied.next;
  const suspiciousAt = overdueAt(live.session.heartbeat, policy.answerTimeoutMs) ?? Infinity;
  if (live.state === 'suspect' && live.giveUpAt <= world.now) {
    const silentMs = Math.round(world.now - suspiciousAt + policy.answerTimeoutMs);
    const failure: Failure = { code: 'heartbeat_timeout', detail: `no answer for ${silentMs} ms, asked twice` };
    const lost = lose(live, failure, null, world, policy);
    return { next: lost.next, effects: [...steadied.effects, ...lost.effects] };
  }
  const isNewlySuspect = live.state === 'connected' && suspiciousAt <= world.now;
  const kinds = isNewlySuspect ? HEARTBEAT_KINDS : dueKinds(live.session.heartbeat, world.now);
  const { ping, heartbeat } = sendPings(live, live.session.heartbeat, live.session.ticket, kinds, world, policy);
  const session = { ...live.session, heartbeat };
  const next: Live = isNewlySuspect
    ? { state: 'suspect', effort: live.effort, session, giveUpAt: world.now + policy.suspicionMs, isExcused: false }
    : { ...live, session };
  return { next, effects: [...steadied.effects, ...changed(live, next), ...ping] };
}

/** Only a Connection that lasted ends the Outage and earns a fresh budget; one that flaps keeps backing off. */
function settle(c: Live, world: World, policy: ConnectionPolicy): { next: Live; effects: readonly Effect[] } {
  if (c.session.isStable || world.now < c.session.connectedAt + policy.stableAfterMs) return { next: c, effects: [] };
  const { outage } = c.effort;
  return {
    next: {
      ...c,
      effort: { ...c.effort, failures: 0, outage: null },
      session: { ...c.session, isStable: true },
    },
    effects: outage ? [report({ type: 'outage_ended', outage: summarize(outage, c.session.connectedAt) })] : [],
  };
}

function lose(c: Live, failure: Failure, closeCode: number | null, world: World, policy: ConnectionPolicy): Step {
  // The word that ends a Session may come before the tick that would have called it stable.
  const settled = settle(c, world, policy);
  const { effort, session } = settled.next;
  const isNewOutage = effort.outage === null;
  const outage: Outage = effort.outage ?? {
    number: effort.outages + 1,
    cause: failure.code,
    startedAt: world.now,
    attempts: 0,
  };
  const failures = session.isStable ? 0 : effort.failures + 1;
  const waitMs = session.isStable
    ? world.random * policy.quickRetryMs
    : backoffMs(policy.backoff, failures, world.random);
  const next: Connection = {
    state: 'waiting',
    effort: { ...effort, failures, outage, outages: outage.number },
    retryAt: world.now + waitMs,
    failure: failure.code,
  };
  return {
    next,
    effects: [
      ...settled.effects,
      // Destroyed, not closed: a dead link cannot finish a closing handshake, and a dead socket ignores this.
      { do: 'drop', attempt: effort.attempt },
      report({
        type: 'disconnected',
        attempt: effort.attempt,
        connectionId: session.ticket.connectionId,
        failure,
        sessionMs: world.now - session.openedAt,
        closeCode,
        outage: outage.number,
      }),
      ...(isNewOutage ? [report({ type: 'outage_started', outage: outage.number, cause: outage.cause })] : []),
      ...changed(c, next),
      waitingReport(next, waitMs),
    ],
  };
}

function failAttempt(
  c: In<'discovering' | 'dialing' | 'proving'>,
  failedStep: AttemptStep,
  failure: Failure,
  world: World,
  policy: ConnectionPolicy,
): Step {
  const verdict = verdictOf(failure.code);
  const failures = c.effort.failures + 1;
  const refusals = verdict === 'operator' ? c.effort.refusals + 1 : 0;
  const waitMs =
    verdict === 'operator'
      ? backoffMs(policy.slowLane, refusals, world.random)
      : backoffMs(policy.backoff, failures, world.random);
  const waiting: In<'waiting'> = {
    state: 'waiting',
    effort: { ...c.effort, failures, refusals },
    retryAt: world.now + waitMs,
    failure: failure.code,
  };
  const next = c.hasEvidence ? cutShort(waiting, world, policy) : waiting;
  return {
    next,
    effects: [
      { do: 'drop', attempt: c.effort.attempt },
      stepFinished(c, failedStep, world, null),
      report({
        type: 'attempt_failed',
        attempt: c.effort.attempt,
        step: failedStep,
        failure,
        verdict,
        durationMs: world.now - c.startedAt,
        outage: c.effort.outage?.number ?? null,
      }),
      ...changed(c, next),
      waitingReport(next, next.retryAt - world.now),
    ],
  };
}

function runOutOfTime(c: In<'discovering' | 'dialing' | 'proving'>, world: World, policy: ConnectionPolicy): Step {
  const tookMs = Math.round(world.now - c.stepAt);
  switch (c.state) {
    case 'discovering':
      return failAttempt(
        c,
        'discovery',
        { code: 'discovery_timeout', detail: `no ticket in ${tookMs} ms` },
        world,
        policy,
      );
    case 'dialing':
      return failAttempt(c, 'dial', { code: 'dial_timeout', detail: `no 101 in ${tookMs} ms` }, world, policy);
    case 'proving':
      return failAttempt(
        c,
        'proof',
        { code: 'proof_timeout', detail: `no pong in ${tookMs} ms after the 101` },
        world,
        policy,
      );
  }
}

/** Evidence that the upstream may be back: the rest of the wait is not worth it. Rate-bounded, never a hammer. */
function cutShort(c: In<'waiting'>, world: World, policy: ConnectionPolicy): In<'waiting'> {
  const { cutAt } = c.effort;
  const earliestAt = cutAt === null ? world.now : Math.max(world.now, cutAt + policy.evidencePauseMs);
  const retryAt = earliestAt + world.random * policy.evidenceJitterMs;
  return retryAt < c.retryAt ? { ...c, effort: { ...c.effort, cutAt: earliestAt }, retryAt } : c;
}

function hasten(c: In<'waiting'>, world: World, policy: ConnectionPolicy): Step {
  const next = cutShort(c, world, policy);
  return next === c ? stay(c) : { next, effects: [waitingReport(next, next.retryAt - world.now)] };
}

function stop(c: Connection, world: World): Step {
  if (c.state === 'stopped') return stay(c);
  const { attempt: number } = c.effort;
  const next: Connection = {
    state: 'stopped',
    effort: { ...c.effort, failures: 0, refusals: 0, outage: null, cutAt: null },
  };
  const failure: Failure = { code: 'local_stop', detail: 'stop() was called' };
  switch (c.state) {
    case 'idle':
    case 'waiting':
      return { next, effects: changed(c, next) };
    case 'discovering':
    case 'dialing':
      return { next, effects: [{ do: 'drop', attempt: number }, ...changed(c, next)] };
    case 'proving':
      return { next, effects: [{ do: 'close', attempt: number }, ...changed(c, next)] };
    case 'connected':
    case 'suspect':
      return {
        next,
        effects: [
          { do: 'close', attempt: number },
          report({
            type: 'disconnected',
            attempt: number,
            connectionId: c.session.ticket.connectionId,
            failure,
            sessionMs: world.now - c.session.openedAt,
            closeCode: null,
            outage: null,
          }),
          ...changed(c, next),
        ],
      };
  }
}

/** We were late: what the peer sent may lie unread, so no deadline that passed meanwhile counts against it, once. */
function excuseLateness(c: Connection, world: World, policy: ConnectionPolicy): Connection {
  const graceAt = world.now + policy.lateGraceMs;
  switch (c.state) {
    case 'idle':
    case 'stopped':
    case 'waiting':
      return c;
    case 'discovering':
    case 'dialing':
    case 'proving':
      return c.isExcused ? c : { ...c, deadlineAt: Math.max(c.deadlineAt, graceAt), isExcused: true };
    case 'connected':
    case 'suspect': {
      const heartbeat = excuse(c.session.heartbeat, world.now, policy.answerTimeoutMs, policy.lateGraceMs);
      const session = { ...c.session, heartbeat };
      if (c.state === 'connected') return { ...c, session };
      return c.isExcused
        ? { ...c, session }
        : { ...c, session, giveUpAt: Math.max(c.giveUpAt, graceAt), isExcused: true };
    }
  }
}

function sendPings(
  c: In<'dialing'> | Live,
  heartbeat: Heartbeat,
  ticket: Ticket,
  kinds: readonly HeartbeatKind[],
  world: World,
  policy: ConnectionPolicy,
): { ping: Effect[]; heartbeat: Heartbeat } {
  const pace = paceOf(c.effort.pacing, policy);
  const ping = kinds.flatMap((kind): Effect[] => [
    { do: 'ping', attempt: c.effort.attempt, kind, service: ticket.service },
    report({ type: 'heartbeat_sent', attempt: c.effort.attempt, kind }),
  ]);
  return { ping, heartbeat: kinds.reduce((sent, kind) => afterPing(sent, kind, world.now, pace), heartbeat) };
}

function paceOf(pacing: Pacing, policy: ConnectionPolicy) {
  return { protocol: pacing.pingIntervalMs, websocket: policy.heartbeatMs };
}

function samePacing(a: Pacing, b: Pacing): boolean {
  return (
    a.pingIntervalMs === b.pingIntervalMs &&
    a.reconnectCount === b.reconnectCount &&
    a.reconnectIntervalMs === b.reconnectIntervalMs &&
    a.reconnectNonceMs === b.reconnectNonceMs
  );
}

function stay(c: Connection): Step {
  return { next: c, effects: [] };
}

function report(told: ConnectionReport): Effect {
  return { do: 'report', report: told };
}

function changed(from: Connection, to: Connection): Effect[] {
  return from.state === to.state ? [] : [report({ type: 'state_changed', from: from.state, to: to.state })];
}

function stepFinished(
  c: In<'discovering' | 'dialing' | 'proving'>,
  finished: AttemptStep,
  world: World,
  gateway: Gateway | null,
): Effect {
  const durationMs = world.now - c.stepAt;
  return report({ type: 'step_finished', attempt: c.effort.attempt, step: finished, durationMs, gateway });
}

function heartbeatAnswered(c: In<'proving'> | Live, heartbeat: Heartbeat, kind: HeartbeatKind, world: World): Effect[] {
  const rttMs = roundTripMs(heartbeat, kind, world.now);
  // A pong that answers no ping of ours is a frame like any other, but no round trip.
  return rttMs === null ? [] : [report({ type: 'heartbeat_answered', attempt: c.effort.attempt, kind, rttMs })];
}

function pacingReport(pacing: Pacing, policy: ConnectionPolicy): Effect {
  return report({ type: 'pacing', heartbeatIntervalMs: pacing.pingIntervalMs, silenceLimitMs: silenceLimitMs(policy) });
}

function waitingReport(c: In<'waiting'>, retryInMs: number): Effect {
  const verdict: Verdict = verdictOf(c.failure);
  return report({
    type: 'waiting',
    attempt: c.effort.attempt,
    retryInMs,
    failure: c.failure,
    verdict,
    outage: c.effort.outage?.number ?? null,
  });
}
