import { isAliveByEvidence, isConnectedByEvidence, } from '../../doctor/index.js';
/** @param only Name or id of the one app that is meant; null for all. */
export function readingOf(answer, only, at) {
    const { url } = answer;
    if (answer.is !== 'ours') {
        const { is, detail } = answer;
        return { at, url, isConnected: false, daemon: null, problem: { is, detail }, apps: [] };
    }
    const { version, phase, uptimeMs } = answer.status;
    const apps = answer.status.apps
        .filter(({ app, appId }) => only === null || only === app || only === appId)
        .map((app) => ('error' in app ? unreadable(app) : readable(app)));
    const isConnected = apps.length > 0 && apps.every(({ alive, connected }) => alive.is && connected.is);
    return { at, url, isConnected, daemon: { version, phase, uptimeMs }, problem: null, apps };
}
function readable(status) {
    const { app, appId, alive, connected, receiving } = status;
    const isConnected = isConnectedByEvidence(status);
    const claim = 'it claims to be connected, and what that rests on is too old';
    return {
        app,
        appId,
        alive: { is: isAliveByEvidence(status), evidence: alive.evidence, ageMs: alive.ageMs },
        connected: {
            is: isConnected,
            evidence: connected.is && !isConnected ? claim : connected.evidence,
            ageMs: connected.ageMs,
            state: connected.state,
        },
        receiving: {
            is: isConnected && receiving.is,
            evidence: isConnected ? receiving.evidence : 'not connected',
            ageMs: receiving.ageMs,
        },
        status,
        error: null,
    };
}
function unreadable({ app, appId, error }) {
    const fact = { is: false, evidence: 'its status cannot be read', ageMs: null };
    return { app, appId, alive: fact, connected: { ...fact, state: 'unknown' }, receiving: fact, status: null, error };
}
