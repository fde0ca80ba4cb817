import type { Database, RootDatabase } from 'lmdb';
import { StoreError, type StoreRange } from '../ports/index.js';
import { storeKeyOf } from './store-key.js';
import { sealed, unsealed } from './store-seal.js';

export type LmdbTable = Database<Buffer, Buffer>;

/** Each table of ours is one of LMDB's, under this word, so that none is taken for our own records. */
const PREFIX = 'table:';
export const OWN_TABLE = 'store';
/** Keys are plain bytes, compared as such. Values are plain bytes as well: no encoder, no shared structures. */
export const TABLE_FORMAT = { encoding: 'binary', keyEncoding: 'binary' } as const;

/** No key is less. */
const LEAST = Buffer.from([0]);

/** What lmdb has and does not declare. `stat` counts pages without a walk; `getStats` would walk the free ones. */
interface Undeclared {
  ensureReadTxn(): void;
  readonly db: { stat(): TableCounts };
}

interface TableCounts {
  readonly pageSize: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
  readonly entryCount: number;
}

/** The tables of one open file, to read from and to find. */
export class LmdbTables {
  readonly #root: RootDatabase<Buffer, Buffer>;
  readonly #directory: string;
  readonly #isReadOnly: boolean;
  readonly #known = new Set<string>();
  readonly #open = new Map<string, LmdbTable>();
  /** Those that were read, by the caller's names: to put LMDB's together anew costs a lookup a good part of its time. */
  readonly #read = new Map<string, LmdbTable>();
  #isClosed = false;

  /** @param known The names that {@link inspectLmdbFile} found. A reader finds later ones, too. */
  constructor(root: RootDatabase<Buffer, Buffer>, directory: string, isReadOnly: boolean, known: Iterable<string>) {
    this.#root = root;
    this.#directory = directory;
    this.#isReadOnly = isReadOnly;
    for (const name of known) this.#known.add(name);
  }

  get(table: string, key: string): Uint8Array | null {
    const found = this.#toRead(table);
    const bytes = storeKeyOf(key);
    if (found === null || bytes === null) return null;
    const stored = found.get(bytes);
    return stored === undefined ? null : this.#unseal(table, bytes, stored);
  }

  /** Throws at once if the store is closed, not only when the iteration begins. */
  range(table: string, span: StoreRange = {}): Iterable<readonly [key: string, value: Uint8Array]> {
    this.refuseIfClosed();
    return this.#iterate(table, span);
  }

  *#iterate(
    table: string,
    { from, below, limit, isReversed = false }: StoreRange,
  ): Generator<readonly [key: string, value: Uint8Array]> {
    const found = this.#find(PREFIX + table);
    if (found === null || limit === 0) return;
    const [first, beyond] = [boundOf(from), boundOf(below)];
    if (beyond !== null && beyond.length === 0) return;
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

  count(table: string): number {
    const found = this.#find(PREFIX + table);
    return found === null ? 0 : countsOf(found).entryCount;
  }

  /** Bytes of the pages that hold entries. */
  sizeBytes(): number {
    this.refuseIfClosed();
    let bytes = 0;
    for (const name of this.#isReadOnly ? this.#names() : this.#known) {
      const found = this.#find(name);
      if (found === null) continue;
      const { pageSize, treeBranchPageCount, treeLeafPageCount, overflowPages } = countsOf(found);
      bytes += pageSize * (treeBranchPageCount + treeLeafPageCount + overflowPages);
    }
    return bytes;
  }

  /** The table to write to; made where there is none, which waits for the disk once. */
  toWrite(table: string): LmdbTable {
    return this.#openTable(PREFIX + table);
  }

  /** A record of our own, such as the schema. */
  own(key: string): string | null {
    const bytes = Buffer.from(key);
    const stored = this.#find(OWN_TABLE)?.get(bytes);
    return stored === undefined ? null : Buffer.from(this.#unseal(OWN_TABLE, bytes, stored)).toString('utf8');
  }

  /** Sets or removes a record of our own within a transaction that is running. */
  setOwn(key: string, text: string | null): void {
    const bytes = Buffer.from(key);
    const own = this.#openTable(OWN_TABLE);
    if (text === null) own.removeSync(bytes);
    else own.putSync(bytes, sealed(bytes, Buffer.from(text)));
  }

  /** Removes one with the next batch. */
  removeOwn(key: string): void {
    void this.#openTable(OWN_TABLE).remove(Buffer.from(key));
  }

  /** Makes the table for our own records, since none can be made within a transaction. */
  prepareOwn(): void {
    this.#openTable(OWN_TABLE);
  }

  refuseIfClosed(): void {
    if (this.#isClosed) throw new StoreError('closed', `${this.#directory}: the store was closed before`);
  }

  close(): void {
    this.#isClosed = true;
  }

  /** A reader asks anew: the owner may have made one since. */
  #names(): string[] {
    // With some ways of opening it, LMDB's names end with a zero byte.
    return [...this.#root.getKeys()].map((name) => Buffer.from(name).toString('utf8').replace(/\0+$/, ''));
  }

  #toRead(table: string): LmdbTable | null {
    this.refuseIfClosed();
    const known = this.#read.get(table);
    if (known !== undefined) return known;
    const found = this.#find(PREFIX + table);
    if (found !== null) this.#read.set(table, found);
    return found;
  }

  #find(name: string): LmdbTable | null {
    this.refuseIfClosed();
    if (!this.#isReadOnly && !this.#known.has(name)) return null;
    return this.#open.get(name) ?? (this.#openTable(name) as LmdbTable | undefined) ?? null;
  }

  #openTable(name: string): LmdbTable {
    const open = this.#open.get(name);
    if (open !== undefined) return open;
    const table = this.#root.openDB<Buffer, Buffer>(name, {
      ...TABLE_FORMAT,
      ...(this.#isReadOnly && { create: false }),
    });
    if (table === undefined) return table;
    this.#open.set(name, table);
    this.#known.add(name);
    return table;
  }

  #unseal(table: string, key: Uint8Array, stored: Uint8Array): Uint8Array {
    const value = unsealed(key, stored);
    if (value !== null) return value;
    throw new StoreError('corrupt', `${this.#directory}: a value of the table ${table} does not match its checksum`);
  }
}

function countsOf(table: LmdbTable): TableCounts {
  const undeclared = table as unknown as Undeclared;
  undeclared.ensureReadTxn();
  return undeclared.db.stat();
}

/** A bound need not be a key that could be stored: it may be empty, or longer than any key. */
function boundOf(text: string | undefined): Buffer | null {
  return text === undefined ? null : Buffer.from(text, 'utf8').subarray(0, 1000);
}
