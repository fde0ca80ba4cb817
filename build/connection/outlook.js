export const NO_MEMORY = { addresses: null, known: [], isUnresolved: false };
/** Between two looks: quick enough for somebody who waits, and a few microseconds and a name lookup each. */
const PACE_MS = 3_000;
/** A resolver that takes longer helps no attempt either. */
const RESOLVE_TIMEOUT_MS = 2_000;
/** Far above what a name rotates among; beyond, the oldest are forgotten. */
const MOST_KNOWN = 256;
/** Whether a look saw something that an attempt may be worth. Pure. The first look has nothing to compare with. */
export function compare(memory, { addresses, resolved }) {
    const isElsewhere = memory.addresses !== null && addresses.length > 0 && !isSame(memory.addresses, addresses);
    const resolves = resolved.length > 0;
    const isAgain = memory.isUnresolved && resolves;
    // One address in common is the same place, seen at another turn of its rotation.
    const isMoved = resolves && memory.known.length > 0 && !resolved.some((address) => memory.known.includes(address));
    const known = [...new Set([...memory.known, ...resolved])].slice(-MOST_KNOWN);
    return { memory: { addresses, known, isUnresolved: !resolves }, isNews: isElsewhere || isAgain || isMoved };
}
/**
 * Looks around while somebody waits, and tells when the network has changed: addresses of this machine came or went, or
 * the platform's name resolves again, or to somewhere else. Nothing runs otherwise.
 */
export class Outlook {
    #clock;
    #surroundings;
    #host;
    #changed;
    #memory = NO_MEMORY;
    #looking = null;
    #timer = null;
    constructor(parts) {
        this.#clock = parts.clock;
        this.#surroundings = parts.surroundings;
        this.#host = parts.host;
        this.#changed = parts.changed;
    }
    /** Begins to look. Twice is once. What was seen before {@link rest} is compared with. */
    watch() {
        if (this.#looking === null)
            this.#look();
    }
    /** Ends all looking, at once; what was seen is remembered. */
    rest() {
        this.#looking?.abort();
        this.#looking = null;
        this.#timer?.cancel();
        this.#timer = null;
    }
    /** Ends all looking, and what was seen is old. */
    forget() {
        this.rest();
        this.#memory = NO_MEMORY;
    }
    #look() {
        const looking = new AbortController();
        this.#looking = looking;
        const limits = { timeoutMs: RESOLVE_TIMEOUT_MS, signal: looking.signal };
        this.#surroundings
            .resolve(this.#host, limits)
            // A resolver that breaks resolves nothing: a look costs an attempt at most, and never the retrying.
            .catch(() => [])
            .then((resolved) => {
            if (looking.signal.aborted)
                return;
            const { memory, isNews } = compare(this.#memory, { addresses: this.#surroundings.addresses(), resolved });
            this.#memory = memory;
            this.#timer = this.#clock.timer(PACE_MS, () => this.#look());
            if (isNews)
                this.#changed();
        });
    }
}
function isSame(before, after) {
    return before.length === after.length && before.every((address, index) => address === after[index]);
}
