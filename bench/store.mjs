// Commits per second and their latency, for both durabilities and with 1, 100 and 1,000 commits under way at any time, of
// values of 1 KB as the journal writes them: `npm run bench:store [directory]`. Run it on the disk that will hold the
// journal. Each commit adds an entry and removes the one of 10,000 commits ago, so that pages are used again.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { openLmdbStore } from '../dist/adapters/index.js';

const SECONDS = 3;
const KEPT = 10_000;
const value = Buffer.alloc(1024, 'x');
const nameOf = (n) => String(n).padStart(12, '0');
const parent = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'store-bench-'));

try {
  console.log('durability  under way  commits/s  p50 ms  p99 ms  event loop held, ms at most');
  for (const durability of ['process', 'power']) {
    for (const underWay of [1, 100, 1000]) {
      const directory = join(parent, `${durability}-${underWay}`);
      const store = await openLmdbStore({ directory, durability, schema: { name: 'bench', version: 1 } });
      const latenciesMs = [];
      const endAt = performance.now() + SECONDS * 1000;
      let n = 0;
      const one = async () => {
        while (performance.now() < endAt) {
          const key = nameOf(++n);
          const old = nameOf(n - KEPT);
          const askedAt = performance.now();
          await store.commit([
            { table: 'entries', key, value },
            { table: 'entries', key: old, value: null },
          ]);
          latenciesMs.push(performance.now() - askedAt);
        }
      };
      let heldMs = 0;
      let lookedAt = performance.now();
      const look = setInterval(() => {
        heldMs = Math.max(heldMs, performance.now() - lookedAt - 1);
        lookedAt = performance.now();
      }, 1);
      const beganAt = performance.now();
      await Promise.all(Array.from({ length: underWay }, one));
      const seconds = (performance.now() - beganAt) / 1000;
      clearInterval(look);
      latenciesMs.sort((a, b) => a - b);
      const at = (share) => (latenciesMs[Math.floor(latenciesMs.length * share)] ?? 0).toFixed(2);
      console.log(
        [
          durability.padEnd(10),
          String(underWay).padStart(9),
          Math.round(latenciesMs.length / seconds)
            .toString()
            .padStart(9),
          at(0.5).padStart(6),
          at(0.99).padStart(6),
          heldMs.toFixed(1).padStart(6),
        ].join('  '),
      );
      await store.close();
      if (underWay === 1000) {
        const beganOpening = performance.now();
        const again = await openLmdbStore({ directory, durability, schema: { name: 'bench', version: 1 } });
        const openedMs = performance.now() - beganOpening;
        console.log(`opening it again, ${(again.sizeBytes() / 1e6).toFixed(0)} MB in use: ${openedMs.toFixed(0)} ms`);
        await again.close();
      }
    }
  }
} finally {
  rmSync(parent, { recursive: true, force: true });
}
