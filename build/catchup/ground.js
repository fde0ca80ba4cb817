import { momentOf } from '../ports/index.js';
/** A {@link Ground} that knows the work under way, so that a stop can wait for it. */
export class WorkGround {
    clock;
    #parts;
    #underWay = new Set();
    #abort = null;
    constructor(parts) {
        this.#parts = parts;
        this.clock = parts.clock;
    }
    get isOpen() {
        return this.#abort !== null;
    }
    open() {
        this.#abort = new AbortController();
    }
    /** Aborts all work. @returns When it has ended. */
    async close() {
        this.#abort?.abort();
        this.#abort = null;
        await Promise.all(this.#underWay);
    }
    jittered(ms) {
        return ms * (1 + 0.2 * this.#parts.random());
    }
    tell(report) {
        this.#parts.report(report, momentOf(this.clock));
    }
    launch(work) {
        if (this.#abort !== null)
            this.track(work(this.#abort.signal));
    }
    /** Keeps an eye on work that has begun already. */
    track(work) {
        const tracked = work
            .catch((bug) => {
            this.tell({ type: 'look_failed', detail: bug instanceof Error ? `${bug.name}: ${bug.message}` : String(bug) });
        })
            .finally(() => this.#underWay.delete(tracked));
        this.#underWay.add(tracked);
    }
}
