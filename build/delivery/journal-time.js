/**
 * The time by which remembered ids age. It only ever goes forward, and no wall clock can hurry it:
 *
 * - While the process runs it goes with the monotonic clock. Whoever sets the wall clock, by hours and back again,
 *   changes nothing, so no id is forgotten early and none is kept for longer than was said.
 * - While the process is down nothing but the wall clock tells how long. What that claims counts, but only from 0 to
 *   `creditMs` per restart: a machine that boots with a wrong date costs an id that much of its time at most, and a real
 *   absence that was longer keeps ids for longer than necessary, by the difference.
 */
export class JournalTime {
    #startedAt;
    #startMs;
    /**
     * @param noted What was noted last, null for a new journal.
     * @param floorMs The latest time that the journal is known to have reached.
     */
    constructor(noted, floorMs, { now, wallNow }, creditMs) {
        const awayMs = noted === null ? 0 : Math.min(creditMs, Math.max(0, wallNow - noted.wallMs));
        const startMs = noted === null ? wallNow : noted.journalMs + awayMs;
        this.#startMs = Math.max(0, Math.floor(startMs), floorMs);
        this.#startedAt = now;
    }
    /** Whole milliseconds. @param now Monotonic milliseconds. */
    at(now) {
        return this.#startMs + Math.floor(now - this.#startedAt);
    }
}
