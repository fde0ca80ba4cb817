// Siblings live in one time and talk to one platform. The clock is part of the key so that simulated worlds, which all
// know the same names, stay apart from each other and from the real one.
const families = new WeakMap();
/** The connectors of this process that talk to the same platform: what one of them finds out is evidence for the rest. */
export class Siblings {
    #family;
    #self;
    constructor(clock, baseUrl, self) {
        const byUrl = families.get(clock) ?? new Map();
        families.set(clock, byUrl);
        const family = byUrl.get(baseUrl) ?? new Set();
        byUrl.set(baseUrl, family);
        this.#family = family;
        this.#self = self;
    }
    join() {
        this.#family.add(this.#self);
    }
    leave() {
        this.#family.delete(this.#self);
    }
    /** Tells all others that the platform let us in. */
    announce() {
        for (const sibling of this.#family)
            if (sibling !== this.#self)
                sibling();
    }
}
