import { statfsSync, statSync } from 'node:fs';
import type { Durability, Store, StoreChange, StoreRange } from '../ports/index.js';
import { releaseBytes, StoreError } from '../ports/index.js';
import { checkSchema, inspectStore, type LmdbRoot, openRoot, writeSchema } from './lmdb-open.js';
import { type LmdbTable, LmdbTables } from './lmdb-tables.js';
import { StoreClaim } from './store-claim.js';
import { storeErrorOf } from './store-failure.js';
import { Fill } from './store-fill.js';
import { LateFlush } from './store-flush.js';
import { dataFileOf, type StoreSchema } from './store-place.js';
import { footprintOf, type Write, writeOf } from './store-write.js';

export interface LmdbStoreOptions {
  /** Made if missing. Not on a network file system: LMDB maps its file into memory, and locks by that memory. */
  readonly directory: string;
  /**
   * `power`: LMDB's `overlappingSync`. A commit resolves when the pages of its group were flushed (`fdatasync`) and the
   * note of that was written through (`O_DSYNC`). After a power cut LMDB goes back to the last such note.
   *
   * `process`: LMDB's `noSync`. A commit resolves when the kernel has it, which outlives the process but not the
   * machine; it is flushed within a second. After a power cut the kernel may have written the pages in any order:
   * the next opening finds the file sound, perhaps without its last seconds, or refuses it as `corrupt`.
   */
  readonly durability: Durability;
  /**
   * What the entries may take, in bytes of their pages. Beyond it, commits that add entries and make the store larger are
   * refused as `disk_full`; those that remove or replace go on, and so do releases, for a little more. The file is
   * somewhat larger, since it never shrinks, and LMDB writes pages anew before it lets go of the old ones: as long as an
   * iteration lasts, of all of them. Default 1 GiB, at least 1 MiB.
   */
  readonly maxBytes?: number;
  readonly schema: StoreSchema;
  /** Rewrites what an older version wrote, before anybody else uses the store. Required where versions differ. */
  readonly migrate?: (store: Store, fromVersion: number) => Promise<void>;
  /**
   * Where the kernel cannot tell whether the owner lives: how long it is watched for a sign of life, in milliseconds.
   * Default 15,000, three heartbeats.
   */
  readonly ownerStaleAfterMs?: number;
}

export const STORE_DEFAULTS = { maxBytes: 1_073_741_824, ownerStaleAfterMs: 15_000 } as const;
export const MIN_STORE_BYTES = 1_048_576;
const MIN_SPARE_BYTES = 16_777_216;
/** How often the owner gives its sign of life. */
const HEARTBEAT_MS = 5_000;
/** Bounds of a group, so that none keeps the next one waiting for long. */
const GROUP_COMMITS = 4_096;
const GROUP_BYTES = 8_388_608;
const OWNER = 'owner';
/** A record that never exists, to be removed. */
const NOTHING = 'nothing';
const EIO = 5;
/** A disk with less room than this counts as full. */
const FULL_DISK_BYTES = 1_048_576;
/** Closing waits for flushes that lmdb forgets to end when a commit failed. */
const CLOSE_MS = 5_000;

/**
 * Opens the store of a directory, and makes one where there is none. LMDB dies of a damaged file, so the file is walked
 * first, which takes some milliseconds per megabyte in use.
 * @throws StoreError `in_use`, `not_writable`, `disk_full`, `corrupt`, `newer_version` or `failed`.
 */
export async function openLmdbStore(options: LmdbStoreOptions): Promise<Store> {
  const { directory, ownerStaleAfterMs = STORE_DEFAULTS.ownerStaleAfterMs } = options;
  try {
    const claim = await StoreClaim.stake(directory, ownerStaleAfterMs);
    try {
      return await openClaimed(options, claim);
    } catch (error) {
      await claim.release();
      throw error;
    }
  } catch (error) {
    throw storeErrorOf(error, directory);
  }
}

