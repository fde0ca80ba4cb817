import { STALLED_AFTER_MS } from '../readiness.js';
/** The three facts of an app, in the order in which each needs the one before. */
export function factsOf(status) {
    const { alive, connected, receiving } = status;
    const isAlive = isFresh(alive, STALLED_AFTER_MS);
    const isConnected = isFresh(connected, connected.silenceLimitMs);
    const hasSocket = connected.state === 'connected' || connected.state === 'suspect';
    const isReceiving = isConnected && receiving.is;
    return [
        {
            name: 'alive',
            is: isAlive,
            tone: isAlive ? 'good' : 'bad',
            word: isAlive ? 'yes' : alive.is ? 'stalled' : 'no',
            evidence: alive.evidence,
            ageMs: alive.ageMs,
        },
        {
            name: 'connected',
            is: isConnected,
            tone: isConnected ? (connected.state === 'suspect' ? 'warn' : 'good') : 'bad',
            word: isConnected
                ? connected.state === 'suspect'
                    ? 'yes, suspect'
                    : 'yes'
                : hasSocket
                    ? 'deaf'
                    : connected.state,
            evidence: connected.is && !isConnected
                ? 'it claims to be connected, and what that rests on is too old'
                : connected.evidence,
            ageMs: connected.ageMs,
        },
        {
            name: 'receiving',
            is: isReceiving,
            tone: isReceiving ? 'good' : isConnected ? 'bad' : 'off',
            word: isReceiving ? 'yes' : 'no',
            evidence: isConnected ? receiving.evidence : 'not connected',
            ageMs: receiving.ageMs,
        },
    ];
}
function isFresh({ is, ageMs }, limitMs) {
    return is && ageMs !== null && ageMs <= limitMs;
}
