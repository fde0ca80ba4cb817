import { report } from './effect.js';
import { afterPong, startHeartbeat } from './heartbeat.js';
import { answered, paceOf, sendPings } from './session.js';
/** An Attempt that begins with asking for a Ticket. */
export function newAttempt(number, world, policy) {
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
export function stepAttempt(attempt, input, world, policy) {
    switch (input.type) {
        case 'ticket':
            return attempt.step === 'discovery'
                ? dial(attempt, input.ticket, input.gateway, world, policy)
                : underway(attempt);
        case 'opened':
            return attempt.step === 'dial' ? askForProof(attempt, world, policy) : underway(attempt);
        case 'pong': {
            if (attempt.step !== 'proof')
                return underway(attempt);
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
export function tickAttempt(attempt, world) {
    if (world.now < attempt.deadlineAt)
        return underway(attempt);
    const tookMs = Math.round(world.now - attempt.stepAt);
    return failAttempt(attempt, OUT_OF_TIME[attempt.step](tookMs), world);
}
/** We were late: what the peer sent may lie unread, so the step gets a grace, once. */
export function excuseAttempt(attempt, world, policy) {
    if (attempt.isExcused)
        return attempt;
    return { ...attempt, deadlineAt: Math.max(attempt.deadlineAt, world.now + policy.lateGraceMs), isExcused: true };
}
const OUT_OF_TIME = {
    discovery: (tookMs) => ({ code: 'discovery_timeout', detail: `no ticket in ${tookMs} ms` }),
    dial: (tookMs) => ({ code: 'dial_timeout', detail: `no 101 in ${tookMs} ms` }),
    proof: (tookMs) => ({ code: 'proof_timeout', detail: `no pong in ${tookMs} ms after the 101` }),
};
function dial(attempt, ticket, gateway, world, policy) {
    const course = nextStep(attempt, world, policy.dialTimeoutMs);
    const effects = [stepFinished(attempt, world, gateway), { do: 'dial', attempt: attempt.number, ticket }];
    return underway({ ...course, step: 'dial', ticket }, effects);
}
/** The 101 is no proof: a ping goes out at once, and only its pong makes a Connection of it. */
function askForProof(attempt, world, policy) {
    const { number, ticket } = attempt;
    const socket = { attempt: number, ticket, heartbeat: startHeartbeat(world.now) };
    const pings = sendPings(socket, ['protocol', 'websocket'], world.now, paceOf(ticket.pacing, policy));
    const course = nextStep(attempt, world, policy.proofTimeoutMs);
    const { heartbeat } = pings;
    const effects = [stepFinished(attempt, world, null), ...pings.effects];
    return underway({ ...course, step: 'proof', ticket, openedAt: world.now, heartbeat }, effects);
}
function prove(attempt, pacing, effects, world) {
    const { number, ticket, openedAt, heartbeat } = attempt;
    return {
        is: 'proven',
        session: { attempt: number, ticket, openedAt, connectedAt: world.now, heartbeat, isStable: false },
        pacing,
        effects: [...effects, stepFinished(attempt, world, null)],
    };
}
/** It fails in the step that it is in, and lets go of what it holds. */
export function failAttempt(attempt, failure, world) {
    return {
        is: 'failed',
        attempt,
        failure,
        effects: [{ do: 'drop', attempt: attempt.number }, stepFinished(attempt, world, null)],
    };
}
function underway(attempt, effects = []) {
    return { is: 'underway', attempt, effects };
}
function nextStep({ number, startedAt, hasEvidence }, { now }, timeoutMs) {
    return { number, startedAt, hasEvidence, stepAt: now, deadlineAt: now + timeoutMs, isExcused: false };
}
function stepFinished({ number, step, stepAt }, { now }, gateway) {
    return report({ type: 'step_finished', attempt: number, step, durationMs: now - stepAt, gateway });
}
