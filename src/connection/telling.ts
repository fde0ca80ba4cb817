import type { Pacing } from '../wire/index.js';
import type { Attempt, AttemptOutcome } from './attempt.js';
import { type Effect, report } from './effect.js';
import type { Effort } from './effort.js';
import { type Failure, verdictOf } from './failure.js';
import { type ConnectionPolicy, silenceLimitMs } from './policy.js';
import type { Session } from './session.js';
import type { Connection, Waiting } from './state.js';
import type { World } from './world.js';

// What the Connection tells of its decisions, each as the effect that reports it.

export function changed(from: Connection, to: Connection): Effect[] {
  return from.state === to.state ? [] : [report({ type: 'state_changed', from: from.state, to: to.state })];
}

export function attemptStarted({ attempt, outage }: Effort, isReconnect: boolean): Effect {
  return report({ type: 'attempt_started', attempt, isReconnect, outage: outage?.number ?? null });
}

export function attemptFailed(
  effort: Effort,
  { attempt, failure }: Extract<AttemptOutcome, { is: 'failed' }>,
  world: World,
): Effect {
  const verdict = verdictOf(failure.code);
  const durationMs = world.now - attempt.startedAt;
  const outage = effort.outage?.number ?? null;
  return report({
    type: 'attempt_failed',
    attempt: attempt.number,
    step: attempt.step,
    failure,
    verdict,
    durationMs,
    outage,
  });
}

export function abandoned(challenger: Attempt | null, world: World): Effect[] {
  if (challenger === null) return [];
  const { number: attempt, step: at, startedAt } = challenger;
  return [
    // Once it is open, the platform would route events to it until it noticed: a close frame says that nobody is there.
    { do: at === 'proof' ? 'close' : 'drop', attempt },
    report({ type: 'attempt_abandoned', attempt, step: at, durationMs: world.now - startedAt }),
  ];
}

export function disconnected(
  session: Session,
  failure: Failure,
  closeCode: number | null,
  outage: number | null,
  world: World,
): Effect {
  const { attempt, ticket, openedAt } = session;
  const sessionMs = world.now - openedAt;
  return report({
    type: 'disconnected',
    attempt,
    connectionId: ticket.connectionId,
    failure,
    sessionMs,
    closeCode,
    outage,
  });
}

export function pacingReport({ pingIntervalMs }: Pacing, policy: ConnectionPolicy): Effect {
  return report({ type: 'pacing', heartbeatIntervalMs: pingIntervalMs, silenceLimitMs: silenceLimitMs(policy) });
}

export function waitingReport({ effort, failure, retryAt }: Waiting, world: World): Effect {
  const { attempt, outage } = effort;
  const retryInMs = retryAt - world.now;
  return report({
    type: 'waiting',
    attempt,
    retryInMs,
    failure,
    verdict: verdictOf(failure),
    outage: outage?.number ?? null,
  });
}