async function openClaimed(options: LmdbStoreOptions, claim: StoreClaim): Promise<Store> {
  const { directory, schema, durability } = options;
  const maxBytes = Math.max(MIN_STORE_BYTES, options.maxBytes ?? STORE_DEFAULTS.maxBytes);
  // Addresses, not memory. LMDB maps anew beyond it, but need not.
  const mapSize = maxBytes + Math.max(MIN_SPARE_BYTES, Math.ceil(maxBytes / 4));
  await claim.refuseIfOwned();
  const state = await inspectStore(directory).catch(async (error: unknown) => {
    // What somebody writes to meanwhile looks damaged; then it is in use instead.
    await claim.refuseIfOwned();
    throw error;
  });
  // Only an opening with overlappingSync goes back to what was flushed.
  if (state?.isRollbackDue) await (await openRoot(directory, { mapSize, overlappingSync: true })).close();
  const isPower = durability === 'power';
  const root = await openRoot(directory, { mapSize, noSync: !isPower, overlappingSync: isPower });
  const tables = new LmdbTables(root, directory, false, state?.tables.keys() ?? []);
  const store = new LmdbStore({ root, tables, directory, maxBytes, durability, claim });
  try {
    tables.prepareOwn();
    const olderVersion = checkSchema(tables, directory, schema);
    await claim.win({
      read: () => tables.own(OWNER),
      replace: (expected, next) =>
        root.transactionSync(() => {
          if (tables.own(OWNER) !== expected) return false;
          tables.setOwn(OWNER, next);
          return true;
        }),
    });
    store.begin();
    if (olderVersion !== null) await migrate(options, store, olderVersion);
    writeSchema(root, tables, directory, schema);
    return store;
  } catch (error) {
    // Why it cannot be opened says more than what its end failed with.
    await store.close().catch(() => {});
    throw error;
  }
}

async function migrate({ directory, schema, migrate }: LmdbStoreOptions, store: Store, from: number): Promise<void> {
  if (migrate === undefined) {
    throw new StoreError(
      'failed',
      `${directory}: nothing brings version ${from} of ${schema.name} to ${schema.version}`,
    );
  }
  await migrate(store, from);
}

interface LmdbStoreParts {
  readonly root: LmdbRoot;
  readonly tables: LmdbTables;
  readonly directory: string;
  readonly durability: Durability;
  readonly maxBytes: number;
  readonly claim: StoreClaim;
}

interface Asked {
  readonly writes: readonly Write[];
  readonly isRelease: boolean;
  readonly bytes: number;
  /** What it adds to the pages at most. */
  readonly footprint: number;
  readonly resolve: () => void;
  readonly reject: (error: StoreError) => void;
}

/**
 * One group of commits is under way at a time, as one transaction of LMDB; what is asked meanwhile makes up the next. lmdb
 * writes and flushes it on a thread of its own, so no disk however slow holds up the event loop. Its promise fails for
 * the transaction as a whole; then halves of the group are tried, until those that do not fit are alone.
 */
class LmdbStore implements Store {
  readonly #parts: LmdbStoreParts;
  readonly #inode: number;
  /** Used with durability `process` alone. */
  readonly #lateFlush: LateFlush;
  #queue: Asked[] = [];
  #running: Promise<void> | null = null;
  #closing: Promise<void> | null = null;
  /** Why nothing can be committed any more: the disk failed, or the store was lost. */
  #broken: StoreError | null = null;
  #fullAtBytes: number | null = null;
  #heartbeat: NodeJS.Timeout | null = null;

