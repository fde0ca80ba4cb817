import { MIN_STORE_BYTES, openLmdbReader, openLmdbStore, STORE_DEFAULTS, type StoreReader } from './adapters/index.js';
import { ConnectorError } from './connector-error.js';
import { JOURNAL_DEFAULTS, JOURNAL_SCHEMA, migrateJournal, resolveJournalPolicy } from './delivery/index.js';
import { DURABILITIES, type Durability, described, STORE_FAILURES, type Store, StoreError } from './ports/index.js';

/** Where and how the journal is kept. */
export interface JournalOptions {
  /**
   * A directory of this app's own, on a local file system; it is made if missing. One process uses it at a time.
   */
  readonly directory: string;
  /**
   * What an acked event is safe against. `power` (default): the process may be killed at any moment, and so may the
   * machine; acks wait for the disk, which many share. `process`: a machine that loses its power may take the last second
   * with it; about ten times the events where they come one by one, and some microseconds less before each ack.
   */
  readonly durability?: Durability;
  /** Milliseconds the ids of finished events are remembered. Default 86,400,000: a day. At least eight hours. */
  readonly retentionMs?: number;
  /**
   * Bytes that the journal may take. Default 1 GiB, at least 1 MiB. When it is full, events are not acked, so that the
   * platform pushes them again, and `journal_failed` says `disk_full`; what ends events may take a sixteenth more. An event
   * that waits for its retry may keep 16 KiB, as those that came together share a row: give it that for each of them.
   */
  readonly maxBytes?: number;
}

export type ResolvedJournalOptions = Required<JournalOptions>;

const OPTION_NAMES: Readonly<Record<keyof JournalOptions, true>> = {
  directory: true,
  durability: true,
  retentionMs: true,
  maxBytes: true,
};

/**
 * The options with every default in place.
 * @throws RangeError naming option, bound and value.
 */
export function resolveJournalOptions(options: JournalOptions): ResolvedJournalOptions {
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(OPTION_NAMES, name)) {
      throw new RangeError(`unknown option journal.${name}; known are ${Object.keys(OPTION_NAMES).join(', ')}`);
    }
  }
  const { directory, durability = 'power', retentionMs, maxBytes = STORE_DEFAULTS.maxBytes } = options;
  if (typeof directory !== 'string' || directory === '') {
    throw new RangeError(`journal.directory must be a path, got ${described(directory)}`);
  }
  if (!DURABILITIES.includes(durability)) {
    throw new RangeError(`journal.durability must be one of ${DURABILITIES.join(', ')}, got ${String(durability)}`);
  }
  if (!Number.isSafeInteger(maxBytes) || maxBytes < MIN_STORE_BYTES) {
    throw new RangeError(`journal.maxBytes must be a whole number from ${MIN_STORE_BYTES}, got ${maxBytes}`);
  }
  return { directory, durability, maxBytes, retentionMs: retentionOf(retentionMs ?? JOURNAL_DEFAULTS.retentionMs) };
}

const SCHEMA = { name: 'feishu-connector journal', version: JOURNAL_SCHEMA };

/** Opens the store of a journal; the native code behind it is loaded now and not before. */
export function openJournalStore({ directory, durability, maxBytes }: ResolvedJournalOptions): Promise<Store> {
  return openLmdbStore({ directory, durability, maxBytes, schema: SCHEMA, migrate: migrateJournal });
}

/** Opens it to look into it, beside whoever owns it. */
export function openJournalReader({ directory }: ResolvedJournalOptions): Promise<StoreReader> {
  return openLmdbReader({ directory, schema: SCHEMA });
}

/** What `start` rejects with when the journal cannot be opened. */
export function journalUnusable(error: unknown, journal: ResolvedJournalOptions | null): ConnectorError {
  const said = error instanceof Error ? error.message : String(error);
  // A StoreError names the directory; whatever else it was does not.
  const named = error instanceof StoreError ? said : `the journal in ${journal?.directory} cannot be used: ${said}`;
  const message = isSystems(error) ? `${named}. ${STORE_FAILURES[error.failure]}` : named;
  return new ConnectorError('journal_unusable', message, { cause: error });
}

/** What only repeats the system's words says nothing of what to do. */
function isSystems(error: unknown): error is StoreError {
  return error instanceof StoreError && (error.failure === 'not_writable' || error.failure === 'disk_full');
}

function retentionOf(retentionMs: number): number {
  try {
    return resolveJournalPolicy({ retentionMs }).retentionMs;
  } catch (error) {
    throw error instanceof RangeError ? new RangeError(`journal.${error.message}`, { cause: error }) : error;
  }
}
