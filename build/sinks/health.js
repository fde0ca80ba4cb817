import { momentOf } from '../ports/index.js';
/** Failed sends in a row after which a sink counts as down: one alone is what the retries are for. */
export const DOWN_AFTER_FAILURES = 3;
/** Failures that say nothing against the sink: the event's own fault, the handler's, or ours. */
const NO_EVIDENCE = new Set(['rejected', 'aborted', 'thrown']);
/** Keeps what is known of the other side, and tells each change once. */
export class HealthBook {
    #kind;
    #clock;
    #tell;
    #state = 'unknown';
    #since;
    #downSince = null;
    #evidence = null;
    #lastError = null;
    #failuresInARow = 0;
    constructor(kind, clock, tell) {
        this.#kind = kind;
        this.#clock = clock;
        this.#tell = tell;
        this.#since = clock.wallNow();
    }
    /** A sign of life: an event got through, or was refused by somebody who is there, or a connection stands. */
    works(evidence) {
        this.#failuresInARow = 0;
        const moment = this.#note(evidence);
        if (this.#state === 'up' || this.#state === 'stopped')
            return;
        const downForMs = this.#downSince === null ? null : moment.now - this.#downSince;
        this.#downSince = null;
        this.#enter('up', moment);
        this.#tell({ type: 'sink_up', sink: this.#kind, downForMs, detail: evidence });
    }
    /** One send failed. */
    failed(failure, detail) {
        this.#lastError = { failure, detail, at: this.#clock.wallNow() };
        if (failure === 'rejected')
            this.works(`it answered: ${detail}`);
        if (NO_EVIDENCE.has(failure))
            return;
        this.#failuresInARow += 1;
        if (this.#failuresInARow >= DOWN_AFTER_FAILURES)
            this.lost(failure, detail);
    }
    /** It does not work, for certain: the connection is gone, or failures repeat. */
    lost(failure, detail) {
        const moment = this.#note(detail);
        this.#lastError = { failure, detail, at: moment.wallNow };
        if (this.#state === 'down' || this.#state === 'stopped')
            return;
        this.#downSince = moment.now;
        this.#enter('down', moment);
        this.#tell({ type: 'sink_down', sink: this.#kind, failure, detail });
    }
    started() {
        if (this.#state === 'stopped')
            this.#enter('unknown', momentOf(this.#clock));
    }
    stopped() {
        this.#failuresInARow = 0;
        this.#downSince = null;
        this.#enter('stopped', this.#note('it was stopped'));
    }
    read() {
        const evidence = this.#evidence;
        return {
            kind: this.#kind,
            state: this.#state,
            since: this.#since,
            evidence: evidence?.text ?? 'nothing was sent yet',
            ageMs: evidence === null ? null : Math.max(0, this.#clock.now() - evidence.moment.now),
            lastError: this.#lastError,
        };
    }
    #note(text) {
        const moment = momentOf(this.#clock);
        this.#evidence = { text, moment };
        return moment;
    }
    #enter(state, moment) {
        if (this.#state === state)
            return;
        this.#state = state;
        this.#since = moment.wallNow;
    }
}
