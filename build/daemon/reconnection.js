import { redact } from '../observe/index.js';
/** Gives the word to one app, and tells what it found and what came of it. Throws nothing. */
export function reconnectionOf(view) {
    const { app, appId } = view;
    try {
        const { connected, attempts } = view.status();
        const { state } = connected;
        const isWaitCut = view.reconnect();
        return {
            app,
            appId,
            found: { state, nextAttemptAt: iso(attempts.nextAt) },
            isWaitCut,
            nextAttemptAt: iso(view.status().attempts.nextAt),
            says: wordsFor(state, isWaitCut),
        };
    }
    catch (error) {
        const reason = redact(error instanceof Error ? error.message : String(error));
        const says = `This is a bug of the connector: ${reason}. Please report it with the log.`;
        return {
            app,
            appId,
            found: { state: 'unknown', nextAttemptAt: null },
            isWaitCut: false,
            nextAttemptAt: null,
            says,
        };
    }
}
function iso(at) {
    return at === null ? null : new Date(at).toISOString();
}
function wordsFor(state, isWaitCut) {
    if (isWaitCut)
        return 'The wait was cut short.';
    switch (state) {
        case 'waiting':
            return 'The wait is as short already as it may be: each one that was cut in vain makes the next cut come later.';
        case 'discovering':
        case 'dialing':
        case 'proving':
            return 'An attempt is under way: there is no wait to cut. Should it fail, the wait after it is cut.';
        case 'connected':
        case 'suspect':
            return 'It is connected: there is no wait to cut.';
        case 'idle':
        case 'stopped':
            return 'It does not run: there is no wait to cut.';
    }
}
