// Commits per second and their latency, for both durabilities and with 1, 100 and 1,000 commits under way at any time, of
// values of 1 KB as the journal writes them. Each commit adds an entry and removes the one of 10,000 commits ago, so that
// pages are used again. Read the ratios: to the same durability one by one, and to the other at the same load.
//
//   npm run bench:store -- [--directory .] [--seconds 3] [--json]
//
// --directory where the journal is put while it runs: the disk that you want to know about. Default: the system's temporary.
// --seconds   measured per row.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { openLmdbStore } from '../build/adapters/index.js';

const KEPT = 10_000;
const LOADS = [1, 100, 1_000];
const DURABILITIES = ['process', 'power'];
const SCHEMA = { name: 'bench', version: 1 };
const value = Buffer.alloc(1_024, 'x');

const { values } = parseArgs({
  options: {
    directory: { type: 'string', default: tmpdir() },
    seconds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
if (!(seconds > 0)) throw new RangeError(`--seconds must be above 0, got ${values.seconds}`);

const parent = mkdtempSync(join(values.directory, 'store-bench-'));
try {
  const rows = [];
  for (const durability of DURABILITIES) {
    for (const underWay of LOADS) rows.push(await measure(durability, underWay));
  }
  if (values.json) console.log(JSON.stringify(rows, null, 2));
  else print(rows);
} finally {
  rmSync(parent, { recursive: true, force: true });
}

async function measure(durability, underWay) {
  const directory = join(parent, `${durability}-${underWay}`);
  const store = await openLmdbStore({ directory, durability, schema: SCHEMA });
  const latenciesMs = [];
  const beganAt = performance.now();
  const endAt = beganAt + seconds * 1_000;
  let n = 0;
  const client = async () => {
    do {
      n += 1;
      const askedAt = performance.now();
      await store.commit([
        { table: 'entries', key: nameOf(n), value },
        { table: 'entries', key: nameOf(n - KEPT), value: null },
      ]);
      latenciesMs.push(performance.now() - askedAt);
    } while (performance.now() < endAt);
  };
  const loop = watchLoop();
  await Promise.all(Array.from({ length: underWay }, client));
  const tookSeconds = (performance.now() - beganAt) / 1_000;
  const loopHeldMs = loop.stop();
  await store.close();
  return {
    durability,
    underWay,
    commitsPerSecond: latenciesMs.length / tookSeconds,
    ...quantiles(latenciesMs),
    loopHeldMs,
    ...(await reopened(directory, durability)),
  };
}

/** What a start takes with this much in the journal. */
async function reopened(directory, durability) {
  const beganAt = performance.now();
  const store = await openLmdbStore({ directory, durability, schema: SCHEMA });
  const openMs = performance.now() - beganAt;
  const megabytes = store.sizeBytes() / 1e6;
  await store.close();
  return { openMs, megabytes };
}

/** The longest time that the event loop was held up, in milliseconds. */
function watchLoop() {
  let heldMs = 0;
  let lookedAt = performance.now();
  const look = setInterval(() => {
    heldMs = Math.max(heldMs, performance.now() - lookedAt - 1);
    lookedAt = performance.now();
  }, 1);
  return {
    stop() {
      clearInterval(look);
      return heldMs;
    },
  };
}

function quantiles(latenciesMs) {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.floor(sorted.length * share)];
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}

function print(rows) {
  const find = (durability, underWay) => rows.find((row) => row.durability === durability && row.underWay === underWay);
  console.table(
    rows.map((row) => ({
      durability: row.durability,
      'under way': row.underWay,
      'commits/s': Math.round(row.commitsPerSecond),
      'to one by one': ratio(row, find(row.durability, 1)),
      'to process': ratio(row, find('process', row.underWay)),
      'p50 ms': Number(row.p50Ms.toFixed(2)),
      'p99 ms': Number(row.p99Ms.toFixed(2)),
      'loop held, ms at most': Number(row.loopHeldMs.toFixed(1)),
      MB: Math.round(row.megabytes),
      'open again, ms': Math.round(row.openMs),
    })),
  );
}

function ratio(row, base) {
  return Number((row.commitsPerSecond / base.commitsPerSecond).toFixed(2));
}

function nameOf(n) {
  return String(n).padStart(12, '0');
}
