import type { Store } from '../ports/index.js';
import { decoded, EntryError } from './journal-entry.js';
import { numberKey } from './journal-key.js';
import { decodeProgress, type Progress } from './journal-state.js';
import { TABLES } from './journal-tables.js';
import { entriesIn, type FoundEntry } from './sheet.js';
import { type Found, type Suspicion, Unfinished } from './unfinished.js';

/** What an earlier process left in the journal. */
export interface Recovery {
  /** In the order in which it came. */
  readonly unfinished: readonly Unfinished[];
  /** What could not be read. */
  readonly damaged: readonly DamagedEntry[];
}

export interface DamagedEntry extends FoundEntry {
  readonly why: string;
}

/**
 * Reads the unfinished events.
 * @param wasClosed Whether that process closed the journal: nothing was running then.
 * @throws StoreError if the store cannot be read.
 */
export function recover(store: Store, wasClosed: boolean): Recovery {
  const unfinished: Unfinished[] = [];
  const damaged: DamagedEntry[] = [];
  const hasProgress = store.count(TABLES.progress) > 0;
  for (const found of entriesIn(store)) {
    const { sheet, place, seq, bytes } = found;
    const entry = Number.isNaN(seq) ? new EntryError('its key is no number') : decoded(bytes);
    if (entry instanceof EntryError) {
      damaged.push({ ...found, why: entry.message });
      continue;
    }
    const progress = decodeProgress(hasProgress ? store.get(TABLES.progress, numberKey(seq)) : null);
    const each = new Unfinished(seq, entry.header, entry.payload.length, foundIn(progress, wasClosed));
    each.sheet = sheet;
    each.place = place;
    unfinished.push(each);
  }
  return { unfinished, damaged };
}

function foundIn({ failures, runs, isBegun }: Progress, wasClosed: boolean): Found {
  const suspicion: Suspicion = wasClosed ? 'none' : isBegun ? 'marked' : 'present';
  // The run that was marked never came to an end: that is its failure.
  const unended = suspicion === 'marked' ? 1 : 0;
  return { failures: failures + unended, runs: runs + unended, suspicion };
}
