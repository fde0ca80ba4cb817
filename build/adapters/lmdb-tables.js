import { StoreError } from '../ports/index.js';
import { storeKeyOf } from './store-key.js';
import { sealed, unsealed } from './store-seal.js';
/** Each table of ours is one of LMDB's, under this word, so that none is taken for our own records. */
const PREFIX = 'table:';
export const OWN_TABLE = 'store';
/** Keys are plain bytes, compared as such. Values are plain bytes as well: no encoder, no shared structures. */
export const TABLE_FORMAT = { encoding: 'binary', keyEncoding: 'binary' };
/** No key is less. */
const LEAST = Buffer.from([0]);
/** The tables of one open file, to read from and to find. */
export class LmdbTables {
    #root;
    #directory;
    #isReadOnly;
    #known = new Set();
    #open = new Map();
    #isClosed = false;
    /** @param known The names that {@link inspectLmdbFile} found. A reader finds later ones, too. */
    constructor(root, directory, isReadOnly, known) {
        this.#root = root;
        this.#directory = directory;
        this.#isReadOnly = isReadOnly;
        for (const name of known)
            this.#known.add(name);
    }
    get(table, key) {
        const found = this.#find(PREFIX + table);
        const bytes = storeKeyOf(key);
        if (found === null || bytes === null)
            return null;
        const stored = found.get(bytes);
        return stored === undefined ? null : this.#unseal(table, bytes, stored);
    }
    /** Throws at once if the store is closed, not only when the iteration begins. */
    range(table, span = {}) {
        this.refuseIfClosed();
        return this.#iterate(table, span);
    }
    *#iterate(table, { from, below, limit, isReversed = false }) {
        const found = this.#find(PREFIX + table);
        if (found === null || limit === 0)
            return;
        const [first, beyond] = [boundOf(from), boundOf(below)];
        if (beyond !== null && beyond.length === 0)
            return;
        // Backwards, LMDB starts at the greater end and leaves the smaller one out unless it is told otherwise.
        const span = isReversed
            ? {
                ...(beyond && { start: beyond, exclusiveStart: true }),
                end: first?.length ? first : LEAST,
                inclusiveEnd: true,
            }
            : { ...(first?.length && { start: first }), ...(beyond && { end: beyond }) };
        // The iterator keeps one snapshot until it ends; `for of` ends it on a break, too.
        const entries = found.getRange({ ...span, ...(limit !== undefined && { limit }), reverse: isReversed });
        for (const { key, value } of entries) {
            yield [Buffer.from(key).toString('utf8'), this.#unseal(table, key, value)];
            // LMDB would read on in memory that is no longer mapped.
            this.refuseIfClosed();
        }
    }
    count(table) {
        const found = this.#find(PREFIX + table);
        return found === null ? 0 : countsOf(found).entryCount;
    }
    /** Bytes of the pages that hold entries. */
    sizeBytes() {
        this.refuseIfClosed();
        let bytes = 0;
        for (const name of this.#isReadOnly ? this.#names() : this.#known) {
            const found = this.#find(name);
            if (found === null)
                continue;
            const { pageSize, treeBranchPageCount, treeLeafPageCount, overflowPages } = countsOf(found);
            bytes += pageSize * (treeBranchPageCount + treeLeafPageCount + overflowPages);
        }
        return bytes;
    }
    /** The table to write to; made where there is none, which waits for the disk once. */
    toWrite(table) {
        return this.#openTable(PREFIX + table);
    }
    /** A record of our own, such as the schema. */
    own(key) {
        const bytes = Buffer.from(key);
        const stored = this.#find(OWN_TABLE)?.get(bytes);
        return stored === undefined ? null : Buffer.from(this.#unseal(OWN_TABLE, bytes, stored)).toString('utf8');
    }
    /** Sets or removes a record of our own within a transaction that is running. */
    setOwn(key, text) {
        const bytes = Buffer.from(key);
        const own = this.#openTable(OWN_TABLE);
        if (text === null)
            own.removeSync(bytes);
        else
            own.putSync(bytes, sealed(bytes, Buffer.from(text)));
    }
    /** Removes one with the next batch. */
    removeOwn(key) {
        void this.#openTable(OWN_TABLE).remove(Buffer.from(key));
    }
    /** Makes the table for our own records, since none can be made within a transaction. */
    prepareOwn() {
        this.#openTable(OWN_TABLE);
    }
    refuseIfClosed() {
        if (this.#isClosed)
            throw new StoreError('closed', `${this.#directory}: the store was closed before`);
    }
    close() {
        this.#isClosed = true;
    }
    /** A reader asks anew: the owner may have made one since. */
    #names() {
        // With some ways of opening it, LMDB's names end with a zero byte.
        return [...this.#root.getKeys()].map((name) => Buffer.from(name).toString('utf8').replace(/\0+$/, ''));
    }
    #find(name) {
        this.refuseIfClosed();
        if (!this.#isReadOnly && !this.#known.has(name))
            return null;
        return this.#open.get(name) ?? this.#openTable(name) ?? null;
    }
    #openTable(name) {
        const open = this.#open.get(name);
        if (open !== undefined)
            return open;
        const table = this.#root.openDB(name, {
            ...TABLE_FORMAT,
            ...(this.#isReadOnly && { create: false }),
        });
        if (table === undefined)
            return table;
        this.#open.set(name, table);
        this.#known.add(name);
        return table;
    }
    #unseal(table, key, stored) {
        const value = unsealed(key, stored);
        if (value !== null)
            return value;
        throw new StoreError('corrupt', `${this.#directory}: a value of the table ${table} does not match its checksum`);
    }
}
function countsOf(table) {
    const undeclared = table;
    undeclared.ensureReadTxn();
    return undeclared.db.stat();
}
/** A bound need not be a key that could be stored: it may be empty, or longer than any key. */
function boundOf(text) {
    return text === undefined ? null : Buffer.from(text, 'utf8').subarray(0, 1000);
}
