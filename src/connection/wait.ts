import { type AttemptOutcome, failAttempt } from './attempt.js';
import { report } from './effect.js';
import { cutAfter } from './effort.js';
import { bearsOn, type Evidence, isOurs } from './evidence.js';
import { type Failure, verdictOf } from './failure.js';
import type { Input } from './input.js';
import type { ConnectionPolicy } from './policy.js';
import { type Step, stay, type Trying, type Waiting } from './state.js';
import { attemptFailed, changed, waitingReport } from './telling.js';
import { giveWay, looked, planWait, probeAllowedAt, rhythmOf, type Watch, withProbe } from './watch.js';
import type { World } from './world.js';

// The wait for the next Attempt, and what cuts it short: evidence that was brought, and what our own looks find. They are
// taken while an Attempt is silent, too. Which of these an input leads to is decided by `step`.

/**
 * An Attempt that was all we have failed: the next one is waited for.
 * @param cutMs Evidence cuts the wait short, spread over so many milliseconds; null: there is none.
 */
export function waitAfter(
  c: Trying,
  outcome: Extract<AttemptOutcome, { is: 'failed' }>,
  cutMs: number | null,
  world: World,
  policy: ConnectionPolicy,
): Step {
  const { failure, attempt } = outcome;
  const isOperator = verdictOf(failure.code) === 'operator';
  const failures = c.effort.failures + 1;
  const refusals = isOperator ? c.effort.refusals + 1 : 0;
  const waiting: Waiting = {
    state: 'waiting',
    effort: { ...c.effort, failures, refusals },
    failure: failure.code,
    ...planWait(failure.code, attempt, c.watch, { failures, refusals }, world, policy),
  };
  const isStale = failures % policy.freshPartsAfterFailures === 0;
  const next = cutMs === null ? waiting : cutShort(waiting, cutMs, world, policy);
  return {
    next,
    effects: [
      ...outcome.effects,
      attemptFailed(c.effort, outcome, world),
      ...changed(c, next),
      ...(isStale ? [{ do: 'refresh_parts' } as const, report({ type: 'parts_refreshed', failures })] : []),
      waitingReport(next, world),
    ],
  };
}

/** Evidence was brought. What bears on the failure that is waited out ends the wait. */
export function hasten(c: Waiting, evidence: Evidence, world: World, policy: ConnectionPolicy): Step {
  if (!bearsOn(evidence, c.failure)) return stay(c);
  // The gateway is another host than the one that answered the call. A cut in vain would make the pause longer that the
  // gateway's own return has to wait out.
  if (evidence === 'call_succeeded' && c.watch !== null && c.watch.gateway !== null) return stay(c);
  const next = cutShort(c, isOurs(evidence) ? 0 : policy.evidenceJitterMs, world, policy);
  return next === c ? stay(c) : { next, effects: [waitingReport(next, world)] };
}

/** The rest of the wait is not worth it. Never makes a wait longer. */
function cutShort(c: Waiting, jitterMs: number, world: World, policy: ConnectionPolicy): Waiting {
  const { effort, retryAt } = cutAfter(c.effort, jitterMs, world, policy);
  return retryAt < c.retryAt ? { ...c, effort, retryAt } : c;
}

/** Looks, if it is time. A probe over the budget of its minute is put off. */
export function look(c: Waiting | Trying, world: World, policy: ConnectionPolicy): Step {
  const { watch, effort } = c;
  if (watch === null || world.now < watch.at) return stay(c);
  const isProbe = watch.look === 'platform';
  const allowedAt = isProbe ? probeAllowedAt(effort.probes, policy) : world.now;
  if (allowedAt > world.now) return stay({ ...c, watch: inTurn(c, { ...watch, at: allowedAt }) });
  const probes = isProbe ? withProbe(effort.probes, world.now, policy) : effort.probes;
  const next = { ...c, effort: { ...effort, probes }, watch: inTurn(c, looked(watch, world, policy)) };
  return { next, effects: [{ do: 'look', look: watch.look, gateway: watch.gateway }] };
}

function inTurn(c: Waiting | Trying, watch: Watch): Watch {
  return c.state === 'waiting' ? giveWay(watch, c.retryAt) : watch;
}

/** A look was taken. What was found counts as long as something of the kind is looked at. */
export function see(
  c: Waiting | Trying,
  { look: seen, isNew }: Extract<Input, { type: 'looked' }>,
  world: World,
  policy: ConnectionPolicy,
): Step {
  const { watch } = c;
  if (watch === null || (watch.look !== seen && !(seen === 'platform' && watch.look === 'reach'))) return stay(c);
  switch (seen) {
    case 'secret':
      return isNew ? offered(c, 'secret_changed', world, policy) : stay(c);
    case 'platform': {
      const answered = { ...c, watch: { ...watch, isAnswered: isNew } };
      return isNew ? offered(answered, 'probe_answered', world, policy) : stay(answered);
    }
    case 'reach':
      if (!isNew) return stay(c);
      if (watch.gateway === null) return climb(c, watch, world, policy);
      // A gateway cannot be probed. If it opens connections and leads nowhere, hope grows tired of it by itself.
      return offered({ ...c, watch: null }, 'host_reached', world, policy);
  }
}

/** The host is there: now it is worth a probe at once, and Attempts take turns with those that follow. */
function climb(c: Waiting | Trying, watch: Watch, world: World, policy: ConnectionPolicy): Step {
  const { periodMs, everyMs } = rhythmOf(c.effort.failures, 0, world, policy);
  const probing: Watch = { ...watch, look: 'platform', isAnswered: false, at: world.now, everyMs };
  if (c.state !== 'waiting') return look({ ...c, watch: probing }, world, policy);
  const retryAt = Math.min(c.retryAt, world.now + periodMs);
  const climbed: Waiting = { ...c, retryAt, watch: probing };
  const { next, effects } = look(climbed, world, policy);
  return { next, effects: retryAt < c.retryAt ? [...effects, waitingReport(climbed, world)] : effects };
}

/** What our own look found: it ends a wait, and an Attempt that is stuck where the probe came through. */
function offered(c: Waiting | Trying, evidence: Evidence, world: World, policy: ConnectionPolicy): Step {
  if (c.state === 'waiting') return hasten(c, evidence, world, policy);
  const silentMs = Math.round(world.now - c.attempt.stepAt);
  const isStuck = c.attempt.step === 'discovery' && silentMs >= policy.stuckAfterMs;
  if (!isStuck || cutAfter(c.effort, 0, world, policy).retryAt > world.now)
    return stay({ ...c, attempt: { ...c.attempt, hasEvidence: true } });
  const failure: Failure = {
    code: 'discovery_timeout',
    detail: `no ticket in ${silentMs} ms, and a probe was answered meanwhile`,
  };
  return waitAfter(c, failAttempt(c.attempt, failure, world), 0, world, policy);
}
