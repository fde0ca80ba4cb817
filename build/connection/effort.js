import { backoffMs } from '../ports/index.js';
export function newEffort(pacing) {
    return { attempt: 0, failures: 0, refusals: 0, outages: 0, outage: null, pacing, cutAt: null, cuts: 0, probes: [] };
}
/** A stable Session ends the Outage and earns a fresh budget. */
export function refreshed(effort) {
    return { ...effort, failures: 0, refusals: 0, outage: null, cutAt: null, cuts: 0 };
}
/** One Attempt more, which counts in the Outage that goes on. */
export function nextAttempt(effort) {
    const { outage } = effort;
    return { ...effort, attempt: effort.attempt + 1, outage: outage && { ...outage, attempts: outage.attempts + 1 } };
}
/** The Outage that goes on, or else a new one that begins now. `attempts` are those already under way. */
export function inOutage(effort, cause, attempts, now) {
    const outage = effort.outage ?? { number: effort.outages + 1, cause, startedAt: now, attempts };
    return { ...effort, outage, outages: outage.number };
}
/**
 * When Evidence may have the next attempt made: at once, unless it cut waits in vain lately. The pause grows with each
 * cut, so that a platform which answers probes but serves nobody is not hammered by our own hope.
 * @param jitterMs What chance adds.
 */
export function cutAfter(effort, jitterMs, world, policy) {
    const { cutAt, cuts } = effort;
    const earliestAt = cutAt === null ? world.now : Math.max(world.now, cutAt + backoffMs(policy.evidencePause, cuts, world.random));
    return {
        effort: { ...effort, cutAt: earliestAt, cuts: cuts + 1 },
        retryAt: earliestAt + world.random * jitterMs,
    };
}
