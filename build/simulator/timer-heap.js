/** A binary heap of timers, earliest first. Cancelling costs nothing; cancelled entries are swept in bulk. */
export class TimerHeap {
    #timers = [];
    #cancelled = 0;
    #order = 0;
    /** Timers that will still fire. */
    get size() {
        return this.#timers.length - this.#cancelled;
    }
    add(dueAt, fire) {
        const timer = { dueAt, order: this.#order++, fire };
        this.#timers.push(timer);
        this.#rise(this.#timers.length - 1);
        return timer;
    }
    cancel(timer) {
        if (timer.fire === null)
            return;
        timer.fire = null;
        this.#cancelled++;
        // A deadline is nearly always cancelled: without sweeping, those hours ahead would pile up.
        if (this.#cancelled > 64 && this.#cancelled > this.#timers.length / 2)
            this.#sweep();
    }
    /** When the earliest timer is due, or null if there is none. */
    nextDueAt() {
        this.#dropCancelled();
        return this.#timers[0]?.dueAt ?? null;
    }
    /** Takes the earliest timer out and returns what it fires. */
    pop() {
        this.#dropCancelled();
        const top = this.#takeTop();
        const fire = top?.fire ?? null;
        // From now on cancelling it must not count: it is no longer in the heap.
        if (top)
            top.fire = null;
        return fire;
    }
    #dropCancelled() {
        while (this.#timers[0]?.fire === null) {
            this.#takeTop();
            this.#cancelled--;
        }
    }
    #takeTop() {
        const top = this.#timers[0];
        const last = this.#timers.pop();
        if (last !== undefined && this.#timers.length > 0) {
            this.#timers[0] = last;
            this.#sink(0);
        }
        return top;
    }
    #sweep() {
        // An array sorted by the heap's own order is a heap.
        this.#timers = this.#timers.filter((timer) => timer.fire !== null).sort((a, b) => (isBefore(a, b) ? -1 : 1));
        this.#cancelled = 0;
    }
    #rise(start) {
        let index = start;
        while (index > 0) {
            const parent = (index - 1) >> 1;
            if (!this.#swapIfBefore(index, parent))
                return;
            index = parent;
        }
    }
    #sink(start) {
        let index = start;
        for (;;) {
            const left = 2 * index + 1;
            const right = left + 1;
            let least = left;
            const leftTimer = this.#timers[left];
            const rightTimer = this.#timers[right];
            if (leftTimer && rightTimer && isBefore(rightTimer, leftTimer))
                least = right;
            if (!this.#swapIfBefore(least, index))
                return;
            index = least;
        }
    }
    #swapIfBefore(lower, upper) {
        const below = this.#timers[lower];
        const above = this.#timers[upper];
        if (!below || !above || !isBefore(below, above))
            return false;
        this.#timers[lower] = above;
        this.#timers[upper] = below;
        return true;
    }
}
function isBefore(a, b) {
    return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.order < b.order);
}
