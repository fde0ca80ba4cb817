import { StoreError } from '../ports/index.js';
/** By errno (as Node's word and as the number that lmdb gives), and by LMDB's own numbers (lmdb.h). */
const FAILURES = {
    ENOSPC: 'disk_full',
    28: 'disk_full',
    EDQUOT: 'disk_full',
    122: 'disk_full',
    EFBIG: 'disk_full',
    27: 'disk_full',
    [-30792]: 'disk_full', // MDB_MAP_FULL
    EACCES: 'not_writable',
    13: 'not_writable',
    EPERM: 'not_writable',
    1: 'not_writable',
    EROFS: 'not_writable',
    30: 'not_writable',
    ENOENT: 'not_writable',
    2: 'not_writable',
    ENOTDIR: 'not_writable',
    20: 'not_writable',
    EEXIST: 'not_writable', // the directory is a file
    [-30797]: 'corrupt', // MDB_PAGE_NOTFOUND
    [-30796]: 'corrupt', // MDB_CORRUPTED
    [-30794]: 'corrupt', // MDB_VERSION_MISMATCH
    [-30793]: 'corrupt', // MDB_INVALID
};
/** What an error of the file system or of LMDB means, with the directory in front. A StoreError stays as it is. */
export function storeErrorOf(error, directory) {
    if (error instanceof StoreError)
        return error;
    const { code, message } = error;
    return new StoreError(FAILURES[String(code)] ?? 'failed', `${directory}: ${message ?? error}`, { cause: error });
}
