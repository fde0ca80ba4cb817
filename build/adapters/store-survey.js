import { statfs } from 'node:fs/promises';
import { livingOwnerOf } from './store-claim.js';
/** Never rejects: what cannot be seen is null. */
export async function surveyStore(directory) {
    const [owner, freeBytes] = await Promise.all([livingOwnerOf(directory), freeBytesOf(directory)]);
    return { owner, freeBytes };
}
async function freeBytesOf(directory) {
    try {
        const { bavail, bsize } = await statfs(directory);
        return bavail * bsize;
    }
    catch {
        // The directory is not there yet, or may not be looked at: opening the store says which.
        return null;
    }
}
