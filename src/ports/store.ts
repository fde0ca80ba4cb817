/**
 * Port: a small durable store of named tables, each a map from text to bytes in the order of its keys. One process owns
 * it at a time. Reads are synchronous and see what is committed; writes are grouped, so that many commits may share one
 * flush of the disk.
 */
export interface Store {
  /** The value, or null. The bytes are the caller's to keep. */
  get(table: string, key: string): Uint8Array | null;
  /** Entries in the order of their keys (bytewise), as they were when the iteration began. */
  range(table: string, span?: StoreRange): Iterable<readonly [key: string, value: Uint8Array]>;
  /** Entries of a table. */
  count(table: string): number;
  /**
   * Makes all of the changes or none of them. Commits take effect in the order they were asked for.
   * @param isRelease It notes the end of what takes up room, so that this may go soon: where a limit of its size is all that
   *   is in its way, the store takes a little more, {@link releaseBytes}.
   * @returns Resolves when they are as durable as the store was opened to make them.
   * @throws StoreError (as a rejection). After `disk_full` and `failed` nothing of it is there, and later commits may
   *   succeed.
   */
  commit(changes: readonly StoreChange[], isRelease?: boolean): Promise<void>;
  /** What it takes on disk, in bytes. */
  sizeBytes(): number;
  /**
   * Waits for the commits that were asked for, then lets go of everything. Later calls throw or reject.
   * @throws StoreError (as a rejection) if the last of what was committed could not be flushed. It is closed all the same.
   */
  close(): Promise<void>;
}

/** What a store with this limit takes beyond it, for releases alone: a sixteenth, and 64 KiB at least. In bytes. */
export function releaseBytes(maxBytes: number): number {
  return Math.max(65_536, Math.ceil(maxBytes / 16));
}

/** One value to set, or to remove where `value` is null. */
export interface StoreChange {
  readonly table: string;
  /** 1 to 500 bytes of UTF-8. */
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** Which entries, and how many. */
export interface StoreRange {
  /** First key that belongs to it. Default: the first of all. */
  readonly from?: string;
  /** First key beyond it. Default: none. */
  readonly below?: string;
  /** Entries at most. Default: no limit. */
  readonly limit?: number;
  /** From the last to the first. Default false. */
  readonly isReversed?: boolean;
}

/**
 * Against what a resolved commit is safe. `process`: the process may be killed at any moment. `power`: so may the
 * machine; each group of commits waits for the disk.
 */
export const DURABILITIES = ['process', 'power'] as const;
export type Durability = (typeof DURABILITIES)[number];

/** Why a store failed. */
export const STORE_FAILURES = {
  disk_full: 'No space is left, on the disk or under the size limit that was set. Free some, or raise the limit.',
  not_writable: 'The directory cannot be made or written. Check its owner, its mode and the mount.',
  in_use: 'Another process owns the store. Give each process a directory of its own.',
  corrupt: 'The files are damaged, or are no store of ours. Move them away, so that a new one is made.',
  newer_version: 'A newer version wrote the store. Run that version, or give this one another directory.',
  closed: 'The store was closed before.',
  failed: 'The store could not do it; the message says why.',
} as const;
export type StoreFailure = keyof typeof STORE_FAILURES;

/** What a {@link Store} throws and rejects with. The message names the directory, the cause and what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly failure: StoreFailure;

  constructor(failure: StoreFailure, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.failure = failure;
  }
}
