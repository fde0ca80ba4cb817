import { report } from './effect.js';
import { afterPing, overdueAt, roundTripMs } from './heartbeat.js';
/** When this Session counts as stable; Infinity once it does. */
export function stableAt(session, policy) {
    return session.isStable ? Number.POSITIVE_INFINITY : session.connectedAt + policy.stableAfterMs;
}
/** When its oldest unanswered ping becomes suspicious; Infinity if nothing is unanswered. */
export function suspiciousAt({ heartbeat }, policy) {
    return overdueAt(heartbeat, policy.answerTimeoutMs) ?? Number.POSITIVE_INFINITY;
}
/** The pauses between pings in force. */
export function paceOf(pacing, policy) {
    return { protocol: pacing.pingIntervalMs, websocket: policy.heartbeatMs };
}
/** Pings of these kinds on the socket of this attempt, and the heartbeat that waits for their answers. */
export function sendPings({ attempt, ticket, heartbeat }, kinds, now, pace) {
    return {
        heartbeat: kinds.reduce((sent, kind) => afterPing(sent, kind, now, pace), heartbeat),
        effects: kinds.flatMap((kind) => [
            { do: 'ping', attempt, kind, service: ticket.service },
            report({ type: 'heartbeat_sent', attempt, kind }),
        ]),
    };
}
/** The round trip that a pong completes. One that answers no ping of ours is a frame like any other, but no round trip. */
export function answered(attempt, heartbeat, kind, now) {
    const rttMs = roundTripMs(heartbeat, kind, now);
    return rttMs === null ? [] : [report({ type: 'heartbeat_answered', attempt, kind, rttMs })];
}
