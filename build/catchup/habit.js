import { momentOf } from '../ports/index.js';
import { heardAt, isSuspicious, learned, NO_BASELINE, NO_SILENCE, prolonged, readBaseline, suspiciousInMs, } from './baseline.js';
/** How often this app usually hears something, and the silence that lasts now. */
export class Habit {
    #parts;
    #baseline = NO_BASELINE;
    #silence = NO_SILENCE;
    #learnedAt = 0;
    constructor(parts) {
        this.#parts = parts;
    }
    /** Events that should have come since the last one. */
    get missed() {
        return this.#silence.missed;
    }
    restore() {
        this.#baseline = readBaseline(this.#parts.notes.read('baseline').get('')) ?? this.#baseline;
    }
    start(now) {
        this.#learnedAt = now;
    }
    /** Tells the baseline and the silence of the time since last told. */
    learn(events = 0) {
        const { clock, policy, presence } = this.#parts;
        const { now, wallNow } = momentOf(clock);
        const elapsedMs = now - this.#learnedAt;
        this.#learnedAt = now;
        const { isServed } = presence;
        // A silence that is being looked into teaches nothing: it would make deafness the pattern.
        const taughtMs = isServed && !this.#silence.isActedOn ? elapsedMs : 0;
        const { hours } = this.#baseline;
        this.#baseline = learned(this.#baseline, policy, { events, elapsedMs: taughtMs, wallNow });
        if (this.#baseline.hours !== hours)
            this.note();
        // An event ends the silence, however long it was.
        if (events > 0)
            this.#silence = heardAt(now);
        else
            this.#silence = prolonged(this.#silence, this.#baseline, { now, wallNow, isServed });
    }
    /**
     * Somebody is connected again. What was expected meanwhile is the outage's business. Where a pattern is known, a process
     * that has not heard anything yet is silent from its first connection on.
     */
    resume({ now }) {
        const isLearned = this.#silence.since === null && this.#baseline.hours.some((rate) => rate !== null);
        this.#silence = isLearned ? heardAt(now) : { ...this.#silence, countedTo: now };
    }
    /** When the silence will be suspicious unless something comes, monotonic milliseconds; null: not by what is known now. */
    suspiciousAt() {
        const { clock, policy, presence } = this.#parts;
        if (!policy.isEnabled || !presence.isServed)
            return null;
        const moment = momentOf(clock);
        const inMs = suspiciousInMs(this.#silence, this.#baseline, policy, moment);
        return inMs === null ? null : moment.now + inMs;
    }
    /** Whether the silence is suspicious, said once per silence. */
    isNewlySuspicious(now) {
        const { policy, presence } = this.#parts;
        if (!policy.isEnabled || !presence.isServed || !isSuspicious(this.#silence, policy, now))
            return false;
        this.#silence = { ...this.#silence, isActedOn: true };
        return true;
    }
    note() {
        this.#parts.notes.set('baseline', { hours: this.#baseline.hours });
    }
}
