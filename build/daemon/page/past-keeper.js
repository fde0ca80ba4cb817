/** Where the rows stand in the journal's {@link Store}. */
export const PAST_TABLE = 'past';
const SIGN_KEY = 'sign';
/** So late a change is written, in milliseconds: what changes again meanwhile is written once. */
const SOON_MS = 5_000;
/** A sign of life is written so often, in milliseconds: that precisely the end of a killed process is known. */
const BEAT_MS = 60_000;
/** What a close waits for, in milliseconds: a disk that hangs has journal and process to end as well. */
const CLOSE_LIMIT_MS = 2_000;
/**
 * Carries a {@link Past} to and from the journal's store: a few rows whenever something changed, and a sign of life each
 * minute. It never throws and nobody waits for it: what cannot be written stays in memory and is tried with the next sign.
 */
export class PastKeeper {
    #parts;
    #store = null;
    #isRestored = false;
    #isFailing = false;
    #soon = null;
    #beat = null;
    #isStopping = false;
    #isOwed = false;
    #writing = null;
    constructor(parts) {
        this.#parts = parts;
    }
    /** Takes up what an earlier process left, and writes from now on. */
    open(store) {
        this.#store = store;
        this.#isStopping = false;
        if (!this.#isRestored) {
            this.#isRestored = true;
            this.#restore(store);
        }
        // At once: a process that dies in its first minute is known to have been there.
        this.#write();
        this.#beatOn();
    }
    /** Something changed that is worth a write. */
    changed() {
        if (this.#store === null)
            return;
        this.#soon ??= this.#parts.clock.timer(SOON_MS, () => this.#write());
    }
    /** Writes the last sign. The store may be closed once this has resolved; it never rejects. */
    async close() {
        if (this.#store === null)
            return;
        this.#beat?.cancel();
        this.#isStopping = true;
        this.#write();
        this.#store = null;
        await new Promise((resolve) => {
            const limit = this.#parts.clock.timer(CLOSE_LIMIT_MS, resolve);
            void Promise.resolve(this.#writing).then(() => {
                limit.cancel();
                resolve();
            });
        });
    }
    #restore(store) {
        try {
            const rows = new Map([...store.range(PAST_TABLE)].map(([key, bytes]) => [key, parsed(bytes)]));
            const sign = readSign(rows.get(SIGN_KEY));
            rows.delete(SIGN_KEY);
            this.#parts.past.restore(rows, sign);
        }
        catch (error) {
            this.#tell(error);
        }
    }
    #beatOn() {
        this.#beat = this.#parts.clock.timer(BEAT_MS, () => {
            this.#write();
            this.#beatOn();
        });
    }
    /** One commit at a time, so that no older row overtakes a younger one; what is asked meanwhile is one more. */
    #write() {
        this.#soon?.cancel();
        this.#soon = null;
        const store = this.#store;
        if (store === null)
            return;
        this.#isOwed = true;
        this.#writing ??= this.#commitAll(store).finally(() => {
            this.#writing = null;
        });
    }
    async #commitAll(store) {
        while (this.#isOwed) {
            this.#isOwed = false;
            await this.#commit(store);
        }
    }
    async #commit(store) {
        const { clock, past } = this.#parts;
        const changes = past.takeChanges();
        const sign = { at: clock.wallNow(), isStop: this.#isStopping };
        try {
            await store.commit(changesOf(new Map([...changes, [SIGN_KEY, sign]])));
            this.#isFailing = false;
        }
        catch (error) {
            past.putBack(changes);
            this.#tell(error);
        }
    }
    #tell(error) {
        if (this.#isFailing)
            return;
        this.#isFailing = true;
        this.#parts.failed(error);
    }
}
/** The same store, which a keeper uses until it is closed. */
export function keptIn(store, keeper) {
    keeper.open(store);
    return {
        get: (table, key) => store.get(table, key),
        range: (table, span) => store.range(table, span),
        count: (table) => store.count(table),
        commit: (changes) => store.commit(changes),
        sizeBytes: () => store.sizeBytes(),
        close: async () => {
            await keeper.close();
            await store.close();
        },
    };
}
const encoder = new TextEncoder();
const decoder = new TextDecoder();
function changesOf(rows) {
    return [...rows].map(([key, row]) => ({
        table: PAST_TABLE,
        key,
        value: row === null ? null : encoder.encode(JSON.stringify(row)),
    }));
}
function parsed(bytes) {
    try {
        return JSON.parse(decoder.decode(bytes));
    }
    catch {
        // Not one of ours, or cut short: that row is forgotten.
        return null;
    }
}
function readSign(row) {
    const { at, isStop } = (row ?? {});
    return typeof at === 'number' && typeof isStop === 'boolean' ? { at, isStop } : null;
}
