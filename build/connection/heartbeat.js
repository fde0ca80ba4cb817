/** Our two pings: the protocol's own, paced by the platform, and the RFC 6455 ping, paced by us. Separate witnesses. */
export const HEARTBEAT_KINDS = ['protocol', 'websocket'];
/** Both pings due at once: the first protocol ping is the question whose pong proves the Connection. */
export function startHeartbeat(now) {
    const due = { nextAt: now, askedAt: null, pingedAt: null, isExcused: false };
    return { protocol: due, websocket: due };
}
export function dueKinds(heartbeat, now) {
    return HEARTBEAT_KINDS.filter((kind) => heartbeat[kind].nextAt <= now);
}
/** A ping of this kind was sent. An older unanswered one stays the oldest: pinging faster than the limit must not hide it. */
export function afterPing(heartbeat, kind, now, pace) {
    const beat = heartbeat[kind];
    return {
        ...heartbeat,
        [kind]: { ...beat, nextAt: now + pace[kind], askedAt: beat.askedAt ?? now, pingedAt: beat.pingedAt ?? now },
    };
}
/** A pong of this kind came. The protocol's pong speaks for the transport too; the transport's does not for the gateway. */
export function afterPong(heartbeat, kind) {
    const answered = { ...heartbeat, [kind]: { ...heartbeat[kind], askedAt: null, pingedAt: null, isExcused: false } };
    return kind === 'protocol' ? afterFrame(answered) : answered;
}
/** A frame came: the gateway is alive and the transport works, so nobody owes us an answer. */
export function afterFrame(heartbeat) {
    const { protocol, websocket } = heartbeat;
    if (protocol.askedAt === null && websocket.askedAt === null)
        return heartbeat;
    // Not re-armed on inbound frames: a quiet but healthy connection would be killed between two heartbeats.
    return {
        protocol: { ...protocol, askedAt: null, isExcused: false },
        websocket: { ...websocket, askedAt: null, isExcused: false },
    };
}
/** Round-trip time a pong of this kind would have now, in milliseconds; null if no ping awaits one. */
export function roundTripMs(heartbeat, kind, now) {
    const { pingedAt } = heartbeat[kind];
    return pingedAt === null ? null : now - pingedAt;
}
/** When the oldest unanswered ping becomes suspicious, or null. */
export function overdueAt(heartbeat, answerTimeoutMs) {
    const asked = HEARTBEAT_KINDS.map((kind) => heartbeat[kind].askedAt).filter((at) => at !== null);
    return asked.length === 0 ? null : Math.min(...asked) + answerTimeoutMs;
}
/**
 * Our own loop was late, and answers may lie unread in the socket: every open question gets at least `graceMs` more.
 * Once per question: by the next tick the loop has read what was there, so a second excuse would shield a dead peer.
 */
export function excuse(heartbeat, now, answerTimeoutMs, graceMs) {
    const excuseBeat = (beat) => beat.askedAt === null || beat.isExcused
        ? beat
        : { ...beat, askedAt: Math.max(beat.askedAt, now - answerTimeoutMs + graceMs), isExcused: true };
    return { protocol: excuseBeat(heartbeat.protocol), websocket: excuseBeat(heartbeat.websocket) };
}
/** The platform changed its pace: the next protocol ping comes no later than the new pace asks. */
export function repace(heartbeat, now, pace) {
    const { protocol } = heartbeat;
    return { ...heartbeat, protocol: { ...protocol, nextAt: Math.min(protocol.nextAt, now + pace.protocol) } };
}
