import type { Store } from '../ports/index.js';
import { StoreError } from '../ports/index.js';
import { checkSchema, inspectStore, openRoot } from './lmdb-open.js';
import { LmdbTables } from './lmdb-tables.js';
import { hasLivingOwner } from './store-claim.js';
import { storeErrorOf } from './store-failure.js';
import type { StoreSchema } from './store-place.js';

/** The half of a Store that changes nothing. */
export type StoreReader = Pick<Store, 'get' | 'range' | 'count' | 'sizeBytes' | 'close'>;

/**
 * Opens a store to look into it, next to its owner or without one. It sees each commit of the owner from the next turn
 * of the event loop on. While it iterates the owner cannot reuse the pages it looks at: do not stay in one for long.
 * @throws StoreError `corrupt`, `newer_version`, `not_writable` (nothing is there, or the lock file cannot be written:
 *   readers put themselves down in it) or `failed`.
 */
export async function openLmdbReader(options: { directory: string; schema: StoreSchema }): Promise<StoreReader> {
  const { directory, schema } = options;
  try {
    // Under the hands of its owner a file is never still; that one walked it when it began.
    const state = (await hasLivingOwner(directory)) ? 'owned' : await inspectStore(directory);
    if (state === null)
      throw new StoreError('not_writable', `${directory}: there is no store, and a reader makes none`);
    if (state !== 'owned' && state.isRollbackDue) {
      throw new StoreError('failed', `${directory}: the machine went down under it. Let its owner open it first`);
    }
    const root = await openRoot(directory, { readOnly: true });
    const tables = new LmdbTables(root, directory, true, []);
    const close = async () => {
      tables.close();
      await root.close();
    };
    try {
      checkSchema(tables, directory, schema);
    } catch (error) {
      await close();
      throw error;
    }
    let closing: Promise<void> | null = null;
    return {
      get: (table, key) => tables.get(table, key),
      range: (table, span) => tables.range(table, span),
      count: (table) => tables.count(table),
      sizeBytes: () => tables.sizeBytes(),
      close: () => {
        closing ??= close();
        return closing;
      },
    };
  } catch (error) {
    throw storeErrorOf(error, directory);
  }
}
