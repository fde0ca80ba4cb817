import type { Pacing, Ticket } from '../wire/index.js';
import { type Effect, report } from './effect.js';
import type { Failure, Step } from './failure.js';
import { afterPong, type Heartbeat, startHeartbeat } from './heartbeat.js';
import type { AttemptInput } from './input.js';
import type { ConnectionPolicy } from './policy.js';
import type { Gateway } from './report.js';
import { answered, paceOf, type Session, sendPings } from './session.js';
import type { World } from './world.js';

/** One ticket plus one dial under way. All times are monotonic milliseconds. */
export type Attempt = Course &
  (
    | { readonly step: 'discovery' }
    | { readonly step: 'dial'; readonly ticket: Ticket }
    | { readonly step: 'proof'; readonly ticket: Ticket; readonly openedAt: number; readonly heartbeat: Heartbeat }
  );

interface Course {
  /** Counted for the life of the Connection. */
  readonly number: number;
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

/** What became of an Attempt: it goes on, it proved itself, or it failed. */
export type AttemptOutcome =
  | { readonly is: 'underway'; readonly attempt: Attempt; readonly effects: readonly Effect[] }
  | {
      readonly is: 'proven';
      readonly session: Session;
      readonly pacing: Pacing | null;
      readonly effects: readonly Effect[];
    }
  | {
      readonly is: 'failed';
      readonly attempt: Attempt;
      readonly failure: Failure;
      readonly effects: readonly Effect[];
    };

/** An Attempt that begins with asking for a Ticket. */
export function newAttempt(number: number, world: World, policy: ConnectionPolicy): Attempt {
  const { now } = world;
  return {
    step: 'discovery',
    number,
    startedAt: now,
    stepAt: now,
    deadlineAt: now + policy.discoveryTimeoutMs,
    isExcused: false,
    hasEvidence: false,
  };
}

/** What a word about this very Attempt makes of it. */
export function stepAttempt(
  attempt: Attempt,
  input: AttemptInput,
  world: World,
  policy: ConnectionPolicy,
): AttemptOutcome {
  switch (input.type) {
    case 'ticket':
      return attempt.step === 'discovery'
        ? dial(attempt, input.ticket, input.gateway, world, policy)
        : underway(attempt);
    case 'opened':
      return attempt.step === 'dial' ? askForProof(attempt, world, policy) : underway(attempt);
    case 'pong': {
      if (attempt.step !== 'proof') return underway(attempt);
      const effects = answered(attempt.number, attempt.heartbeat, input.kind, world.now);
      const heard = { ...attempt, heartbeat: afterPong(attempt.heartbeat, input.kind) };
      // The transport answers, but the gateway has not: no proof, just a round trip.
      return input.kind === 'protocol' ? prove(heard, input.pacing, effects, world) : underway(heard, effects);
    }
    case 'failed':
      return failAttempt(attempt, input.failure, world);
    case 'heard':
      return underway(attempt);
  }
}

/** Judges the deadline of its step. */
export function tickAttempt(attempt: Attempt, world: World): AttemptOutcome {
  if (world.now < attempt.deadlineAt) return underway(attempt);
  const tookMs = Math.round(world.now - attempt.stepAt);
  return failAttempt(attempt, OUT_OF_TIME[attempt.step](tookMs), world);
}

/** We were late: what the peer sent may lie unread, so the step gets a grace, once. */
export function excuseAttempt(attempt: Attempt, world: World, policy: ConnectionPolicy): Attempt {
  if (attempt.isExcused) return attempt;
  return { ...attempt, deadlineAt: Math.max(attempt.deadlineAt, world.now + policy.lateGraceMs), isExcused: true };
}

const OUT_OF_TIME: Readonly<Record<Step, (tookMs: number) => Failure>> = {
  discovery: (tookMs) => ({ code: 'discovery_timeout', detail: `no ticket in ${tookMs} ms` }),
  dial: (tookMs) => ({ code: 'dial_timeout', detail: `no 101 in ${tookMs} ms` }),
  proof: (tookMs) => ({ code: 'proof_timeout', detail: `no pong in ${tookMs} ms after the 101` }),
};

function dial(
  attempt: Attempt,
  ticket: Ticket,
  gateway: Gateway,
  world: World,
  policy: ConnectionPolicy,
): AttemptOutcome {
  const course = nextStep(attempt, world, policy.dialTimeoutMs);
  const effects = [stepFinished(attempt, world, gateway), { do: 'dial', attempt: attempt.number, ticket } as const];
  return underway({ ...course, step: 'dial', ticket }, effects);
}

/** The 101 is no proof: a ping goes out at once, and only its pong makes a Connection of it. */
function askForProof(
  attempt: Extract<Attempt, { step: 'dial' }>,
  world: World,
  policy: ConnectionPolicy,
): AttemptOutcome {
  const { number, ticket } = attempt;
  const socket = { attempt: number, ticket, heartbeat: startHeartbeat(world.now) };
  const pings = sendPings(socket, ['protocol', 'websocket'], world.now, paceOf(ticket.pacing, policy));
  const course = nextStep(attempt, world, policy.proofTimeoutMs);
  const { heartbeat } = pings;
  const effects = [stepFinished(attempt, world, null), ...pings.effects];
  return underway({ ...course, step: 'proof', ticket, openedAt: world.now, heartbeat }, effects);
}

function prove(
  attempt: Extract<Attempt, { step: 'proof' }>,
  pacing: Pacing | null,
  effects: readonly Effect[],
  world: World,
): AttemptOutcome {
  const { number, ticket, openedAt, heartbeat } = attempt;
  return {
    is: 'proven',
    session: { attempt: number, ticket, openedAt, connectedAt: world.now, heartbeat, isStable: false },
    pacing,
    effects: [...effects, stepFinished(attempt, world, null)],
  };
}

/** It fails in the step that it is in, and lets go of what it holds. */
export function failAttempt(
  attempt: Attempt,
  failure: Failure,
  world: World,
): Extract<AttemptOutcome, { is: 'failed' }> {
  return {
    is: 'failed',
    attempt,
    failure,
    effects: [{ do: 'drop', attempt: attempt.number }, stepFinished(attempt, world, null)],
  };
}

function underway(attempt: Attempt, effects: readonly Effect[] = []): AttemptOutcome {
  return { is: 'underway', attempt, effects };
}

function nextStep({ number, startedAt, hasEvidence }: Attempt, { now }: World, timeoutMs: number): Course {
  return { number, startedAt, hasEvidence, stepAt: now, deadlineAt: now + timeoutMs, isExcused: false };
}

function stepFinished({ number, step, stepAt }: Attempt, { now }: World, gateway: Gateway | null): Effect {
  return report({ type: 'step_finished', attempt: number, step, durationMs: now - stepAt, gateway });
}
