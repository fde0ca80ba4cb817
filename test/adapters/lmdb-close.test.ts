import { expect, test, vi } from 'vitest';
import { openLmdbStore } from '../../src/adapters/index.js';
import { StoreError } from '../../src/ports/index.js';
import { entriesOf, put } from '../support/store-contract.js';
import { withFiles } from '../support/temporary-folder.js';

const SCHEMA = { name: 'test', version: 1 };

/** What the disk says to a flush; null: it is done. */
const disk = vi.hoisted(() => ({ failure: null as Error | null }));

// No disk can be made to fail at the very last flush; LMDB's own function for it can.
vi.mock('lmdb', async (importOriginal) => {
  const lmdb = await importOriginal<typeof import('lmdb')>();
  return {
    ...lmdb,
    open: (...options: Parameters<typeof lmdb.open>) => {
      const root = lmdb.open(...options) as unknown as { sync(done: (error?: unknown) => void): void };
      const sync = root.sync.bind(root);
      root.sync = (done) => (disk.failure === null ? sync(done) : done(disk.failure));
      return root;
    },
  };
});

test('a last flush that fails is told to whoever closes, and the store is closed all the same', async () => {
  await withFiles({}, async (directory) => {
    const store = await openLmdbStore({ directory, durability: 'process', schema: SCHEMA });
    await store.commit([put('a', '1')]);
    disk.failure = Object.assign(new Error('Input/output error'), { code: 5 });
    const closed = store.close();
    await expect(closed).rejects.toBeInstanceOf(StoreError);
    await expect(closed).rejects.toThrow(`${directory}: `);
    await expect(store.close()).rejects.toBeInstanceOf(StoreError);
    disk.failure = null;
    // It is nobody's any more, and what the kernel has is there: the power did not go.
    const again = await openLmdbStore({ directory, durability: 'process', schema: SCHEMA });
    expect(entriesOf(again)).toEqual([['a', '1']]);
    await again.close();
  });
});

test('safe against power each commit was flushed before it resolved: a close has nothing left to flush, nor to tell', async () => {
  await withFiles({}, async (directory) => {
    const store = await openLmdbStore({ directory, durability: 'power', schema: SCHEMA });
    await store.commit([put('a', '1')]);
    disk.failure = new Error('Input/output error');
    await store.close();
    disk.failure = null;
  });
});
