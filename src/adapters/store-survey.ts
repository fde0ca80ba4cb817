import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { livingOwnerOf } from './store-claim.js';

/**
 * Whether a store can be written: `by_us`; `by_others`, whose user is not ours; `by_nobody`, as its file system is mounted
 * read-only; null where that cannot be told.
 */
export type Writability = 'by_us' | 'by_others' | 'by_nobody' | null;

/** Who owns a store, and what room there is around it. */
export interface StoreSurroundings {
  /** `pid 7 on host a`; null where nobody does, as far as can be told from here. */
  readonly owner: string | null;
  /** What is left on its file system for whoever may write there, in bytes; null where the system does not tell. */
  readonly freeBytes: number | null;
  /** Of its directory; where it was never made, of the one in which it would be. */
  readonly writable: Writability;
}

/** Never rejects: what cannot be seen is null. */
export async function surveyStore(directory: string): Promise<StoreSurroundings> {
  const [owner, freeBytes, writable] = await Promise.all([
    livingOwnerOf(directory),
    freeBytesOf(directory),
    writabilityOf(directory),
  ]);
  return { owner, freeBytes, writable };
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

/** @param may Asks the system, and rejects as `fs.access` does. For tests. */
export async function writabilityOf(
  directory: string,
  may: (path: string) => Promise<void> = (path) => access(path, constants.W_OK | constants.X_OK),
): Promise<Writability> {
  try {
    await may(directory);
    return 'by_us';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'EROFS') return 'by_nobody';
    if (code === 'EACCES' || code === 'EPERM') return 'by_others';
    const parent = dirname(directory);
    return code === 'ENOENT' && parent !== directory ? writabilityOf(parent, may) : null;
  }
}
