import { statfs } from 'node:fs/promises';
import { livingOwnerOf } from './store-claim.js';

/** Who owns a store, and what room there is around it. */
export interface StoreSurroundings {
  /** `pid 7 on host a`; null where nobody does, as far as can be told from here. */
  readonly owner: string | null;
  /** What is left on its file system for whoever may write there, in bytes; null where the system does not tell. */
  readonly freeBytes: number | null;
}

/** Never rejects: what cannot be seen is null. */
export async function surveyStore(directory: string): Promise<StoreSurroundings> {
  const [owner, freeBytes] = await Promise.all([livingOwnerOf(directory), freeBytesOf(directory)]);
  return { owner, freeBytes };
}

async function freeBytesOf(directory: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch {
    // The directory is not there yet, or may not be looked at: opening the store says which.
    return null;
  }
}
