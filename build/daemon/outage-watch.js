import { afterProbe, isLastRung, isProbeDue, rungOf } from './last-rung.js';
/** Between two looks at the apps. An outage of hours is not in a hurry. */
const LOOK_MS = 30_000;
/** Looks whether an app has come to its last rung, see {@link Rung}, and says so once. */
export class OutageWatch {
    #clock;
    #apps;
    #end;
    #rungs = new Map();
    #afterMs = null;
    #timer = null;
    #probing = null;
    constructor(clock, apps, end) {
        this.#clock = clock;
        this.#apps = apps;
        this.#end = end;
    }
    /** @param afterMs How long an outage may last, in milliseconds; null ends the watch. */
    watch(afterMs) {
        if (afterMs === null) {
            this.stop();
            return;
        }
        const isNew = this.#afterMs === null;
        this.#afterMs = afterMs;
        if (isNew)
            this.#lookLater();
    }
    stop() {
        this.#afterMs = null;
        this.#timer?.cancel();
        this.#timer = null;
        this.#probing?.abort();
        this.#rungs.clear();
    }
    #lookLater() {
        this.#timer = this.#clock.timer(LOOK_MS, () => {
            const probing = new AbortController();
            this.#probing = probing;
            const apps = this.#apps();
            const names = new Set(apps.map(({ app }) => app));
            for (const name of this.#rungs.keys())
                if (!names.has(name))
                    this.#rungs.delete(name);
            Promise.all(apps.map((app) => this.#look(app, probing.signal))).then(() => {
                if (!probing.signal.aborted)
                    this.#lookLater();
            });
        });
    }
    async #look(app, signal) {
        const afterMs = this.#afterMs;
        const seen = this.#seen(app);
        if (seen === null || afterMs === null || !isProbeDue(seen.rung, seen.status, afterMs, this.#clock.now()))
            return;
        const isAnswered = await app.probe(signal);
        // It took a while: what was true before may not be.
        const now = signal.aborted ? null : this.#seen(app);
        if (now === null)
            return;
        const rung = afterProbe(now.rung, now.status, isAnswered);
        this.#rungs.set(app.app, rung);
        if (isLastRung(rung, now.status))
            this.#end(reasonOf(app.app, now.status, this.#clock.now() - rung.since));
        else if (isAnswered)
            app.reconnect();
    }
    /** How an app stands now; null if it is on no rung, or cannot be asked. */
    #seen(app) {
        const status = readStatus(app);
        if (status === null)
            return null;
        const rung = rungOf(this.#rungs.get(app.app) ?? null, status, this.#clock.now());
        if (rung === null)
            this.#rungs.delete(app.app);
        else
            this.#rungs.set(app.app, rung);
        return rung && { status, rung };
    }
}
function readStatus(app) {
    try {
        return app.status();
    }
    catch {
        // What cannot be read judges nothing; readiness says that it cannot.
        return null;
    }
}
function reasonOf(app, { lastFailure }, lastedMs) {
    const minutes = Math.round(lastedMs / 60_000);
    const failure = lastFailure === null ? '' : ` with ${lastFailure.code}`;
    return (`the app ${app} has been in one outage for ${minutes} minutes; the platform answers a probe, and attempts from this ` +
        `process still fail${failure}: a new process may succeed where this one cannot`);
}