  constructor(parts: LmdbStoreParts) {
    this.#parts = parts;
    this.#lateFlush = new LateFlush(parts.root, (error) => {
      this.#broken ??= storeErrorOf(error, parts.directory);
    });
    this.#inode = statSync(dataFileOf(parts.directory)).ino;
  }

  /** From now on it is owned. */
  begin(): void {
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS).unref();
  }

  get(table: string, key: string): Uint8Array | null {
    return this.#parts.tables.get(table, key);
  }

  range(table: string, span?: StoreRange): Iterable<readonly [key: string, value: Uint8Array]> {
    return this.#parts.tables.range(table, span);
  }

  count(table: string): number {
    return this.#parts.tables.count(table);
  }

  /** Bytes of the pages that hold entries, which is what `maxBytes` limits. The file may be larger: it never shrinks. */
  sizeBytes(): number {
    return this.#parts.tables.sizeBytes();
  }

  async commit(changes: readonly StoreChange[], isRelease = false): Promise<void> {
    if (this.#closing !== null) throw this.#closed();
    const writes: Write[] = [];
    let bytes = 0;
    let footprint = 0;
    for (const change of changes) {
      const write = writeOf(change);
      writes.push(write);
      bytes += write.key.length + (write.value?.length ?? 0);
      footprint += footprintOf(write);
    }
    if (writes.length === 0 && this.#queue.length === 0 && this.#running === null) return;
    await new Promise<void>((resolve, reject) => {
      this.#queue.push({ writes, isRelease, bytes, footprint, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { root, tables, claim } = this.#parts;
    await this.#running;
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat);
    await this.#lateFlush.stop();
    claim.resign();
    tables.close();
    const brokenBefore = this.#broken;
    // On its way out LMDB flushes what noSync left behind, but for the last of it only here.
    if (this.#parts.durability === 'process') await this.#lateFlush.now();
    await Promise.race([root.close(), new Promise((resolve) => setTimeout(resolve, CLOSE_MS).unref())]);
    await claim.release();
    // No commit is left to be refused over it: whoever closes hears that the last second may be gone with the power.
    if (brokenBefore === null && this.#broken !== null) throw this.#broken;
  }

  async #run(): Promise<void> {
    // All that is asked in the same turn shares the group.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#queue.length > 0) {
      const group = this.#takeGroup();
      try {
        await this.#runGroup(group);
      } catch (error) {
        // Such as a value whose checksum is wrong, met while sizes were compared. Whoever was settled stays so.
        const failure = storeErrorOf(error, this.#parts.directory);
        for (const { reject } of group) reject(failure);
      }
    }
    this.#running = null;
  }

  #takeGroup(): readonly Asked[] {
    let size = 0;
    for (let bytes = 0; size < this.#queue.length && size < GROUP_COMMITS; size++) {
      bytes += this.#queue[size]?.bytes ?? 0;
      if (size > 0 && bytes > GROUP_BYTES) break;
    }
    return this.#queue.splice(0, size);
  }

  async #runGroup(group: readonly Asked[]): Promise<void> {
    const refusals = this.#refusals(group);
    const admitted = refusals.size === 0 ? group : group.filter((asked) => !refusals.has(asked));
    const failure = admitted.length === 0 ? null : await this.#write(admitted);
    if (failure?.failure === 'disk_full' && admitted.length > 1) {
      const half = Math.ceil(group.length / 2);
      await this.#runGroup(group.slice(0, half));
      await this.#runGroup(group.slice(half));
      return;
    }
    for (const asked of group) {
      const error = refusals.get(asked) ?? failure;
      if (error === null) asked.resolve();
      else asked.reject(error);
    }
  }

  /** Those that may not be written: all of a broken store, and what does not fit in a full one. */
  #refusals(group: readonly Asked[]): Map<Asked, StoreError> {
    const broken = this.#broken;
    if (broken !== null) return new Map(group.map((asked) => [asked, broken]));
    const { tables, directory } = this.#parts;
    const used = tables.sizeBytes();
    const maxBytes = this.#limitBytes();
    const refusals = new Map<Asked, StoreError>();
    const upperBound = group.reduce((sum, { footprint }) => sum + footprint, used);
    if (upperBound <= maxBytes) return refusals;
    const fill = new Fill(tables, used);
    for (const asked of group) {
      if (fill.admit(asked.writes, asked.isRelease ? this.#limitBytes(true) : maxBytes)) continue;
      const message = `${directory}: ${used} of ${maxBytes} bytes are in use. Raise the limit, or let entries go`;
      refusals.set(asked, new StoreError('disk_full', message));
    }
    return refusals;
  }

  /** @returns Why it failed; then nothing of it is there. */
  async #write(group: readonly Asked[]): Promise<StoreError | null> {
    const { root, tables, durability } = this.#parts;
    try {
      // A table is made in a transaction of its own, before: lmdb can make none in the midst of a batch.
      const targets = new Map<string, LmdbTable>();
      for (const { writes } of group) {
        for (const { table } of writes) if (!targets.has(table)) targets.set(table, tables.toWrite(table));
      }
      await root.batch(() => {
        for (const { writes } of group) {
          for (const { table, key, value } of writes) {
            const target = targets.get(table);
            if (value === null) void target?.remove(key);
            else void target?.put(key, value);
          }
        }
      });
      if (durability === 'process') this.#lateFlush.soon();
      return this.#refuseIfGone();
    } catch (error) {
      const failure = this.#failureOf(await causeOf(error));
      await this.#recover(failure);
      return failure;
    }
  }

  /** What was in use when the disk was full is the limit while it is: what fits below lies in the file's free pages. */
  #limitBytes(isRelease = false): number {
    if (this.#fullAtBytes !== null && roomBytes(this.#parts.directory) >= FULL_DISK_BYTES) this.#fullAtBytes = null;
    const { maxBytes } = this.#parts;
    const limit = isRelease ? maxBytes + releaseBytes(maxBytes) : maxBytes;
    return Math.min(limit, this.#fullAtBytes ?? Number.POSITIVE_INFINITY);
  }

  #failureOf(cause: unknown): StoreError {
    const { directory } = this.#parts;
    // LMDB reports a write that was cut short as EIO; where no room is left, that is why.
    const isCutShort = (cause as { code?: unknown }).code === EIO && roomBytes(directory) < FULL_DISK_BYTES;
    if (!isCutShort) return storeErrorOf(cause, directory);
    return new StoreError('disk_full', `${directory}: no space is left on the disk`, { cause });
  }

  /**
   * After a failure lmdb must end a transaction before it may be closed, else it waits for one for ever; and it hangs
   * rather than fails if LMDB has given this file up, which it does when it could not write a meta page.
   */
  async #recover(failure: StoreError): Promise<void> {
    const { root, tables } = this.#parts;
    if (failure.failure === 'disk_full') this.#fullAtBytes = tables.sizeBytes();
    try {
      // On this path, what LMDB refuses is thrown.
      root.transactionSync(() => tables.setOwn(NOTHING, null));
      await root.batch(() => tables.removeOwn(NOTHING));
    } catch {
      this.#broken ??= failure;
    }
  }

  /** What is written to a file without a name is lost when the process ends, whatever the disk says. */
  #refuseIfGone(): StoreError | null {
    const { directory } = this.#parts;
    const path = dataFileOf(directory);
    if (statSync(path, { throwIfNoEntry: false })?.ino === this.#inode) return null;
    this.#broken ??= new StoreError('failed', `${path} was removed or replaced while the store was open. Start again`);
    return this.#broken;
  }

  #beat(): void {
    const { claim, directory } = this.#parts;
    if (claim.beat()) return;
    this.#broken ??= new StoreError('in_use', `${directory} was taken over by another process`);
  }

  #closed(): StoreError {
    return new StoreError('closed', `${this.#parts.directory}: the store was closed before`);
  }
}

function roomBytes(directory: string): number {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** lmdb rejects with a general error, and tells the cause by a promise in it, which nobody else takes care of. */
async function causeOf(error: unknown): Promise<unknown> {
  const { commitError } = error as { commitError?: Promise<unknown> };
  if (commitError === undefined) return error;
  return await commitError.catch((cause: unknown) => cause);
}
