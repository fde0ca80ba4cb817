import { backoffMs } from '../ports/index.js';
import { excuseAttempt, failAttempt, newAttempt, stepAttempt, tickAttempt, } from './attempt.js';
import { report } from './effect.js';
import { cutAfter, inOutage, newEffort, nextAttempt, refreshed } from './effort.js';
import { bearsOn, isOurs } from './evidence.js';
import { verdictOf } from './failure.js';
import { afterFrame, afterPong, dueKinds, excuse, HEARTBEAT_KINDS, repace, } from './heartbeat.js';
import { summarize } from './outage.js';
import { answered, paceOf, sendPings, stableAt, suspiciousAt } from './session.js';
import { abandoned, attemptFailed, attemptStarted, changed, disconnected, pacingReport, waitingReport, } from './telling.js';
import { giveWay, looked, planWait, probeAllowedAt, rhythmOf, watchOfAttempt, withProbe } from './watch.js';
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
];
export function newConnection(pacing) {
    return { state: 'idle', effort: newEffort(pacing) };
}
/**
 * The next Connection and what the driver must do about it. Pure: same arguments, same answer.
 * There is no state "failed": only `stop` ends the retrying.
 */
export function step(c, input, world, policy) {
    // A late word from an old Attempt: every Attempt is numbered, so no flag or generation counter is needed.
    if ('attempt' in input && !isCurrent(c, input.attempt))
        return stay(c);
    if (input.type === 'stop')
        return stop(c, world);
    if (input.type === 'tick')
        return tick(c, world, policy);
    switch (c.state) {
        case 'idle':
        case 'stopped':
            return input.type === 'start' ? begin(c, world, policy) : stay(c);
        case 'waiting':
            if (input.type === 'hold')
                return stay({ ...c, heldUntil: input.until });
            if (input.type === 'looked')
                return see(c, input, world, policy);
            return input.type === 'evidence' ? hasten(c, input.evidence, world, policy) : stay(c);
        case 'discovering':
        case 'dialing':
        case 'proving':
            if (input.type === 'evidence')
                return stay({ ...c, attempt: { ...c.attempt, hasEvidence: true } });
            if (input.type === 'looked')
                return see(c, input, world, policy);
            return 'attempt' in input ? follow(c, stepAttempt(c.attempt, input, world, policy), world, policy) : stay(c);
        case 'connected':
        case 'suspect':
            if (input.type === 'hold')
                return stay({ ...c, heldUntil: input.until });
            if (input.type === 'replace')
                return c.challenger === null ? challenge(c, world, policy) : stay(c);
            if (!('attempt' in input))
                return stay(c);
            if (c.challenger !== null && input.attempt === c.challenger.number) {
                return followChallenger(c, stepAttempt(c.challenger, input, world, policy), world, policy);
            }
            if (input.type === 'heard')
                return hear(c, afterFrame(c.session.heartbeat), world, policy);
            if (input.type === 'pong')
                return hearPong(c, input.kind, input.pacing, world, policy);
            if (input.type === 'failed')
                return lose(c, input.failure, input.closeCode, world, policy);
            return stay(c);
    }
}
/** When the driver owes {@link step} a tick, or null. One timer serves the whole machine. */
export function wakeAt(c, policy) {
    switch (c.state) {
        case 'idle':
        case 'stopped':
            return null;
        case 'waiting':
            // Who is held does not look either: whoever has the turn does that for all.
            if (c.heldUntil === undefined)
                return Math.min(c.retryAt, c.watch?.at ?? Number.POSITIVE_INFINITY);
            return c.heldUntil === Number.POSITIVE_INFINITY ? null : Math.max(c.retryAt, c.heldUntil);
        case 'discovering':
        case 'dialing':
        case 'proving':
            return Math.min(c.attempt.deadlineAt, c.watch?.at ?? Number.POSITIVE_INFINITY);
        case 'connected':
        case 'suspect':
            return Math.min(c.state === 'suspect' ? c.giveUpAt : suspiciousAt(c.session, policy), stableAt(c.session, policy), c.challenger?.deadlineAt ?? Number.POSITIVE_INFINITY, ...HEARTBEAT_KINDS.map((kind) => c.session.heartbeat[kind].nextAt));
    }
}
/** What is looked at now; null if nothing is. */
export function watchOf(c) {
    return 'watch' in c ? c.watch : null;
}
/** The ticket endpoint was away for several attempts, and no look has found it since: whoever else would ask may wait. */
export function isAway(c, policy) {
    const watch = watchOf(c);
    if (watch === null || watch.gateway !== null || watch.look === 'secret')
        return false;
    return !watch.isAnswered && c.effort.failures >= policy.freshPartsAfterFailures;
}
/** The Attempt that runs now, whether alone or beside a living Session. */
export function attemptUnderWay(c) {
    if (c.state === 'connected' || c.state === 'suspect')
        return c.challenger;
    return 'attempt' in c ? c.attempt : null;
}
function isCurrent(c, number) {
    if (attemptUnderWay(c)?.number === number)
        return true;
    return 'session' in c && c.session.attempt === number;
}
function tick(c, world, policy) {
    const due = wakeAt(c, policy);
    const lateMs = due === null ? 0 : world.now - due;
    if (lateMs <= policy.lateAfterMs)
        return tickInTime(c, world, policy);
    const { next, effects } = tickInTime(excuseLateness(c, world, policy), world, policy);
    return { next, effects: [report({ type: 'late', lateMs }), ...effects] };
}
function tickInTime(c, world, policy) {
    switch (c.state) {
        case 'idle':
        case 'stopped':
            return stay(c);
        case 'waiting':
            if (Math.max(c.retryAt, c.heldUntil ?? c.retryAt) <= world.now)
                return begin(c, world, policy);
            if (c.heldUntil !== undefined)
                return stay(c);
            return look(c, world, policy);
        case 'discovering':
        case 'dialing':
        case 'proving':
            if (world.now < c.attempt.deadlineAt)
                return look(c, world, policy);
            return follow(c, tickAttempt(c.attempt, world), world, policy);
        case 'connected':
        case 'suspect':
            return tickLive(c, world, policy);
    }
}
function begin(c, world, policy) {
    const effort = nextAttempt(c.effort);
    const attempt = newAttempt(effort.attempt, world, policy);
    const watch = watchOfAttempt(watchOf(c), world, policy);
    const next = { state: 'discovering', effort, attempt, watch };
    return { next, effects: [attemptStarted(effort, c.state === 'waiting'), ...changed(c, next), discover(effort)] };
}
/** An Attempt that is all we have took a step. */
function follow(c, outcome, world, policy) {
    switch (outcome.is) {
        case 'underway': {
            const next = underway(c.effort, outcome.attempt, c.watch);
            return { next, effects: [...outcome.effects, ...changed(c, next)] };
        }
        case 'proven':
            return connect(c, outcome, world, policy);
        case 'failed':
            return waitAfter(c, outcome, outcome.attempt.hasEvidence ? policy.evidenceJitterMs : null, world, policy);
    }
}
/** An Attempt beside a living Session took a step. */
function followChallenger(c, outcome, world, policy) {
    switch (outcome.is) {
        case 'underway': {
            const { effort, attempt: challenger } = underway(c.effort, outcome.attempt, null);
            return { next: { ...c, effort, challenger }, effects: outcome.effects };
        }
        case 'proven': {
            const { session: old } = c;
            const swapped = connect(c, outcome, world, policy);
            // Make before break: only now that the new Session is proven does the old one go.
            const failure = { code: 'replaced', detail: `attempt ${outcome.session.attempt} took over` };
            const farewell = [{ do: 'close', attempt: old.attempt }, disconnected(old, failure, null, null, world)];
            return { next: swapped.next, effects: [...swapped.effects, ...farewell] };
        }
        case 'failed':
            return {
                next: { ...c, challenger: null },
                effects: [...outcome.effects, attemptFailed(c.effort, outcome, world)],
            };
    }
}
function connect(c, { session, pacing, effects }, world, policy) {
    const effort = { ...c.effort, refusals: 0, pacing: pacing ?? c.effort.pacing };
    const heartbeat = repace(session.heartbeat, world.now, paceOf(effort.pacing, policy));
    const next = { state: 'connected', effort, session: { ...session, heartbeat }, challenger: null };
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
/** A witness spoke on a living socket. */
function hear(c, heartbeat, world, policy) {
    if (c.state === 'connected') {
        return stay(heartbeat === c.session.heartbeat ? c : { ...c, session: { ...c.session, heartbeat } });
    }
    const session = { ...c.session, heartbeat };
    if (suspiciousAt(session, policy) <= world.now)
        return stay({ ...c, session });
    // It answered after all: whoever was to take its place is not needed.
    const next = { state: 'connected', effort: c.effort, session, challenger: null };
    return { next, effects: [...changed(c, next), ...abandoned(c.challenger, world)] };
}
function hearPong(c, kind, pacing, world, policy) {
    const roundTrip = answered(c.session.attempt, c.session.heartbeat, kind, world.now);
    const isRepaced = pacing !== null && !samePacing(pacing, c.effort.pacing);
    const repaced = isRepaced ? { ...c, effort: { ...c.effort, pacing } } : c;
    const heartbeat = afterPong(c.session.heartbeat, kind);
    const pace = paceOf(repaced.effort.pacing, policy);
    const { next, effects } = hear(repaced, isRepaced ? repace(heartbeat, world.now, pace) : heartbeat, world, policy);
    return { next, effects: [...roundTrip, ...effects, ...(isRepaced ? [pacingReport(pacing, policy)] : [])] };
}
/** On a living Connection a tick grows its stability, judges the challenger and the silence, and sends due pings. */
function tickLive(c, world, policy) {
    const settled = settle(c, world, policy);
    const challenged = settled.next.challenger
        ? followChallenger(settled.next, tickAttempt(settled.next.challenger, world), world, policy)
        : stay(settled.next);
    const judged = judge(challenged.next, world, policy);
    return { next: judged.next, effects: [...settled.effects, ...challenged.effects, ...judged.effects] };
}
function judge(c, world, policy) {
    const overdueAt = suspiciousAt(c.session, policy);
    if (c.state === 'suspect' && c.giveUpAt <= world.now) {
        const silentMs = Math.round(world.now - overdueAt + policy.answerTimeoutMs);
        return lose(c, { code: 'heartbeat_timeout', detail: `no answer for ${silentMs} ms, asked twice` }, null, world, policy);
    }
    if (c.state === 'suspect' || world.now < overdueAt)
        return ping(c, dueKinds(c.session.heartbeat, world.now), world, policy);
    // Suspicion: both witnesses are asked at once, and a new Session is sought before this one is given up.
    const { challenger, session, effort } = c;
    const suspect = {
        state: 'suspect',
        effort,
        session,
        challenger,
        giveUpAt: world.now + policy.suspicionMs,
        isExcused: false,
    };
    const asked = ping(suspect, HEARTBEAT_KINDS, world, policy);
    const isSeeking = challenger === null && (c.heldUntil ?? world.now) <= world.now;
    const sought = isSeeking ? challenge(asked.next, world, policy) : stay(asked.next);
    return { next: sought.next, effects: [...changed(c, suspect), ...asked.effects, ...sought.effects] };
}
function ping(c, kinds, world, policy) {
    if (kinds.length === 0)
        return stay(c);
    const { heartbeat, effects } = sendPings(c.session, kinds, world.now, paceOf(c.effort.pacing, policy));
    return { next: { ...c, session: { ...c.session, heartbeat } }, effects };
}
/** Begins an Attempt beside the living Session: at most one, so there are never more than two sockets. */
function challenge(c, world, policy) {
    const effort = nextAttempt(c.effort);
    const challenger = newAttempt(effort.attempt, world, policy);
    return { next: { ...c, effort, challenger }, effects: [attemptStarted(effort, true), discover(effort)] };
}
/** Only a Connection that lasted ends the Outage and earns a fresh budget; one that flaps keeps backing off. */
function settle(c, world, policy) {
    if (world.now < stableAt(c.session, policy))
        return { next: c, effects: [] };
    const { outage } = c.effort;
    return {
        next: { ...c, effort: refreshed(c.effort), session: { ...c.session, isStable: true } },
        effects: outage ? [report({ type: 'outage_ended', outage: summarize(outage, c.session.connectedAt) })] : [],
    };
}
function lose(c, failure, closeCode, world, policy) {
    // The word that ends a Session may come before the tick that would have called it stable.
    const { next: live, effects: settled } = settle(c, world, policy);
    const { session, challenger } = live;
    const effort = inOutage(live.effort, failure.code, challenger ? 1 : 0, world.now);
    const isNew = live.effort.outage === null;
    const told = [
        // Destroyed, not closed: a dead link cannot finish a closing handshake, and a dead socket ignores this.
        { do: 'drop', attempt: session.attempt },
        disconnected(session, failure, closeCode, effort.outage.number, world),
        ...(isNew ? [report({ type: 'outage_started', outage: effort.outage.number, cause: effort.outage.cause })] : []),
    ];
    if (challenger) {
        // Somebody is on the way already.
        const next = underway(effort, challenger, watchOfAttempt(null, world, policy));
        return { next, effects: [...settled, ...told, ...changed(c, next)] };
    }
    const failures = session.isStable ? 0 : effort.failures + 1;
    const waitMs = session.isStable
        ? world.random * policy.quickRetryMs
        : backoffMs(policy.backoff, failures, world.random);
    const next = {
        state: 'waiting',
        effort: { ...effort, failures },
        retryAt: world.now + waitMs,
        failure: failure.code,
        // A socket that ended says nothing about whether another one can be had.
        watch: null,
    };
    return { next, effects: [...settled, ...told, ...changed(c, next), waitingReport(next, world)] };
}
/** @param cutMs Evidence cuts the wait short, spread over so many milliseconds; null: there is none. */
function waitAfter(c, outcome, cutMs, world, policy) {
    const { failure, attempt } = outcome;
    const isOperator = verdictOf(failure.code) === 'operator';
    const failures = c.effort.failures + 1;
    const refusals = isOperator ? c.effort.refusals + 1 : 0;
    const waiting = {
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
            ...(isStale ? [{ do: 'refresh_parts' }, report({ type: 'parts_refreshed', failures })] : []),
            waitingReport(next, world),
        ],
    };
}
/** Looks, if it is time. A probe over the budget of its minute is put off. */
function look(c, world, policy) {
    const { watch, effort } = c;
    if (watch === null || world.now < watch.at)
        return stay(c);
    const isProbe = watch.look === 'platform';
    const allowedAt = isProbe ? probeAllowedAt(effort.probes, policy) : world.now;
    if (allowedAt > world.now)
        return stay({ ...c, watch: inTurn(c, { ...watch, at: allowedAt }) });
    const probes = isProbe ? withProbe(effort.probes, world.now, policy) : effort.probes;
    const next = { ...c, effort: { ...effort, probes }, watch: inTurn(c, looked(watch, world, policy)) };
    return { next, effects: [{ do: 'look', look: watch.look, gateway: watch.gateway }] };
}
function inTurn(c, watch) {
    return c.state === 'waiting' ? giveWay(watch, c.retryAt) : watch;
}
/** A look was taken. What was found counts as long as something of the kind is looked at. */
function see(c, { look: seen, isNew }, world, policy) {
    const { watch } = c;
    if (watch === null || (watch.look !== seen && !(seen === 'platform' && watch.look === 'reach')))
        return stay(c);
    switch (seen) {
        case 'secret':
            return isNew ? offered(c, 'secret_changed', world, policy) : stay(c);
        case 'platform': {
            const answered = { ...c, watch: { ...watch, isAnswered: isNew } };
            return isNew ? offered(answered, 'probe_answered', world, policy) : stay(answered);
        }
        case 'reach':
            if (!isNew)
                return stay(c);
            if (watch.gateway === null)
                return climb(c, watch, world, policy);
            // A gateway cannot be probed. If it opens connections and leads nowhere, hope grows tired of it by itself.
            return offered({ ...c, watch: null }, 'host_reached', world, policy);
    }
}
/** The host is there: now it is worth a probe at once, and Attempts take turns with those that follow. */
function climb(c, watch, world, policy) {
    const { periodMs, everyMs } = rhythmOf(c.effort.failures, 0, world, policy);
    const probing = { ...watch, look: 'platform', isAnswered: false, at: world.now, everyMs };
    if (c.state !== 'waiting')
        return look({ ...c, watch: probing }, world, policy);
    const retryAt = Math.min(c.retryAt, world.now + periodMs);
    const climbed = { ...c, retryAt, watch: probing };
    const { next, effects } = look(climbed, world, policy);
    return { next, effects: retryAt < c.retryAt ? [...effects, waitingReport(climbed, world)] : effects };
}
/** What our own look found: it ends a wait, and an Attempt that is stuck where the probe came through. */
function offered(c, evidence, world, policy) {
    if (c.state === 'waiting')
        return hasten(c, evidence, world, policy);
    const silentMs = Math.round(world.now - c.attempt.stepAt);
    const isStuck = c.attempt.step === 'discovery' && silentMs >= policy.stuckAfterMs;
    if (!isStuck || cutAfter(c.effort, 0, world, policy).retryAt > world.now)
        return stay({ ...c, attempt: { ...c.attempt, hasEvidence: true } });
    const failure = {
        code: 'discovery_timeout',
        detail: `no ticket in ${silentMs} ms, and a probe was answered meanwhile`,
    };
    return waitAfter(c, failAttempt(c.attempt, failure, world), 0, world, policy);
}
function hasten(c, evidence, world, policy) {
    if (!bearsOn(evidence, c.failure))
        return stay(c);
    // The gateway is another host than the one that answered the call. A cut in vain would make the pause longer that the
    // gateway's own return has to wait out.
    if (evidence === 'call_succeeded' && c.watch !== null && c.watch.gateway !== null)
        return stay(c);
    const next = cutShort(c, isOurs(evidence) ? 0 : policy.evidenceJitterMs, world, policy);
    return next === c ? stay(c) : { next, effects: [waitingReport(next, world)] };
}
/** The rest of the wait is not worth it. Never makes a wait longer. */
function cutShort(c, jitterMs, world, policy) {
    const { effort, retryAt } = cutAfter(c.effort, jitterMs, world, policy);
    return retryAt < c.retryAt ? { ...c, effort, retryAt } : c;
}
function stop(c, world) {
    if (c.state === 'stopped')
        return stay(c);
    const next = { state: 'stopped', effort: refreshed(c.effort) };
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
            const failure = { code: 'local_stop', detail: 'stop() was called' };
            const farewell = disconnected(c.session, failure, null, null, world);
            return {
                next,
                effects: [{ do: 'close', attempt: c.session.attempt }, farewell, ...abandoned(c.challenger, world), ...effects],
            };
        }
    }
}
/** We were late: what the peer sent may lie unread, so no deadline that passed meanwhile counts against it, once. */
function excuseLateness(c, world, policy) {
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
            if (live.state === 'connected' || live.isExcused)
                return live;
            return { ...live, giveUpAt: Math.max(live.giveUpAt, world.now + policy.lateGraceMs), isExcused: true };
        }
    }
}
const STATE_OF_STEP = { discovery: 'discovering', dial: 'dialing', proof: 'proving' };
function underway(effort, attempt, watch) {
    // The ticket's pacing is in force from the moment it came, and kept for answers without one.
    const pacing = attempt.step === 'dial' ? attempt.ticket.pacing : effort.pacing;
    const isSilent = attempt.step === 'discovery';
    return { state: STATE_OF_STEP[attempt.step], effort: { ...effort, pacing }, attempt, watch: isSilent ? watch : null };
}
function samePacing(a, b) {
    return (a.pingIntervalMs === b.pingIntervalMs &&
        a.reconnectCount === b.reconnectCount &&
        a.reconnectIntervalMs === b.reconnectIntervalMs &&
        a.reconnectNonceMs === b.reconnectNonceMs);
}
function stay(next) {
    return { next, effects: [] };
}
function discover({ attempt, pacing }) {
    return { do: 'discover', attempt, pacing };
}
