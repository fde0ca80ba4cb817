import { momentOf } from '../ports/index.js';
/** Tells the sink, and keeps a sink that breaks its promise not to throw from breaking a delivery. */
export class Reporter {
    #clock;
    #sink;
    #failureCount = 0;
    constructor(clock, sink) {
        this.#clock = clock;
        this.#sink = sink;
    }
    /** Reports that the sink threw on. */
    get failureCount() {
        return this.#failureCount;
    }
    tell(report) {
        try {
            this.#sink(report, momentOf(this.#clock));
        }
        catch {
            // The sink is the only voice this room has, so its own failure can be counted but not told.
            this.#failureCount += 1;
        }
    }
}
