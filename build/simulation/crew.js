/** The handlers: they succeed, fail, take their time and hang, as chance has it, and write down what they did. */
export class Crew {
    #clock;
    #dice;
    #isMoody;
    #memoryMs;
    #known = new Map();
    /** Runs since they were last looked at, see {@link takeRuns}. */
    #fresh = [];
    #handledCount = 0;
    #failedCount = 0;
    #onRun;
    /** @param memoryMs How long it remembers what it handled. */
    constructor(clock, dice, isMoody, memoryMs, onRun) {
        this.#clock = clock;
        this.#dice = dice;
        this.#isMoody = isMoody;
        this.#memoryMs = memoryMs;
        this.#onRun = onRun;
    }
    /** Events that were handled, each counted once as long as it is remembered. */
    get handledCount() {
        return this.#handledCount;
    }
    /** Runs that threw, or were aborted. */
    get failedCount() {
        return this.#failedCount;
    }
    /** When this event was handled first; null if it was not, or so long ago that it is forgotten. */
    handledAt(eventId) {
        return this.#known.get(eventId)?.firstHandledAt ?? null;
    }
    /** The runs that began since the last call. */
    takeRuns() {
        if (this.#fresh.length === 0)
            return this.#fresh;
        const fresh = this.#fresh;
        this.#fresh = [];
        return fresh;
    }
    handle = async ({ id, type }, { signal }) => {
        const known = this.#knownOf(id);
        const startedAt = this.#clock.now();
        const [besideSince = null] = known.running;
        this.#fresh.push({ eventId: id, eventType: type, startedAt, handledBeforeAt: known.handledAt, besideSince });
        this.#onRun();
        known.running.add(startedAt);
        try {
            await this.#work(signal);
            known.handledAt = this.#clock.now();
            if (known.firstHandledAt === null)
                this.#handledCount++;
            known.firstHandledAt ??= known.handledAt;
            return { toast: { type: 'success' } };
        }
        catch (error) {
            this.#failedCount++;
            throw error;
        }
        finally {
            known.running.delete(startedAt);
        }
    };
    async #work(signal) {
        const dice = this.#dice;
        const mood = this.#isMoody ? dice.between(0, 1) : 0;
        if (mood < 0.8)
            return this.#sleep(dice.magnitude(1, 400));
        if (mood < 0.9)
            return this.#sleep(dice.magnitude(500, 90_000));
        if (mood < 0.96) {
            await this.#sleep(dice.magnitude(1, 5_000));
            throw new Error('the handler has a bad day');
        }
        // One that listens to its signal, and one that never settles whatever happens.
        if (mood < 0.99)
            return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        return new Promise(() => { });
    }
    #sleep(delayMs) {
        return new Promise((resolve) => {
            this.#clock.timer(delayMs, resolve);
        });
    }
    #knownOf(id) {
        const found = this.#known.get(id);
        if (found !== undefined)
            return found;
        const known = { firstHandledAt: null, handledAt: null, running: new Set() };
        this.#known.set(id, known);
        if (this.#known.size % 1_000 === 0)
            this.#forget();
        return known;
    }
    #forget() {
        const before = this.#clock.now() - this.#memoryMs;
        for (const [id, { handledAt }] of this.#known)
            if (handledAt !== null && handledAt < before)
                this.#known.delete(id);
    }
}
