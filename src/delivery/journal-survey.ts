import type { ReadableStore } from './dead-letters-at-rest.js';
import { decoded, EntryError } from './journal-entry.js';
import { TABLES } from './journal-tables.js';
import { entriesIn } from './sheet.js';

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
  let pendingCount = 0;
  let oldest: Uint8Array | null = null;
  for (const { bytes } of entriesIn(store)) {
    pendingCount += 1;
    oldest ??= bytes;
  }
  const entry = oldest === null ? null : decoded(oldest);
  return {
    pendingCount,
    oldestArrivedAt: entry === null || entry instanceof EntryError ? null : entry.header.arrivedWallAt,
    deadLetterCount: store.count(TABLES.deadLetters),
    damagedCount: store.count(TABLES.damaged),
  };
}
