import { fetchToken } from '../token/index.js';
/** An examination of one app under way: its way out, and what earlier checks found for later ones. */
export class Visit {
    app;
    clock;
    wayOut;
    mayCall;
    /** What a daemon that runs it says of it; null where none does. */
    status = null;
    walk = null;
    secret = null;
    ticket = null;
    socket = null;
    /** What the platform says its time is, and when. */
    date = null;
    /** Connections that the platform counted, by when it was asked. */
    online = { before: null, during: null };
    #signingIn = null;
    constructor(app, clock, { mayCall }) {
        this.app = app;
        this.clock = clock;
        this.mayCall = mayCall;
        this.wayOut = app.openWayOut();
    }
    /** Asks for a token, once: later calls get what came of the first. */
    signIn(limitMs) {
        const { appId, baseUrl } = this.app;
        const secret = foundBefore(this.secret);
        this.#signingIn ??= fetchToken({ http: this.wayOut.http, baseUrl, appId, secret: async () => secret, timeoutMs: limitMs }, new AbortController().signal);
        return this.#signingIn;
    }
    /** Leaves nothing open, wherever the probe ended. */
    async leave() {
        this.walk?.close();
        await this.socket?.close();
        await this.wayOut.close();
    }
}
/**
 * What an earlier check has found.
 * @throws TypeError if it has not: a check lacks an entry in `needs`.
 */
export function foundBefore(found) {
    if (found === null)
        throw new TypeError('a check was made before the one that it needs');
    return found;
}
