import { report } from './effect.js';
import { verdictOf } from './failure.js';
import { silenceLimitMs } from './policy.js';
// What the Connection tells of its decisions, each as the effect that reports it.
export function changed(from, to) {
    return from.state === to.state ? [] : [report({ type: 'state_changed', from: from.state, to: to.state })];
}
export function attemptStarted({ attempt, outage }, isReconnect) {
    return report({ type: 'attempt_started', attempt, isReconnect, outage: outage?.number ?? null });
}
export function attemptFailed(effort, { attempt, failure }, world) {
    const verdict = verdictOf(failure.code);
    const durationMs = world.now - attempt.startedAt;
    const outage = effort.outage?.number ?? null;
    return report({
        type: 'attempt_failed',
        attempt: attempt.number,
        step: attempt.step,
        failure,
        verdict,
        durationMs,
        outage,
    });
}
export function abandoned(challenger, world) {
    if (challenger === null)
        return [];
    const { number: attempt, step: at, startedAt } = challenger;
    return [
        // Once it is open, the platform would route events to it until it noticed: a close frame says that nobody is there.
        { do: at === 'proof' ? 'close' : 'drop', attempt },
        report({ type: 'attempt_abandoned', attempt, step: at, durationMs: world.now - startedAt }),
    ];
}
export function disconnected(session, failure, closeCode, outage, world) {
    const { attempt, ticket, openedAt } = session;
    const sessionMs = world.now - openedAt;
    return report({
        type: 'disconnected',
        attempt,
        connectionId: ticket.connectionId,
        failure,
        sessionMs,
        closeCode,
        outage,
    });
}
export function pacingReport({ pingIntervalMs }, policy) {
    return report({ type: 'pacing', heartbeatIntervalMs: pingIntervalMs, silenceLimitMs: silenceLimitMs(policy) });
}
export function waitingReport({ effort, failure, retryAt }, world) {
    const { attempt, outage } = effort;
    const retryInMs = retryAt - world.now;
    return report({
        type: 'waiting',
        attempt,
        retryInMs,
        failure,
        verdict: verdictOf(failure),
        outage: outage?.number ?? null,
    });
}
