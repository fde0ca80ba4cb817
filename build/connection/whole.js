import { attemptUnderWay } from './connection.js';
/** From the worst to the best: what the app is, is what its best connection is. */
const UNPROVEN_RANKS = ['idle', 'stopped', 'waiting', 'discovering', 'dialing', 'proving'];
const RANKS = [...UNPROVEN_RANKS, 'suspect', 'connected'];
/** The best of these states; `idle` of none. */
export function furthest(states) {
    return RANKS.findLast((rank) => states.includes(rank)) ?? 'idle';
}
/** @param lead Whose wait is the app's. */
export function wholeOf(connections, lead, outage) {
    const speakers = connections.flatMap((connection) => ('session' in connection ? [connection] : []));
    const states = connections.map(({ state }) => state);
    const next = connections[lead];
    const isWaiting = furthest(states) === 'waiting' && next?.state === 'waiting';
    return {
        ...speakerOf(speakers, states),
        attempts: connections.reduce((sum, { effort }) => sum + effort.attempt, 0),
        isAttemptUnderWay: connections.some((connection) => attemptUnderWay(connection) !== null),
        retryAt: isWaiting ? next.retryAt : null,
        outage,
        wanted: connections.length,
        proven: speakers.length,
    };
}
function speakerOf(speakers, states) {
    const state = speakers.some((speaker) => speaker.state === 'connected') ? 'connected' : 'suspect';
    const [speaker] = speakers
        .filter((each) => each.state === state)
        .sort((a, b) => a.session.connectedAt - b.session.connectedAt);
    if (speaker === undefined) {
        return { state: UNPROVEN_RANKS.findLast((rank) => states.includes(rank)) ?? 'idle', session: null };
    }
    const { ticket, connectedAt } = speaker.session;
    return { state, session: { connectionId: ticket.connectionId, connectedAt } };
}
