import { hasStore, surveyStore } from './adapters/index.js';
import { openJournalReader, resolveJournalOptions } from './connector-journal.js';
import { surveyJournal } from './delivery/index.js';
/**
 * Looks into a journal and changes nothing in it.
 * @throws StoreError if it is there and cannot be read.
 */
export async function lookIntoJournal(journal) {
    const options = resolveJournalOptions(journal);
    const { directory, maxBytes } = options;
    const around = await surveyStore(directory);
    if (!hasStore(directory))
        return { directory, contents: null, maxBytes, ...around };
    const store = await openJournalReader(options);
    try {
        return { directory, contents: { ...surveyJournal(store), sizeBytes: store.sizeBytes() }, maxBytes, ...around };
    }
    finally {
        await store.close();
    }
}
