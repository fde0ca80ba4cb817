/** A tick older than this means that the loop of timers is stuck, and its claims with it. In milliseconds. */
export const STALLED_AFTER_MS = 60_000; // twelve ticks; the alarm for a stalled loop waits as long
export function readinessOf(apps, phase) {
    const views = apps.map(appReadiness);
    const waiting = views.filter(({ isReady }) => !isReady).length;
    const isReady = phase === 'running' && views.length > 0 && waiting === 0;
    const deaf = views.filter(({ isDeaf }) => isDeaf).length;
    return { isReady, reason: reasonOf(phase, views.length, waiting, deaf), apps: views };
}
function reasonOf(phase, count, waiting, deaf) {
    if (phase !== 'running')
        return `the daemon is ${phase}`;
    if (count === 0)
        return 'no app runs';
    if (waiting === 0)
        return 'every app is connected';
    return deaf === 0
        ? `${waiting} of ${count} apps not connected`
        : `${waiting} of ${count} apps not connected, or deaf`;
}
function appReadiness({ app, appId, status }) {
    let read;
    try {
        read = status();
    }
    catch {
        return {
            app,
            appId,
            isReady: false,
            isDeaf: false,
            state: 'unknown',
            since: null,
            evidence: 'the status could not be read',
            evidenceAgeMs: null,
            lastFailure: null,
            nextAttemptAt: null,
            advice: 'This is a bug of the connector. Please report it with the log.',
        };
    }
    const { connected, receiving, outage, lastFailure, attempts } = read;
    const isLoopAlive = isAlive(read);
    const isDeaf = connected.is && receiving.isDeaf;
    const isReady = connected.is && !isDeaf && isLoopAlive;
    const fact = isDeaf ? receiving : connected;
    return {
        app,
        appId,
        isReady,
        isDeaf,
        state: connected.state,
        since: isReady ? null : iso(outage?.startedAt ?? null),
        evidence: isLoopAlive ? fact.evidence : `the connector's own loop: ${read.alive.evidence}`,
        evidenceAgeMs: isLoopAlive ? fact.ageMs : read.alive.ageMs,
        lastFailure: lastFailure && {
            code: lastFailure.code,
            at: new Date(lastFailure.at).toISOString(),
            detail: lastFailure.detail,
        },
        nextAttemptAt: iso(attempts.nextAt),
        advice: isReady ? null : adviceFor(read),
    };
}
function adviceFor({ lastFailure, connected, receiving }) {
    if (connected.is && receiving.isDeaf)
        return 'It is replaced by another connection by itself. If that is in vain, see the runbook FeishuEventsSilent.';
    if (lastFailure === null)
        return `Wait: it is ${connected.state}, and nothing has failed yet.`;
    const next = lastFailure.verdict === 'operator'
        ? 'It is retried slowly meanwhile.'
        : 'It mends itself and is retried meanwhile.';
    return `${lastFailure.help} ${next}`;
}
export function livenessOf(apps) {
    const views = apps.map(({ app, status }) => {
        try {
            const read = status();
            return { app, isAlive: isAlive(read), evidence: read.alive.evidence };
        }
        catch {
            // Killing a process that may well receive, over a status that cannot be read, does harm; readiness says it.
            return { app, isAlive: true, evidence: 'the status could not be read' };
        }
    });
    return { isAlive: views.every((view) => view.isAlive), apps: views };
}
function isAlive({ alive }) {
    return alive.is && (alive.ageMs === null || alive.ageMs <= STALLED_AFTER_MS);
}
function iso(at) {
    return at === null ? null : new Date(at).toISOString();
}
