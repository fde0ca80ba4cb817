/** What the platform counts. */
export const TRAFFIC_KINDS = [
    'discovery',
    'token',
    'api',
    'handshake',
    'opened',
    'closed',
    'ping',
    'websocket_ping',
    'push',
    'ack',
    'bad_frame',
];
/** Entries kept per kind. The counts go on for ever. */
const KEPT = 1000;
/** Counts everything that clients do to the platform, and remembers the latest of each kind. */
export class Traffic {
    #time;
    #counts = new Map();
    #rings = new Map();
    constructor(time) {
        this.#time = time;
    }
    record(kind, appId, outcome) {
        const count = this.count(kind);
        const ring = this.#rings.get(kind) ?? [];
        ring[count % KEPT] = { at: this.#time.now(), wallAt: this.#time.wallNow(), appId, outcome };
        this.#rings.set(kind, ring);
        this.#counts.set(kind, count + 1);
    }
    /** How often it happened since the start. */
    count(kind) {
        return this.#counts.get(kind) ?? 0;
    }
    /** The latest 1000, oldest first. */
    recent(kind) {
        const ring = this.#rings.get(kind) ?? [];
        const start = ring.length < KEPT ? 0 : this.count(kind) % KEPT;
        return [...ring.slice(start), ...ring.slice(0, start)];
    }
    get counts() {
        return Object.fromEntries(TRAFFIC_KINDS.map((kind) => [kind, this.count(kind)]));
    }
}
