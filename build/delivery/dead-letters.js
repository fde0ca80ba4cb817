import { decoded, EntryError } from './journal-entry.js';
import { textKey } from './journal-key.js';
import { TABLES } from './journal-tables.js';
/** The queue takes no event now, or the pipeline stops. The dead letter stays one; later it may go. */
export class ReplayRefused extends Error {
    name = 'ReplayRefused';
}
const PAGE_MAX = 1_000;
const PAGE_DEFAULT = 100;
/**
 * The events that were given up. Everything is by event id.
 * @see Pipeline.deadLetters, which gives this and throws while no journal is open
 */
export class DeadLetters {
    #parts;
    #busy = new Set();
    constructor(parts) {
        this.#parts = parts;
    }
    get count() {
        return this.#parts.journal.deadLetterCount;
    }
    /**
     * @param limit Letters at most, 1 to 1,000. Default 100.
     * @param after `next` of the page before. Default: from the oldest on.
     */
    list({ limit = PAGE_DEFAULT, after = null } = {}) {
        const count = Math.min(PAGE_MAX, Math.max(1, Math.floor(limit)));
        const from = after === null ? {} : { from: `${after}.` };
        const rows = [...this.#parts.store.range(TABLES.deadLetters, { ...from, limit: count + 1 })];
        const letters = [];
        for (const [key, bytes] of rows.slice(0, count)) {
            const letter = this.#letterOf(key, bytes);
            if (letter !== null)
                letters.push(letter.letter);
        }
        return { letters, next: rows.length > count ? (rows[count - 1]?.[0] ?? null) : null };
    }
    /** The latest, newest first. @param limit Letters at most, 1 to 1,000. */
    latest(limit) {
        const count = Math.min(PAGE_MAX, Math.max(1, Math.floor(limit)));
        const rows = [...this.#parts.store.range(TABLES.deadLetters, { limit: count, isReversed: true })];
        return rows.flatMap(([key, bytes]) => this.#letterOf(key, bytes)?.letter ?? []);
    }
    /** Null if there is none of this id. */
    show(eventId) {
        const found = this.#find(eventId);
        if (found === null)
            return null;
        const envelope = JSON.parse(new TextDecoder().decode(found.entry.payload));
        return { ...found.letter, envelope };
    }
    /**
     * Sends it on its way again, behind what waits in its lane, with all its attempts and whatever its age.
     * @returns False if there is none of this id.
     * @throws StoreError if the journal cannot take it; ReplayRefused if the pipeline does not. It is a dead letter still,
     *   then.
     */
    replay(eventId) {
        return this.#settle(eventId, 'replayed', ({ entry, removal }) => {
            const { death: _death, ...header } = entry.header;
            return this.#parts.revive({ header: { ...header, isReplayed: true }, payload: entry.payload }, removal);
        });
    }
    /**
     * Throws it away.
     * @returns False if there is none of this id.
     * @throws StoreError if the journal cannot remove it.
     */
    drop(eventId) {
        return this.#settle(eventId, 'dropped', ({ removal }) => this.#parts.store.commit(removal));
    }
    async #settle(eventId, how, settle) {
        // Two who settle one letter at once: the second finds none.
        if (this.#busy.has(eventId))
            return false;
        const found = this.#find(eventId);
        if (found === null)
            return false;
        this.#busy.add(eventId);
        try {
            await settle(found);
        }
        finally {
            this.#busy.delete(eventId);
        }
        const { journal, reporter } = this.#parts;
        reporter.tell({ type: 'dead_letter_settled', eventId, how });
        journal.changeDeadLetterCount(-1);
        return true;
    }
    #find(eventId) {
        const { store } = this.#parts;
        const idRow = textKey(eventId);
        const key = store.get(TABLES.deadLetterIds, idRow);
        if (key === null)
            return null;
        const letterKey = Buffer.from(key).toString('utf8');
        const bytes = store.get(TABLES.deadLetters, letterKey);
        const found = bytes === null ? null : this.#letterOf(letterKey, bytes);
        if (found === null)
            return null;
        const removal = [
            { table: TABLES.deadLetters, key: letterKey, value: null },
            { table: TABLES.deadLetterIds, key: idRow, value: null },
        ];
        return { ...found, removal };
    }
    #letterOf(key, bytes) {
        const entry = decoded(bytes);
        const death = entry instanceof EntryError ? undefined : entry.header.death;
        if (entry instanceof EntryError || death === undefined) {
            this.#parts.journal.setLetterAside(key, bytes, entry instanceof EntryError ? entry.message : 'it did not die');
            return null;
        }
        const { eventId, eventType, source, arrivedWallAt } = entry.header;
        const { reason, attempts, detail, wallAt } = death;
        const payloadBytes = entry.payload.length;
        return {
            entry,
            letter: {
                eventId,
                eventType,
                reason,
                attempts,
                detail,
                source,
                arrivedAt: arrivedWallAt,
                diedAt: wallAt,
                payloadBytes,
            },
        };
    }
}
