import type { Store } from '../ports/index.js';
import { decoded, EntryError } from './journal-entry.js';
import { numberOfKey } from './journal-key.js';
import { decodeProgress } from './journal-state.js';
import { TABLES } from './journal-tables.js';
import { type Suspicion, Unfinished } from './unfinished.js';

/** What an earlier process left in the journal. */
export interface Recovery {
  /** In the order in which it came. */
  readonly unfinished: readonly Unfinished[];
  /** What could not be read. */
  readonly damaged: readonly { readonly key: string; readonly bytes: Uint8Array; readonly why: string }[];
}

/**
 * Reads the unfinished events.
 * @param wasClosed Whether that process closed the journal: nothing was running then.
 * @throws StoreError if the store cannot be read.
 */
export function recover(store: Store, wasClosed: boolean): Recovery {
  const unfinished: Unfinished[] = [];
  const damaged: { key: string; bytes: Uint8Array; why: string }[] = [];
  const hasProgress = store.count(TABLES.progress) > 0;
  for (const [key, bytes] of store.range(TABLES.entries)) {
    const entry = decoded(bytes);
    const seq = numberOfKey(key);
    if (entry instanceof EntryError || Number.isNaN(seq)) {
      damaged.push({ key, bytes, why: entry instanceof EntryError ? entry.message : 'its key is no number' });
      continue;
    }
    const { header, payload } = entry;
    const progress = decodeProgress(hasProgress ? store.get(TABLES.progress, key) : null);
    const suspicion: Suspicion = wasClosed ? 'none' : progress.isBegun ? 'marked' : 'present';
    // The run that was marked never came to an end: that is its failure.
    const unended = suspicion === 'marked' ? 1 : 0;
    const found = { failures: progress.failures + unended, runs: progress.runs + unended, suspicion };
    unfinished.push(new Unfinished(seq, header, payload.length, found));
  }
  return { unfinished, damaged };
}
