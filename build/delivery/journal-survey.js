import { decoded, EntryError } from './journal-entry.js';
import { TABLES } from './journal-tables.js';
/** @throws StoreError if the store cannot be read. */
export function surveyJournal(store) {
    let oldestArrivedAt = null;
    for (const [, bytes] of store.range(TABLES.entries, { limit: 1 })) {
        const entry = decoded(bytes);
        if (!(entry instanceof EntryError))
            oldestArrivedAt = entry.header.arrivedWallAt;
    }
    return {
        pendingCount: store.count(TABLES.entries),
        oldestArrivedAt,
        deadLetterCount: store.count(TABLES.deadLetters),
        damagedCount: store.count(TABLES.damaged),
    };
}
