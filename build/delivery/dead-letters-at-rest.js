import { DeadLetters } from './dead-letters.js';
import { encodeEntry } from './journal-entry.js';
import { numberKey, numberOfKey } from './journal-key.js';
import { TABLES } from './journal-tables.js';
/**
 * The dead letters in a store that somebody else owns, or nobody. One that cannot be read is passed over: its owner
 * reports it and sets it aside.
 */
export function readDeadLetters(store) {
    return lettersIn({
        get: (table, key) => store.get(table, key),
        range: (table, span) => store.range(table, span),
        count: (table) => store.count(table),
        commit: () => Promise.reject(new TypeError('these dead letters are only to be looked at')),
    });
}
/**
 * The dead letters of a journal that no pipeline has open, by its owner. What is replayed is among the unfinished events
 * again, behind all others: the next pipeline runs it when it opens the journal. Nothing else in it changes, least of
 * all the note that says whether the process before ended well.
 */
export function deadLettersAtRest(store) {
    return lettersIn(store);
}
function lettersIn(store) {
    let nextSeq = null;
    return new DeadLetters({
        store,
        journal: {
            get deadLetterCount() {
                return store.count(TABLES.deadLetters);
            },
            setLetterAside: () => { },
            changeDeadLetterCount: () => { },
        },
        reporter: { tell: () => { } },
        revive: (entry, alongside) => {
            // Counted here and not looked up each time: two that are replayed at once must not get one number.
            nextSeq ??= 1 + Math.max(lastSeqOf(store, TABLES.entries), lastSeqOf(store, TABLES.deadLetters));
            const put = { table: TABLES.entries, key: numberKey(nextSeq), value: encodeEntry(entry) };
            nextSeq += 1;
            return store.commit([put, ...alongside]);
        },
    });
}
function lastSeqOf(store, table) {
    for (const [key] of store.range(table, { limit: 1, isReversed: true }))
        return numberOfKey(key) || 0;
    return 0;
}
