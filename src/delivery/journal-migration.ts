import type { Store, StoreChange } from '../ports/index.js';
import { encodeIds } from './durable-deduplication.js';
import { idsOf } from './ids.js';
import { numberOfKey } from './journal-key.js';
import { TABLES } from './journal-tables.js';

/** Tables of version 1: each id with the name of its row among the expiries, which began with the time. */
const REMEMBERED = 'remembered';
const EXPIRIES = 'expiries';
/** What the ids of events began with there, unlike content keys. */
const EVENT = 'id:';

/** Rows of a commit: so much is in memory. */
const STEP = 4_000;

/**
 * Brings a journal of version 1 to this one, where ids are remembered by their fingerprints; all else stands as it stood.
 * What it does is done step by step, and the version is noted after the last one, so it may be broken off anywhere. Ids
 * of more than 117 characters, or not of plain ones, were cut in version 1, and are forgotten; the platform's are plain and
 * have 64 at most.
 * @throws StoreError
 */
export async function migrateJournal(store: Store): Promise<void> {
  for (let rows = someOf(store, REMEMBERED); rows.length > 0; rows = someOf(store, REMEMBERED)) {
    const latest = [...store.range(EXPIRIES, { limit: 1, isReversed: true })][0]?.[0] ?? '';
    await store.commit(rows.flatMap(([id, row]) => movesOf(id, textOf(row), latest)));
  }
  for (let rows = someOf(store, EXPIRIES); rows.length > 0; rows = someOf(store, EXPIRIES)) {
    await store.commit(rows.map(([key]) => ({ table: EXPIRIES, key, value: null })));
  }
}

function movesOf(id: string, row: string, latest: string): StoreChange[] {
  const removal = { table: REMEMBERED, key: id, value: null };
  // What cannot be read of a time is no reason to handle an event twice.
  const since = [row, latest].find((key) => !Number.isNaN(numberOfKey(key)));
  if (since === undefined) return [removal];
  const ids = id.startsWith(EVENT) ? idsOf(id.slice(EVENT.length), []) : idsOf(null, [id]);
  // With the id, so that no two rows of a time are one.
  return [removal, { table: TABLES.newIds, key: `${since}.${id}`, value: encodeIds(ids) }];
}

function someOf(store: Store, table: string) {
  return [...store.range(table, { limit: STEP })];
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
