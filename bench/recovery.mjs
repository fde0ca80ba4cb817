// What it takes from the upstream's return to `connected`, after outages of every kind and length: whole connectors in the
// in-memory platform, in virtual time, one seed after the other. Same options, same table, on any machine.
//
//   npm run bench:recovery -- [--seeds 500] [--outages 10s,10m,1h,8.5h,24h] [--troubles dns,hang] [--workers 2] [--write]
//
// It prints the table; --write also puts its rows into bench/recovery.json, which the README is made from:
// UPDATE=1 npx vitest run test/readme.test.ts.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { measureRecovery, recoveryTable, summarizeRecoveries, TROUBLES } from '../build/simulation/index.js';

/** Seeds that a worker is given at once: short enough that all of them end at about the same time. */
const BATCH = 25;
const UNITS = { s: 1_000, m: 60_000, h: 3_600_000 };

if (isMainThread) await main();
else parentPort?.on('message', work);

async function main() {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '500' },
      outages: { type: 'string', default: '10s,10m,1h,8.5h,24h' },
      troubles: { type: 'string', default: Object.keys(TROUBLES).join() },
      workers: { type: 'string', default: String(availableParallelism()) },
      write: { type: 'boolean', default: false },
    },
  });
  const seeds = wholeOf('--seeds', values.seeds, 1_000_000);
  const workers = wholeOf('--workers', values.workers, 256);
  const outages = values.outages.split(',').map(durationMs);
  const troubles = values.troubles.split(',');
  for (const name of troubles) if (!(name in TROUBLES)) throw new RangeError(`--troubles knows no ${name}`);

  const jobs = outages.flatMap((outageMs) =>
    troubles.flatMap((trouble) =>
      Array.from({ length: Math.ceil(seeds / BATCH) }, (_, batch) => {
        const from = batch * BATCH + 1;
        return { trouble, outageMs, from, to: Math.min(seeds, from + BATCH - 1) };
      }),
    ),
  );
  const measured = await allOf(jobs, workers);
  const rows = troubles.flatMap((trouble) =>
    outages.map((outageMs) => ({
      trouble,
      outageMs,
      ...summarizeRecoveries(measured.get(`${trouble} ${outageMs}`) ?? []),
    })),
  );
  console.log(recoveryTable(rows));
  if (values.write) write(rows);
}

/** Rows that were not measured now stay as they are: hours of outages can be played one at a time. */
function write(rows) {
  const path = new URL('recovery.json', import.meta.url);
  const known = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : [];
  const byName = new Map([...known, ...rows].map((row) => [`${row.trouble} ${row.outageMs}`, row]));
  const order = Object.keys(TROUBLES);
  const sorted = [...byName.values()].sort(
    (a, b) => order.indexOf(a.trouble) - order.indexOf(b.trouble) || a.outageMs - b.outageMs,
  );
  writeFileSync(path, `${JSON.stringify(sorted, null, 2)}\n`);
}

/** All recoveries by trouble and length. Each seed is a world of its own, so it does not matter who plays it when. */
function allOf(jobs, count) {
  const left = [...jobs].reverse();
  const measured = new Map();
  let over = 0;
  return new Promise((resolve, reject) => {
    const pool = Array.from({ length: count }, () => new Worker(new URL(import.meta.url)));
    const finish = (settle) => {
      for (const worker of pool) void worker.terminate();
      settle();
    };
    for (const worker of pool) {
      const next = () => {
        const job = left.pop();
        if (job !== undefined) worker.postMessage(job);
      };
      worker.on('error', (error) => finish(() => reject(error)));
      worker.on('message', ({ key, recoveries }) => {
        measured.set(key, [...(measured.get(key) ?? []), ...recoveries]);
        over += 1;
        if (process.stderr.isTTY) process.stderr.write(`\r${over} of ${jobs.length}\x1b[K`);
        if (over === jobs.length) finish(() => resolve(measured));
        else next();
      });
      next();
    }
  });
}

async function work({ trouble, outageMs, from, to }) {
  const recoveries = [];
  for (let seed = from; seed <= to; seed++) recoveries.push(await measureRecovery({ trouble, outageMs, seed }));
  parentPort?.postMessage({ key: `${trouble} ${outageMs}`, recoveries });
}

function durationMs(text) {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([smh])$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined) throw new RangeError(`--outages takes 10s, 10m, 8.5h; got ${text}`);
  return Number(amount) * UNITS[unit];
}

function wholeOf(name, text, max) {
  const value = Number(text);
  if (!(Number.isInteger(value) && value >= 1 && value <= max)) {
    throw new RangeError(`${name} must be a whole number from 1 to ${max}, got ${text}`);
  }
  return value;
}
