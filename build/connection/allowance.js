export const FULL_ALLOWANCE = {
    latestAt: Number.NEGATIVE_INFINITY,
    paidAt: Number.NEGATIVE_INFINITY,
};
/**
 * The next turn of a standby, and what is left after it.
 * @param burst Turns that may be taken before the trickle begins; at least 1.
 * @see the generic cell rate algorithm, ITU-T I.371: a token bucket without a clock of its own
 */
export function nextTurn(allowance, burst, now, policy) {
    const { standbyPauseMs, standbyEveryMs } = policy;
    const earnedAt = allowance.paidAt - (burst - 1) * standbyEveryMs;
    const at = Math.max(now, allowance.latestAt + standbyPauseMs, earnedAt);
    return { at, left: { latestAt: at, paidAt: Math.max(at, allowance.paidAt) + standbyEveryMs } };
}
