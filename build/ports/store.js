/**
 * Against what a resolved commit is safe. `process`: the process may be killed at any moment. `power`: so may the
 * machine; each group of commits waits for the disk.
 */
export const DURABILITIES = ['process', 'power'];
/** Why a store failed. */
export const STORE_FAILURES = {
    disk_full: 'No space is left, on the disk or under the size limit that was set. Free some, or raise the limit.',
    not_writable: 'The directory cannot be made or written. Check its owner, its mode and the mount.',
    in_use: 'Another process owns the store. Give each process a directory of its own.',
    corrupt: 'The files are damaged, or are no store of ours. Move them away, so that a new one is made.',
    newer_version: 'A newer version wrote the store. Run that version, or give this one another directory.',
    closed: 'The store was closed before.',
    failed: 'The store could not do it; the message says why.',
};
/** What a {@link Store} throws and rejects with. The message names the directory, the cause and what to do. */
export class StoreError extends Error {
    name = 'StoreError';
    failure;
    constructor(failure, message, options) {
        super(message, options);
        this.failure = failure;
    }
}
