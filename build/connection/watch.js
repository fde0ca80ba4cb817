import { backoffMs } from '../ports/index.js';
import { verdictOf } from './failure.js';
import { lookFor } from './look.js';
/** Probes between two Attempts in a long Outage, each a tenth later: with the token's calls that is under two a minute. */
const PATIENT = { probes: 3, stretch: 1.1 };
/** The same in the first quarter of an hour, see `eagerFailures`. */
const EAGER = { probes: 1, stretch: 1 };
/** By how much a pause is longer by chance, as a share of it: enough to drift apart, too little to leave gaps. */
const SPREAD = 1 / 16;
const REACH_SPREAD = 1 / 4;
/** @param attemptMs How long the latest Attempt took: the next one cannot come before it is over. */
export function rhythmOf(failures, attemptMs, world, policy) {
    const { probes: least, stretch } = failures <= policy.eagerFailures ? EAGER : PATIENT;
    const probes = Math.max(least, Math.ceil(attemptMs / policy.lookMs));
    const periodMs = probes * stretch * pauseMs(world, policy);
    return { periodMs, everyMs: periodMs / (probes + 1) };
}
/** What is looked at while the discovery of an Attempt that begins now is silent: what was before, if that applies. */
export function watchOfAttempt(before, world, policy) {
    if (before !== null && before.gateway === null && before.look !== 'secret')
        return looked(before, world, policy);
    const everyMs = pauseMs(world, policy) / 2;
    const watch = { look: 'reach', gateway: null, isAnswered: false, at: world.now, everyMs };
    return looked(watch, world, policy);
}
/**
 * The wait after a failed Attempt, and what is looked at during it. While probes see the Outage too, Attempts keep their
 * place in the row of checks; else they follow the backoff, or the slow lane.
 */
export function planWait(failure, attempt, before, failed, world, policy) {
    const { now, random } = world;
    const retryAt = verdictOf(failure) === 'operator'
        ? now + backoffMs(policy.slowLane, failed.refusals, random)
        : now + backoffMs(policy.backoff, failed.failures, random);
    const first = lookFor(failure);
    if (first === null)
        return { retryAt, watch: null };
    // A host that opened connections and stayed silent is asked on; one that refuses them may have gone meanwhile.
    const look = failure === 'discovery_timeout' && before?.look === 'platform' ? 'platform' : first;
    const gateway = look === 'reach' && attempt.step !== 'discovery' ? new URL(attempt.ticket.url).origin : null;
    const isAnswered = look === 'platform' && (before?.isAnswered ?? false);
    const plain = { look, gateway, isAnswered, at: now, everyMs: pauseMs(world, policy) };
    if (look !== 'platform')
        return { retryAt, watch: looked(plain, world, policy) };
    const rhythm = rhythmOf(failed.failures, now - attempt.startedAt, world, policy);
    // The limit of the wait that chance would draw: while that is short, it is sooner than any place in the row.
    const isEarly = backoffMs(policy.backoff, failed.failures, 1) <= rhythm.periodMs;
    const nextAt = isEarly || isAnswered ? retryAt : attempt.startedAt + rhythm.periodMs;
    const everyMs = isAnswered ? plain.everyMs : rhythm.everyMs;
    return { retryAt: nextAt, watch: giveWay(nextInRow({ ...plain, everyMs }, attempt, now), nextAt) };
}
/** The row of checks begins with the Attempt. */
function nextInRow(watch, { startedAt }, now) {
    const passed = Math.floor((now - startedAt) / watch.everyMs);
    return { ...watch, at: startedAt + (passed + 1) * watch.everyMs };
}
/** The watch after a look, or something as good, was taken now. */
export function looked(watch, world, policy) {
    const pause = watch.look === 'reach' ? policy.reachMs * (1 + world.random * REACH_SPREAD) : watch.everyMs;
    return { ...watch, at: world.now + pause };
}
/** A probe shortly before an Attempt would tell what the Attempt does. */
export function giveWay(watch, retryAt) {
    const isTooClose = watch.look === 'platform' && watch.at > retryAt - watch.everyMs / 2;
    return isTooClose ? { ...watch, at: Number.POSITIVE_INFINITY } : watch;
}
/**
 * When the next probe may be sent, whatever asks for it: never more of them within a minute than one every `lookMs`.
 * @param probes When the latest ones were sent.
 */
export function probeAllowedAt(probes, policy) {
    const oldest = probes.at(-probesPerMinute(policy));
    return oldest === undefined ? Number.NEGATIVE_INFINITY : oldest + 60_000;
}
/** The latest probes once one is sent now: as many as {@link probeAllowedAt} asks for. */
export function withProbe(probes, now, policy) {
    return [...probes, now].slice(-probesPerMinute(policy));
}
function probesPerMinute(policy) {
    return Math.max(1, Math.floor(60_000 / policy.lookMs));
}
function pauseMs(world, policy) {
    return policy.lookMs * (1 + world.random * SPREAD);
}
