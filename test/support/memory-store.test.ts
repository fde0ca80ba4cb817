import { DURABILITIES } from '../../src/ports/index.js';
import { HandClock } from './hand-clock.js';
import { MemoryStore } from './memory-store.js';
import { storeContract } from './store-contract.js';

for (const durability of DURABILITIES) {
  storeContract(`in memory, safe against ${durability}`, async (use, maxBytes) => {
    const store = new MemoryStore({
      clock: new HandClock(),
      durability,
      ...(maxBytes !== undefined && { maxBytes }),
    });
    await use(store);
    await store.close();
  });
}
