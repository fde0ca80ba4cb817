/** The routing table: every connection that the platform holds for alive, and the dead ones it has not noticed. */
export class Connections {
    #random;
    /** In the order of opening. */
    #routed = new Set();
    /** Half-open connections, those the platform has forgotten included: TCP is still up. */
    #frozen = new Set();
    constructor(random) {
        this.#random = random;
    }
    add(connection) {
        this.#routed.add(connection);
    }
    /** Takes it out of the routing table. */
    remove(connection) {
        this.#routed.delete(connection);
    }
    freeze(connection) {
        connection.freeze();
        if (connection.isFrozen)
            this.#frozen.add(connection);
    }
    /** Thaws those for which no fault asks for a freeze any more. */
    thaw(isStillFrozen) {
        for (const connection of [...this.#frozen]) {
            if (isStillFrozen(connection))
                continue;
            this.#frozen.delete(connection);
            connection.thaw();
        }
    }
    bury(connection) {
        this.#frozen.delete(connection);
    }
    /** Open connections, oldest first; half-open ones count. */
    open(appId) {
        return this.#of(appId).filter((connection) => connection.isOpen);
    }
    /** All that are in the table, oldest first: the dead that nobody has noticed are in it, too. */
    routed(appId) {
        return this.#of(appId);
    }
    /** How many count against the app's limit. */
    countOf(appId) {
        return this.#of(appId).length;
    }
    /** One at random [doc], dead ones that are still in the table included. Null if the app has none. */
    route(appId) {
        const candidates = this.#of(appId);
        return candidates[Math.floor(this.#random() * candidates.length)] ?? null;
    }
    /** Those that `which` names: `all`, `newest`, `oldest`, `random`, or an id. */
    named(which, appId) {
        const open = this.open(appId);
        const pick = (connection) => (connection ? [connection] : []);
        switch (which) {
            case 'all':
                return open;
            case 'newest':
                return pick(open.at(-1));
            case 'oldest':
                return pick(open[0]);
            case 'random':
                return pick(open[Math.floor(this.#random() * open.length)]);
            default:
                return pick(open.find((connection) => connection.id === which));
        }
    }
    #of(appId) {
        return [...this.#routed].filter((connection) => appId === undefined || connection.appId === appId);
    }
}
