import { DEFAULT_CONNECTION_POLICY, DELIVERY_DEFAULTS, TOKEN_DEFAULTS } from '../connector-parts.js';
const { heartbeatMs, answerTimeoutMs, suspicionMs, discoveryTimeoutMs, dialTimeoutMs, proofTimeoutMs } = DEFAULT_CONNECTION_POLICY;
const { backoff, slowLane, stableAfterMs, closeTimeoutMs, lateGraceMs, standbyEveryMs } = DEFAULT_CONNECTION_POLICY;
/** What the connector promises with its default policy; the invariants hold it to these. Milliseconds. */
export const LIMITS = Object.freeze({
    /** The longest that an open socket may be dead before it is given up: a ping, its answer's time, and a second question. */
    silenceMs: heartbeatMs + answerTimeoutMs + suspicionMs,
    /** The longest wait between two attempts. */
    waitMs: Math.max(backoff.maxMs, slowLane.maxMs),
    /**
     * From the end of the last fault to `connected`: a socket that died in the last moment is noticed, the attempt that
     * was under way runs into all of its deadlines (a grace for our own lateness included), and the longest wait follows.
     */
    recoveryMs: heartbeatMs +
        answerTimeoutMs +
        suspicionMs +
        (discoveryTimeoutMs + dialTimeoutMs + proofTimeoutMs + 3 * lateGraceMs) +
        Math.max(backoff.maxMs, slowLane.maxMs),
    /** The same for a token: a request that runs into its deadline, and the longest wait. */
    tokenMs: TOKEN_DEFAULTS.fetchTimeoutMs + Math.max(TOKEN_DEFAULTS.retry.maxMs, TOKEN_DEFAULTS.operator.maxMs),
    /** For each standby besides: its turn, and a wait and an attempt of its own. */
    standbyMs: standbyEveryMs +
        (discoveryTimeoutMs + dialTimeoutMs + proofTimeoutMs + 3 * lateGraceMs) +
        Math.max(backoff.maxMs, slowLane.maxMs),
    stableAfterMs,
    closeMs: closeTimeoutMs,
    /** As long as the pipeline remembers what it handled. */
    memoryMs: DELIVERY_DEFAULTS.deduplicationMaxAgeMs,
    handlerMs: DELIVERY_DEFAULTS.handlerDeadlineMs,
    /** The same for a callback's handler. */
    callbackMs: DELIVERY_DEFAULTS.callbackDeadlineMs,
    /**
     * To the ack of a delivery, whatever the handler does: its deadline, the same again while a redelivery is held back,
     * and the deadline of the run that follows.
     */
    ackMs: 3 * DELIVERY_DEFAULTS.handlerDeadlineMs,
});
/**
 * Calls in any minute and in any hour: those with credentials, probes, and connections opened only to see whether they
 * open. Full jitter sets no bound by itself, as each draw may be small;
 * beside the reasons stand the most that 660 simulated days of storms came to.
 */
export const CALL_BUDGET = Object.freeze({
    discovery: {
        // Measured: 11. A fresh outage begins with waits of at most 1, 2, 4 … 32 s, half of that on average: 8 attempts in
        // its first minute, and a few more by lucky draws and a wait that evidence cuts short.
        perMinute: 15,
        // Measured: 178. An endpoint whose trouble probes see costs six attempts a minute for a quarter of an hour, and two
        // after it; whoever lets us in for half a minute and throws us out again has that quarter begin anew.
        perHour: 360,
    },
    token: {
        // Measured: 39. The least interval between two requests, whatever asks for them.
        perMinute: 60_000 / TOKEN_DEFAULTS.fetchIntervalMs + 1,
        // Measured: 155. A failing endpoint is asked every 30 s on average. A token that lives for seconds asks for another
        // each time; the weather lasts for 60 such lives at most.
        perHour: 400,
    },
    probe: {
        // The policy's pause, and no burst may go over it.
        perMinute: 60_000 / DEFAULT_CONNECTION_POLICY.lookMs,
        perHour: 3_600_000 / DEFAULT_CONNECTION_POLICY.lookMs,
    },
    reach: {
        // The same: two of them are never closer than the pause.
        perMinute: Math.ceil(60_000 / DEFAULT_CONNECTION_POLICY.reachMs),
        perHour: Math.ceil(3_600_000 / DEFAULT_CONNECTION_POLICY.reachMs),
    },
});
/** What standbys may add to the calls for tickets: a burst of one for each connection, and one every `standbyEveryMs`. */
export const STANDBY_BUDGET = Object.freeze({ perMinute: 1, perHour: 3_600_000 / standbyEveryMs });
export const NO_BUDGET = Object.freeze({ perMinute: 0, perHour: 0 });
