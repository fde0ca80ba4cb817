import { statSync } from 'node:fs';
import { join } from 'node:path';

/** What a store holds, so that no other program's is taken for it. */
export interface StoreSchema {
  readonly name: string;
  /** A whole number from 1 on. Counts up when older code could not read what newer code wrote. */
  readonly version: number;
}

/** LMDB's own name. */
export const DATA_FILE = 'data.mdb';
/** Written once the store was made: a data file that is missing or empty afterwards was lost, not never made. */
export const MADE_FILE = 'store.json';

export function dataFileOf(directory: string): string {
  return join(directory, DATA_FILE);
}

/** Whether a store was made there, whatever became of it since. */
export function hasStore(directory: string): boolean {
  try {
    return [DATA_FILE, MADE_FILE].some((file) => statSync(join(directory, file), { throwIfNoEntry: false }));
  } catch {
    return true; // one may not even look: opening it says why
  }
}
