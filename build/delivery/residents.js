/** Parsed events in memory at most, and their payload; whatever waits behind them is read back from the journal. */
const MAX_COUNT = 1_000;
const MAX_BYTES = 32 * 1024 * 1024;
/** The events that wait in memory: those that came while there was room. Memory stays flat, however long the queue. */
export class Residents {
    #count = 0;
    #bytes = 0;
    /** Keeps the event that comes with the work, or lets go of it. */
    admit(work) {
        if (work.event === null)
            return;
        const { payloadBytes } = work.unfinished;
        if (this.#count >= MAX_COUNT || this.#bytes + payloadBytes > MAX_BYTES) {
            work.event = null;
            return;
        }
        this.#count += 1;
        this.#bytes += payloadBytes;
    }
    /** The event, which is no longer kept: a second run is rare, and reads it back. Null if it was not kept. */
    take(work) {
        const { event } = work;
        if (event === null)
            return null;
        work.event = null;
        this.#count -= 1;
        this.#bytes -= work.unfinished.payloadBytes;
        return event;
    }
}
