const KEPT = 2_000;
/** Knows when there was trouble of one sort, and since when there is none. */
export class Trouble {
    #causes = new Set();
    #calms = [{ from: 0, to: null }];
    begin(cause, now) {
        this.#causes.add(cause);
        const calm = this.#calms.at(-1);
        if (calm?.to === null)
            calm.to = now;
    }
    end(cause, now) {
        if (!this.#causes.delete(cause) || this.#causes.size > 0)
            return;
        this.#calms.push({ from: now, to: null });
        if (this.#calms.length > KEPT)
            this.#calms.shift();
    }
    /** Trouble that is over now, and began at `from`. */
    passed(from, now) {
        this.begin('passed', from);
        this.end('passed', now);
    }
    /** How long there has been none; 0 while there is some. */
    calmMs(now) {
        const calm = this.#calms.at(-1);
        return calm === undefined || calm.to !== null ? 0 : now - calm.from;
    }
    /** Whether there was none from `from` to `to`, as far as it is remembered. */
    wasCalm(from, to) {
        const calm = this.#calms.findLast((each) => each.from <= from);
        return calm !== undefined && (calm.to === null || calm.to >= to);
    }
}
