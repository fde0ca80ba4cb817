import { openLmdbStore } from '../../src/adapters/index.js';
import { DURABILITIES } from '../../src/ports/index.js';
import { storeContract } from '../support/store-contract.js';
import { withFiles } from '../support/temporary-folder.js';

export const SCHEMA = { name: 'test', version: 1 };

for (const durability of DURABILITIES) {
  storeContract(`lmdb, safe against ${durability}`, (use, maxBytes) =>
    withFiles({}, async (folder) => {
      const store = await openLmdbStore({
        directory: folder,
        durability,
        schema: SCHEMA,
        ...(maxBytes !== undefined && { maxBytes }),
      });
      try {
        await use(store);
      } finally {
        await store.close();
      }
    }),
  );
}
