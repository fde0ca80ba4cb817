import { MIN_STORE_BYTES, openLmdbReader, openLmdbStore, STORE_DEFAULTS } from './adapters/index.js';
import { ConnectorError } from './connector-error.js';
import { JOURNAL_DEFAULTS, JOURNAL_SCHEMA, resolveJournalPolicy } from './delivery/index.js';
import { DURABILITIES, StoreError } from './ports/index.js';
const OPTION_NAMES = {
    directory: true,
    durability: true,
    retentionMs: true,
    maxBytes: true,
};
/**
 * The options with every default in place.
 * @throws RangeError naming option, bound and value.
 */
export function resolveJournalOptions(options) {
    for (const name of Object.keys(options)) {
        if (!Object.hasOwn(OPTION_NAMES, name)) {
            throw new RangeError(`unknown option journal.${name}; known are ${Object.keys(OPTION_NAMES).join(', ')}`);
        }
    }
    const { directory, durability = 'power', retentionMs, maxBytes = STORE_DEFAULTS.maxBytes } = options;
    if (typeof directory !== 'string' || directory === '') {
        throw new RangeError(`journal.directory must be a path, got ${JSON.stringify(directory)}`);
    }
    if (!DURABILITIES.includes(durability)) {
        throw new RangeError(`journal.durability must be one of ${DURABILITIES.join(', ')}, got ${String(durability)}`);
    }
    if (!Number.isSafeInteger(maxBytes) || maxBytes < MIN_STORE_BYTES) {
        throw new RangeError(`journal.maxBytes must be a whole number from ${MIN_STORE_BYTES}, got ${maxBytes}`);
    }
    return { directory, durability, maxBytes, retentionMs: retentionOf(retentionMs ?? JOURNAL_DEFAULTS.retentionMs) };
}
const SCHEMA = { name: 'feishu-connector journal', version: JOURNAL_SCHEMA };
/** Opens the store of a journal; the native code behind it is loaded now and not before. */
export function openJournalStore({ directory, durability, maxBytes }) {
    return openLmdbStore({ directory, durability, maxBytes, schema: SCHEMA });
}
/** Opens it to look into it, beside whoever owns it. */
export function openJournalReader({ directory }) {
    return openLmdbReader({ directory, schema: SCHEMA });
}
/** What `start` rejects with when the journal cannot be opened. */
export function journalUnusable(error, journal) {
    const said = error instanceof Error ? error.message : String(error);
    // A StoreError names the directory, the cause and what to do; whatever else it was names none of them.
    const message = error instanceof StoreError ? said : `the journal in ${journal?.directory} cannot be used: ${said}`;
    return new ConnectorError('journal_unusable', message, { cause: error });
}
function retentionOf(retentionMs) {
    try {
        return resolveJournalPolicy({ retentionMs }).retentionMs;
    }
    catch (error) {
        throw error instanceof RangeError ? new RangeError(`journal.${error.message}`, { cause: error }) : error;
    }
}
