import { Fifo } from './fifo.js';
/**
 * Order per key, concurrency across keys. Pure: it says what may run next and starts nothing.
 *
 * Only the first item of a lane ever runs, and the next one's turn comes when it has passed. A held lane takes no slot:
 * one that waits for its retry delays those behind it and nobody else. Ready lanes take turns, so that a busy chat does
 * not starve the others.
 */
export class Lanes {
    #slots;
    #byKey = new Map();
    #ready = new Fifo();
    #runningCount = 0;
    #size = 0;
    /** @param slots Lanes that may run at the same time, at least 1. */
    constructor(slots) {
        this.#slots = slots;
    }
    /** Items in all lanes. */
    get size() {
        return this.#size;
    }
    get runningCount() {
        return this.#runningCount;
    }
    add(key, item) {
        this.#size += 1;
        const known = key === null ? undefined : this.#byKey.get(key);
        if (known !== undefined) {
            known.items.push(item);
            return;
        }
        const lane = { key, items: new Fifo(), state: 'ready' };
        lane.items.push(item);
        if (key !== null)
            this.#byKey.set(key, lane);
        this.#ready.push(lane);
    }
    /** The lane whose first item is to run now; it holds a slot until {@link hold} or {@link pass}. Null: none may. */
    next() {
        if (this.#runningCount >= this.#slots)
            return null;
        const lane = this.#ready.shift();
        if (lane === null)
            return null;
        lane.state = 'running';
        this.#runningCount += 1;
        return lane;
    }
    /** The first item stays the first, and does not run before {@link resume}. */
    hold(lane) {
        this.#leave(lane);
        lane.state = 'held';
    }
    /** A held lane lines up again. Does nothing for any other. */
    resume(lane) {
        if (lane.state !== 'held')
            return;
        lane.state = 'ready';
        this.#ready.push(lane);
    }
    /** The first item of a running or held lane is done with; the next one's turn comes. */
    pass(lane) {
        this.#leave(lane);
        lane.items.shift();
        this.#size -= 1;
        if (lane.items.size > 0) {
            lane.state = 'ready';
            this.#ready.push(lane);
        }
        else if (lane.key !== null) {
            this.#byKey.delete(lane.key);
        }
    }
    #leave(lane) {
        if (lane.state === 'running')
            this.#runningCount -= 1;
    }
}
