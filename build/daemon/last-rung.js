/** Attempts that must fail while the platform answers probes: one may have begun before it was back. */
export const ATTEMPTS_IN_VAIN = 3;
/** How an app stands on its last rung now; null if it is on none: connected, without an Outage, or in need of a human. */
export function rungOf(before, status, now) {
    const { outage, connected, lastFailure, receiving } = status;
    if (outage === null)
        return null;
    const rung = before?.outage === outage.number ? before : { outage: outage.number, since: now, answered: null };
    // A restart mends no secret, and what connects now and then is no process that fails for good.
    const isOurs = !connected.is && lastFailure?.verdict === 'retry' && rung.answered?.lastFrameAt === receiving.lastFrameAt;
    return isOurs ? rung : { ...rung, answered: null };
}
/** Whether to probe: it is down for that long, and by nothing that a human must mend. */
export function isProbeDue(rung, status, afterMs, now) {
    return now - rung.since >= afterMs && !status.connected.is && status.lastFailure?.verdict === 'retry';
}
/** What an answer to a probe, or none, makes of it. */
export function afterProbe(rung, status, isAnswered) {
    if (!isAnswered)
        return { ...rung, answered: null };
    const { attempts, receiving } = status;
    return { ...rung, answered: rung.answered ?? { attempts: attempts.count, lastFrameAt: receiving.lastFrameAt } };
}
/** Whether a new process may succeed where this one cannot: the platform answered all along, and attempts failed. */
export function isLastRung({ answered }, { attempts }) {
    if (answered === null)
        return false;
    const failed = attempts.count - (attempts.isUnderWay ? 1 : 0) - answered.attempts;
    return failed >= ATTEMPTS_IN_VAIN;
}
