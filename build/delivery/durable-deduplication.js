import { numberKey, numberOfKey, textKey } from './journal-key.js';
import { TABLES } from './journal-tables.js';
/** Expired rows looked at in one sweep: a few milliseconds of work. */
const SWEEP_MAX = 1_000;
/**
 * Recognises events that were finished, over restarts. Two tables: a key leads to the row of its expiry, whose key
 * begins with the time of remembering, so that a sweep reads only what is due. `at` is journal time throughout.
 */
export class DurableDeduplication {
    #store;
    #retentionMs;
    /** Keys on their way to the store: known from the moment they are asked for. */
    #coming = new Map();
    #count = 0;
    constructor(store, retentionMs) {
        this.#store = store;
        this.#retentionMs = retentionMs;
    }
    /** Keys in the store, expired ones that no sweep has reached yet included. */
    get size() {
        return this.#store.count(TABLES.remembered);
    }
    /** The latest time at which anything was remembered, 0 if nothing is. */
    latestAt() {
        for (const [key] of this.#store.range(TABLES.expiries, { limit: 1, isReversed: true }))
            return numberOfKey(key) || 0;
        return 0;
    }
    knows(key, at) {
        const stored = textKey(key);
        if (this.#coming.has(stored))
            return true;
        const row = this.#store.get(TABLES.remembered, stored);
        // A row that cannot be read is no reason to handle an event twice.
        return row !== null && !(at - numberOfKey(textOf(row)) > this.#retentionMs);
    }
    remember(keys, at) {
        this.#count += 1;
        const stored = keys.map(textKey);
        const row = `${numberKey(at)}.${this.#count}`;
        for (const key of stored)
            this.#coming.set(key, (this.#coming.get(key) ?? 0) + 1);
        const changes = stored.map((key) => ({ table: TABLES.remembered, key, value: Buffer.from(row) }));
        return {
            changes: [...changes, { table: TABLES.expiries, key: row, value: Buffer.from(JSON.stringify(stored)) }],
            settled: () => {
                for (const key of stored)
                    this.#hasCome(key);
            },
        };
    }
    /** What is due at `at`, some of it. */
    sweep(at) {
        const below = numberKey(Math.max(0, at - this.#retentionMs));
        const rows = [...this.#store.range(TABLES.expiries, { below, limit: SWEEP_MAX })];
        const changes = [];
        for (const [row, value] of rows) {
            changes.push({ table: TABLES.expiries, key: row, value: null });
            for (const key of keysOf(value)) {
                if (this.#isStill(key, row))
                    changes.push({ table: TABLES.remembered, key, value: null });
            }
        }
        return { changes, isPartial: rows.length === SWEEP_MAX };
    }
    /** A key may have been remembered anew since this row was written; then it belongs to a later one. */
    #isStill(key, row) {
        if (this.#coming.has(key))
            return false;
        const found = this.#store.get(TABLES.remembered, key);
        return found !== null && textOf(found) === row;
    }
    #hasCome(key) {
        const count = this.#coming.get(key) ?? 0;
        if (count > 1)
            this.#coming.set(key, count - 1);
        else
            this.#coming.delete(key);
    }
}
function textOf(bytes) {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
/** The keys in a row of expiries; none if it is damaged, and then its keys stay, which forgets nothing early. */
function keysOf(value) {
    try {
        const keys = JSON.parse(textOf(value));
        return Array.isArray(keys) ? keys.filter((key) => typeof key === 'string' && key !== '') : [];
    }
    catch {
        return [];
    }
}
