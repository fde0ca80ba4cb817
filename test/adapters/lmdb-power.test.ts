import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLmdbReader, openLmdbStore } from '../../src/adapters/index.js';
import { DURABILITIES } from '../../src/ports/index.js';
import { entriesOf, put } from '../support/store-contract.js';
import { withFiles } from '../support/temporary-folder.js';

const SCHEMA = { name: 'test', version: 1 };
/** Where the file keeps its metas (see lmdb-file.ts), and the number of the boot within each. */
const METAS = { first: 24, flushed: 2048 + 24, second: 4096 + 24 } as const;
const META_BYTES = 144;
const BOOT_AT = 136;

/**
 * The file of a store as a power cut leaves it between the commit of `b` and its flush: written under another boot, and
 * its note of what was flushed still the one of `a`.
 */
async function withCutStore(use: (folder: string) => Promise<void>): Promise<void> {
  await withFiles({}, async (parent) => {
    const [before, after] = [join(parent, 'before'), join(parent, 'after')];
    const store = await openLmdbStore({ directory: before, durability: 'power', schema: SCHEMA });
    const data = join(before, 'data.mdb');
    await store.commit([put('a', '1')]);
    const flushed = readFileSync(data).subarray(METAS.flushed, METAS.flushed + META_BYTES);
    await store.commit([put('a', '2'), put('b', '2')]);
    const file = readFileSync(data);
    await store.close();
    file.set(flushed, METAS.flushed);
    for (const at of Object.values(METAS)) file.writeBigInt64LE(77n, at + BOOT_AT);
    mkdirSync(after);
    writeFileSync(join(after, 'data.mdb'), file);
    copyFileSync(join(before, 'store.json'), join(after, 'store.json'));
    await use(after);
  });
}

for (const durability of DURABILITIES) {
  test(`after a power cut a store goes back to what was flushed, also when opened to be safe against ${durability}`, () =>
    withCutStore(async (folder) => {
      const store = await openLmdbStore({ directory: folder, durability, schema: SCHEMA });
      expect(entriesOf(store)).toEqual([['a', '1']]);
      await store.commit([put('c', '3')]);
      await store.close();
      const again = await openLmdbStore({ directory: folder, durability, schema: SCHEMA });
      expect(entriesOf(again)).toEqual([['a', '1'], ['c', '3']]); // biome-ignore format: one line reads better
      await again.close();
    }));
}

test('a reader does not look into a store that has yet to go back to what was flushed', () =>
  withCutStore(async (folder) => {
    await expect(openLmdbReader({ directory: folder, schema: SCHEMA })).rejects.toMatchObject({
      failure: 'failed',
      message: expect.stringContaining('Let its owner open it first'),
    });
  }));

test('durabilities may be changed from one opening to the next', () =>
  withFiles({}, async (folder) => {
    for (const [n, durability] of [...DURABILITIES, ...DURABILITIES].entries()) {
      const store = await openLmdbStore({ directory: folder, durability, schema: SCHEMA });
      expect(store.count('letters')).toBe(n);
      await store.commit([put(`k${n}`, '1')]);
      await store.close();
    }
  }));
