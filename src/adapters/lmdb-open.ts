import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { RootDatabase, RootDatabaseOptionsWithPath } from 'lmdb';
import { StoreError } from '../ports/index.js';
import { bootNumberOf, DamagedFile, inspectLmdbFile, type LmdbFileState } from './lmdb-file.js';
import { type LmdbTables, OWN_TABLE, TABLE_FORMAT } from './lmdb-tables.js';
import { readBootId } from './store-owner.js';
import { DATA_FILE, dataFileOf, MADE_FILE, type StoreSchema } from './store-place.js';

export type LmdbRoot = RootDatabase<Buffer, Buffer>;

/** LMDB's own name. */
const LOCK_FILE = 'lock.mdb';
/** More than LMDB needs for its 126 readers. */
const LOCK_FILE_BYTES = 65_536;
const SCHEMA = 'schema';
const MAX_TABLES = 64;

/**
 * Opens LMDB, which must only be done with a file that {@link inspectStore} found sound. `lmdb` is loaded here and
 * nowhere else: who keeps no journal needs no native code.
 */
export async function openRoot(
  directory: string,
  options: Pick<RootDatabaseOptionsWithPath, 'noSync' | 'overlappingSync' | 'readOnly' | 'mapSize'>,
): Promise<LmdbRoot> {
  if (options.readOnly !== true) allocateLockFile(directory);
  const { open } = await loadLmdb();
  return open<Buffer, Buffer>({
    path: directory,
    // By itself lmdb takes a path with a dot in it for a file.
    noSubdir: false,
    maxDbs: MAX_TABLES,
    // One mapping for the life of the store, of addresses and not of memory, so that none is moved under a read.
    remapChunks: false,
    // The batches are ours. Those that lmdb would make of a turn reject promises that nobody holds.
    eventTurnBatching: false,
    ...TABLE_FORMAT,
    ...({ permissionsMode: 0o600 } as object),
    ...options,
  });
}

/**
 * LMDB makes its lock file by setting its length, and writes to it by memory: on a full disk that ends the process by
 * SIGBUS. A file that is all there has its place on the disk.
 */
function allocateLockFile(directory: string): void {
  const path = join(directory, LOCK_FILE);
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return;
  const whole = `${path}.${process.pid}`;
  try {
    writeFileSync(whole, new Uint8Array(LOCK_FILE_BYTES), { mode: 0o600 });
    linkSync(whole, path);
  } catch (error) {
    // Who else opens the store may have been faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(whole, { force: true });
  }
}

/** The native code comes prebuilt, in an optional package for each platform: an installation may well lack it. */
async function loadLmdb(): Promise<typeof import('lmdb')> {
  try {
    return await import('lmdb');
  } catch (error) {
    const said = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
    throw new StoreError(
      'failed',
      `the journal needs native code that cannot be loaded (${said}): npm install ${nativePackage()}`,
      { cause: error },
    );
  }
}

/** As lmdb names the package of its binaries, in the version that belongs to it. */
function nativePackage(): string {
  const name = `@lmdb/lmdb-${process.platform}-${process.arch}`;
  try {
    const main = createRequire(import.meta.url).resolve('lmdb');
    // Its package.json is not exported, but lies above the folder of its main module.
    const { optionalDependencies } = JSON.parse(readFileSync(join(dirname(main), '..', 'package.json'), 'utf8')) as {
      readonly optionalDependencies?: Readonly<Record<string, string>>;
    };
    const version = optionalDependencies?.[name];
    return version === undefined ? name : `${name}@${version}`;
  } catch {
    return `lmdb ${name}`; // lmdb itself is missing
  }
}

/**
 * @returns What is in the file, or null where there is none yet.
 * @throws StoreError `corrupt`.
 */
export async function inspectStore(directory: string): Promise<LmdbFileState | null> {
  const path = dataFileOf(directory);
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) {
    if (statSync(join(directory, MADE_FILE), { throwIfNoEntry: false }) === undefined) return null;
    throw corrupt(directory, `${DATA_FILE} is missing or empty, though there was a store`);
  }
  try {
    const state = await inspectLmdbFile(path, bootNumberOf(readBootId()));
    if (state.strayEntries > 0 || (state.tables.size > 0 && !state.tables.has(OWN_TABLE))) {
      throw corrupt(directory, `${DATA_FILE} is another program's`);
    }
    return state;
  } catch (error) {
    if (error instanceof DamagedFile) throw corrupt(directory, `${DATA_FILE} is damaged: ${error.message}`, error);
    throw error;
  }
}

/**
 * Compares the schema with the one that was written.
 * @returns The older version that is to be migrated from, or null.
 * @throws StoreError `newer_version` or `corrupt`.
 */
export function checkSchema(tables: LmdbTables, directory: string, schema: StoreSchema): number | null {
  const text = tables.own(SCHEMA);
  if (text === null) return null;
  const { name, version } = JSON.parse(text) as StoreSchema;
  if (name !== schema.name) throw corrupt(directory, `it is a store of ${name}, not of ${schema.name}`);
  if (version > schema.version) {
    throw new StoreError(
      'newer_version',
      `${directory}: version ${version} of ${name} wrote it, and this is version ${schema.version}. Run the newer one, or give this one another directory`,
    );
  }
  return version < schema.version ? version : null;
}

/** Notes the schema, in the store and for people. */
export function writeSchema(root: LmdbRoot, tables: LmdbTables, directory: string, schema: StoreSchema): void {
  const text = JSON.stringify({ name: schema.name, version: schema.version });
  if (tables.own(SCHEMA) !== text) root.transactionSync(() => tables.setOwn(SCHEMA, text));
  const path = join(directory, MADE_FILE);
  if (textOf(path) !== text) writeFileSync(path, text, { mode: 0o600, flush: true });
}

function corrupt(directory: string, what: string, cause?: unknown): StoreError {
  return new StoreError('corrupt', `${directory}: ${what}. Move the directory away, so that a new one is made`, {
    cause,
  });
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
