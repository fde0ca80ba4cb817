// How costs grow with what there is of it: apps in one process, connections of one app, ids that are remembered in memory,
// and ids in a journal. Each size is measured in a fresh process of its own, against the local simulator in another one.
// Read how the numbers grow, not the numbers: the exponent is that of a power law through the measured sizes (0: the same
// at any size, 1: proportional), and "each" is what one more costs between the smallest size and the largest.
//
//   npm run bench:scale -- [--only apps,ids] [--seconds 5] [--directory .] [--json result.json] [--short]
//
// --only      these series alone; the names are the table's.
// --seconds   for which an idle process is watched, and then a busy one.
// --directory where journals are put while it runs. Default: the system's temporary.
// --json      also writes everything into this file.
// --short     the smallest sizes and a fraction of a second each: says whether everything works.
//
// It fails if something breaks: an app that does not connect, an event that is not handled, an id that is not known again.
// It never fails for being slow, or for being large.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { growthOf } from './scale/growth.mjs';
import { SERIES } from './scale/series.mjs';
import { tableOf } from './throughput/summary.mjs';

const SHORT_SECONDS = 0.3;

try {
  await main(settingsOf());
} catch (error) {
  progress('');
  console.error(`scale: ${error.message}`);
  process.exitCode = 1;
}

async function main({ names, seconds, directory, json, short }) {
  const series = {};
  for (const name of names) {
    const { what, unit, sizes, shortSizes, figures, measure } = SERIES[name];
    const rows = [];
    for (const size of short ? shortSizes : sizes) {
      progress(`${name}: ${size}`);
      const folder = mkdtempSync(join(directory, 'scale-'));
      try {
        rows.push({ size, ...(await measure(size, { seconds, directory: folder })) });
      } catch (error) {
        throw new Error(`${size} ${unit}: ${error.message}`, { cause: error });
      } finally {
        rmSync(folder, { recursive: true });
      }
    }
    const growth = Object.keys(figures).map((figure) => [figure, growthOf(rows.map((row) => [row.size, row[figure]]))]);
    series[name] = { what, unit, rows, growth: Object.fromEntries(growth) };
    progress('');
    print(name, series[name]);
  }
  const result = {
    benchmark: 'scale',
    node: process.versions.node,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    seconds,
    series,
  };
  if (json !== null) writeFileSync(json, `${JSON.stringify(result, null, 2)}\n`);
}

function print(name, { what, unit, rows, growth }) {
  console.log(`${name}: ${what}\n`);
  const figures = Object.entries(SERIES[name].figures).map(([figure, { title, digits }]) => [
    title,
    ...rows.map((row) => row[figure].toFixed(digits)),
    growth[figure].exponent?.toFixed(2) ?? '',
    growth[figure].each === null ? '' : shortest(growth[figure].each),
  ]);
  const sizes = rows.map(({ size }) => size.toLocaleString('en'));
  console.log(`${tableOf([[unit, ...sizes, 'exponent', 'each'], ...figures])}\n`);
}

/** A number of three digits that matter. */
function shortest(number) {
  return `${Number(number.toPrecision(3))}`;
}

/** On a terminal alone, on one line that the next takes the place of. */
function progress(line) {
  if (process.stderr.isTTY) process.stderr.write(`\r${line}\x1b[K`);
}

function settingsOf() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      seconds: { type: 'string' },
      directory: { type: 'string', default: tmpdir() },
      json: { type: 'string' },
      short: { type: 'boolean', default: false },
    },
  });
  const { short } = values;
  const seconds = Number(values.seconds ?? (short ? SHORT_SECONDS : 5));
  if (!(seconds > 0 && seconds <= 50)) throw new RangeError('--seconds must be more than 0 and at most 50');
  const names = values.only?.split(',') ?? Object.keys(SERIES);
  for (const name of names) {
    if (!Object.hasOwn(SERIES, name)) {
      throw new RangeError(`--only knows no ${name}; known are ${Object.keys(SERIES).join(', ')}`);
    }
  }
  return { names, seconds, directory: resolve(values.directory), json: values.json ?? null, short };
}
