import type { Store } from '../ports/index.js';
import { DeadLetters } from './dead-letters.js';
import { encodeEntry } from './journal-entry.js';
import { numberKey } from './journal-key.js';
import { TABLES } from './journal-tables.js';
import { lastNumberIn } from './last-number.js';
import { lastSeqIn } from './sheet.js';

/** What looking at dead letters needs of a {@link Store}. */
export type ReadableStore = Pick<Store, 'get' | 'range' | 'count'>;

/** What settling them needs besides. */
export type SettlingStore = ReadableStore & Pick<Store, 'commit'>;

/** Dead letters that can be looked at and no more. */
export type ReadableDeadLetters = Pick<DeadLetters, 'count' | 'list' | 'show'>;

/**
 * The dead letters in a store that somebody else owns, or nobody. One that cannot be read is passed over: its owner
 * reports it and sets it aside.
 */
export function readDeadLetters(store: ReadableStore): ReadableDeadLetters {
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
export function deadLettersAtRest(store: SettlingStore): DeadLetters {
  return lettersIn(store);
}

function lettersIn(store: SettlingStore): DeadLetters {
  let nextSeq: number | null = null;
  return new DeadLetters({
    store,
    journal: {
      get deadLetterCount() {
        return store.count(TABLES.deadLetters);
      },
      setLetterAside: () => {},
      changeDeadLetterCount: () => {},
    },
    reporter: { tell: () => {} },
    revive: (entry, alongside) => {
      // Counted here and not looked up each time: two that are replayed at once must not get one number.
      nextSeq ??= 1 + Math.max(lastSeqIn(store), lastNumberIn(store, TABLES.deadLetters));
      const put = { table: TABLES.entries, key: numberKey(nextSeq), value: encodeEntry(entry) };
      nextSeq += 1;
      return store.commit([put, ...alongside]);
    },
  });
}
