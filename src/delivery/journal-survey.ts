import type { ReadableStore } from './dead-letters-at-rest.js';
import { decoded, EntryError } from './journal-entry.js';
import { TABLES } from './journal-tables.js';

/** What stands in a journal, by somebody who only looks. */
export interface JournalContents {
  /** Events that came and are not finished. */
  readonly pendingCount: number;
  /** Arrival of the oldest of them, epoch milliseconds; null if there is none, or it cannot be read. */
  readonly oldestArrivedAt: number | null;
  readonly deadLetterCount: number;
  /** Entries that could not be read, at an opening or since, set aside as they were; they stay until somebody removes them. */
  readonly damagedCount: number;
}

/** @throws StoreError if the store cannot be read. */
export function surveyJournal(store: ReadableStore): JournalContents {
  let oldestArrivedAt: number | null = null;
  for (const [, bytes] of store.range(TABLES.entries, { limit: 1 })) {
    const entry = decoded(bytes);
    if (!(entry instanceof EntryError)) oldestArrivedAt = entry.header.arrivedWallAt;
  }
  return {
    pendingCount: store.count(TABLES.entries),
    oldestArrivedAt,
    deadLetterCount: store.count(TABLES.deadLetters),
    damagedCount: store.count(TABLES.damaged),
  };
}
