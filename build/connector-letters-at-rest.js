import { hasStore } from './adapters/index.js';
import { openJournalReader, openJournalStore, resolveJournalOptions, } from './connector-journal.js';
import { deadLettersAtRest, readDeadLetters } from './delivery/index.js';
import { StoreError } from './ports/index.js';
/** Opens the journals of apps to look at their dead letters, beside whoever owns them. One that fails says so when asked. */
export function openLettersToRead(apps) {
    return openAll(apps, async (journal) => {
        const store = await openJournalReader(resolveJournalOptions(journal));
        return { letters: readDeadLetters(store), close: () => store.close() };
    });
}
/**
 * Opens the journals of apps as their owner, to settle dead letters while no connector runs. One that fails, such as
 * `in_use`, says so when asked. Where no journal was ever made none is made.
 */
export function openLettersToSettle(apps) {
    return openAll(apps, async (journal) => {
        const store = await openJournalStore(resolveJournalOptions(journal));
        return { letters: deadLettersAtRest(store), close: () => store.close() };
    });
}
async function openAll(journaled, open) {
    const closes = [];
    const close = async () => {
        for (const end of closes.splice(0))
            await end();
    };
    const apps = [];
    try {
        for (const { app, appId, journal } of journaled) {
            if (journal === undefined) {
                apps.push({ app, appId, deadLetters: null });
                continue;
            }
            try {
                const opened = hasStore(journal.directory) ? await open(journal) : NEVER_MADE;
                closes.push(() => opened.close());
                apps.push({ app, appId, deadLetters: () => opened.letters });
            }
            catch (error) {
                if (!(error instanceof StoreError))
                    throw error;
                const fail = () => {
                    throw error;
                };
                apps.push({ app, appId, deadLetters: fail });
            }
        }
    }
    catch (error) {
        await close();
        throw error;
    }
    return { apps, close };
}
const NO_STORE = {
    get: () => null,
    range: () => [],
    count: () => 0,
    commit: () => Promise.resolve(),
};
const NEVER_MADE = { letters: deadLettersAtRest(NO_STORE), close: () => Promise.resolve() };
