import { expect, test } from 'vitest';
import { openLmdbStore } from '../../src/adapters/index.js';
import { DURABILITIES, type Durability } from '../../src/ports/index.js';
import { StoreProcess } from '../support/store-process.js';
import { withFiles } from '../support/temporary-folder.js';

const KILLS = 8;

/** A small generator, so that every run kills at the same counts (mulberry32 would do as well). */
function counts(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return 2 + (state % 60);
  };
}

async function check(directory: string, durability: Durability, acknowledged: number): Promise<number> {
  const store = await openLmdbStore({ directory, durability, schema: { name: 'test', version: 1 } });
  const last = Number(Buffer.from(store.get('last', 'n') ?? Buffer.from('0')).toString());
  const keys = Array.from({ length: Math.min(50, last) }, (_, n) =>
    String(last - Math.min(50, last) + 1 + n).padStart(8, '0'),
  );
  expect(last).toBeGreaterThanOrEqual(acknowledged);
  const log = [...store.range('log')];
  expect(log.map(([key]) => key)).toEqual(keys);
  expect(log.every(([key, value]) => value.length === Number(key) % 9000)).toBe(true);
  expect([...store.range('mirror')].map(([key]) => key)).toEqual(keys);
  await store.close();
  return last;
}

for (const durability of DURABILITIES) {
  for (const atOnce of [1, 20]) {
    test(`killed at ${KILLS} moments with ${atOnce} commits under way, a store safe against ${durability} lost nothing it had confirmed and holds no half commit`, async () => {
      await withFiles({}, async (folder) => {
        const next = counts(atOnce);
        let last = 0;
        for (let kill = 0; kill < KILLS; kill++) {
          const writer = new StoreProcess(folder, durability, atOnce);
          await writer.printed(next());
          await writer.kill();
          expect(writer.lines[0]).toBe('open');
          const acknowledged = Math.max(last, ...writer.lines.slice(1).map(Number));
          last = await check(folder, durability, acknowledged);
        }
        expect(last).toBeGreaterThan(100);
      });
    }, 60_000);
  }
}
