/** What we know of our own connections, and the last moments that something spoke for them. */
export class Presence {
    /** Proven connections now. */
    connections = 0;
    /** When that number last changed, or what stands behind it; monotonic milliseconds. */
    changedAt = 0;
    /** Since when there has been one without interruption; null: there is none. */
    served = null;
    /** The latest proof that a connection lives, an event that came by push, a count that agreed: wall milliseconds. */
    heardWallAt = null;
    arrivedWallAt = null;
    agreedWallAt = null;
    /** Whether any is proven. */
    get isServed() {
        return this.connections > 0;
    }
    /** Wall milliseconds of the last thing that said that events come; null: nothing has. */
    get trustedWallAt() {
        const moments = [this.arrivedWallAt, this.agreedWallAt, this.served?.wallNow ?? null].filter((at) => at !== null);
        return moments.length === 0 ? null : Math.max(...moments);
    }
    /** Nobody is connected any more, for the process goes. */
    forget() {
        this.connections = 0;
        this.served = null;
    }
}
