import { describeFault } from './fault-description.js';
/** The book of standing faults: the youngest of a kind that fits is the one that strikes. */
export class ActiveFaults {
    #time;
    #onEnd;
    #byKind = new Map();
    #timers = new Map();
    constructor(time, onEnd) {
        this.#time = time;
        this.#onEnd = onEnd;
    }
    add(id, fault, aim) {
        const usesLeft = 'times' in fault && fault.times !== undefined ? fault.times : null;
        const active = { id, fault, sinceMs: this.#time.now(), usesLeft, aim };
        this.#byKind.set(fault.fault, [active, ...(this.#byKind.get(fault.fault) ?? [])]);
        if ('forMs' in fault && fault.forMs !== undefined)
            this.#timers.set(id, this.#time.timer(fault.forMs, () => this.remove(id)));
        return active;
    }
    /** The fault of this kind in force for the subject, without counting a strike. `fits` looks at further fields. */
    find(kind, subject, fits = () => true) {
        const struck = (this.#byKind.get(kind) ?? []).find(
        // Filed under its kind, so its fault is of that kind.
        (active) => covers(active, subject) && fits(active.fault));
        return struck ?? null;
    }
    /** The same, and it counts as a strike: a fault that has struck its `times` ends. */
    strike(kind, subject, fits) {
        const active = this.find(kind, subject, fits);
        if (!active)
            return null;
        if (active.usesLeft !== null && --active.usesLeft === 0)
            this.remove(active.id);
        return active.fault;
    }
    /** @returns Whether it was in force. */
    remove(id) {
        this.#timers.get(id)?.cancel();
        this.#timers.delete(id);
        for (const [kind, actives] of this.#byKind) {
            const ended = actives.find((active) => active.id === id);
            if (!ended)
                continue;
            this.#byKind.set(kind, actives.filter((active) => active !== ended));
            this.#onEnd(ended);
            return true;
        }
        return false;
    }
    /** Oldest first. */
    get all() {
        return [...this.#byKind.values()].flat().sort((a, b) => a.sinceMs - b.sinceMs);
    }
}
/** Plain JSON for the control API. */
export function faultStatus(active) {
    const { id, fault, sinceMs, usesLeft } = active;
    return { id, fault, description: describeFault(fault), sinceMs, usesLeft };
}
/** Whether new connections belong to the fault's scope unless it says so itself. */
const NEW_SOCKETS_BY_DEFAULT = { silent_pongs: true };
function covers({ fault, aim }, { appId, connection }) {
    if ('appId' in fault && fault.appId !== undefined && fault.appId !== appId)
        return false;
    if (aim === null || !connection)
        return true;
    if (aim.connectionIds.has(connection.id))
        return true;
    const sockets = 'sockets' in fault ? fault.sockets : undefined;
    const coversNew = sockets ? sockets === 'all' : NEW_SOCKETS_BY_DEFAULT[fault.fault] === true;
    return coversNew && connection.number > aim.lastNumber;
}
