import { decoded, EntryError } from './journal-entry.js';
import { numberOfKey } from './journal-key.js';
import { decodeProgress } from './journal-state.js';
import { TABLES } from './journal-tables.js';
import { keysOf } from './unfinished.js';
/**
 * Reads the unfinished events.
 * @param wasClosed Whether that process closed the journal: nothing was running then.
 * @throws StoreError if the store cannot be read.
 */
export function recover(store, wasClosed) {
    const unfinished = [];
    const damaged = [];
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
        const suspicion = wasClosed ? 'none' : progress.isBegun ? 'marked' : 'present';
        // The run that was marked never came to an end: that is its failure.
        const unended = suspicion === 'marked' ? 1 : 0;
        unfinished.push({
            seq,
            header,
            payloadBytes: payload.length,
            keys: keysOf(header.eventId, header.contentKeys),
            isDurable: true,
            isRecovered: true,
            failures: progress.failures + unended,
            runs: progress.runs + unended,
            postponements: 0,
            suspicion,
        });
    }
    return { unfinished, damaged };
}
