/** Events that were running when the process died. They run one by one, so that the next crash names the culprit. */
export class Suspects {
    #present = null;
    #parked = [];
    /** Whether it may run now. If not, its lane is parked, to be given back by {@link leave}. */
    enter(work, lane) {
        if (this.#present === null || this.#present === work) {
            this.#present = work;
            return true;
        }
        this.#parked.push(lane);
        return false;
    }
    /**
     * Its run is over, or it left without one. The lane of the next suspect, or null while another one runs; also for whoever
     * was no suspect: a lane whose first event has left for another reason hands on what it was given.
     */
    leave(work) {
        if (this.#present !== null && this.#present !== work)
            return null;
        this.#present = null;
        return this.#parked.shift() ?? null;
    }
}
