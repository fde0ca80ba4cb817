// What it takes to start a program that imports something, beside one that imports nothing.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { summaryOf } from './summary.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** By name: what the program imports. The package is found by its own name, as its users find it. */
export const PROGRAMS = {
  node: '',
  'feishu-connector': "await import('feishu-connector');",
  '@larksuiteoapi/node-sdk': "await import('@larksuiteoapi/node-sdk');",
};

/** Since the process was made, and memory as it is then. CPU time says more than the clock where the machine is busy. */
const LOOK = `
  const { user, system } = process.cpuUsage();
  const rssMb = process.memoryUsage.rss() / 1_048_576;
  console.log(JSON.stringify({ ms: performance.now(), cpuMs: (user + system) / 1_000, rssMb }));`;
const FIGURES = ['ms', 'cpuMs', 'rssMb'];

/**
 * Starts each program once per round, one after the other. What an import adds is told by the difference within a round.
 * @returns By program `{ ms, cpuMs, rssMb }`, each `{ total, added }`.
 */
export async function measureStartUp(rounds) {
  const measured = Object.fromEntries(Object.keys(PROGRAMS).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, source] of Object.entries(PROGRAMS)) measured[name].push(await run(source));
  }
  return Object.fromEntries(
    Object.entries(measured).map(([name, runs]) => [
      name,
      Object.fromEntries(FIGURES.map((figure) => [figure, figureOf(figure, runs, measured.node)])),
    ]),
  );
}

function figureOf(figure, runs, bareRuns) {
  return {
    total: summaryOf(runs.map((run) => run[figure])),
    added: summaryOf(runs.map((run, round) => run[figure] - bareRuns[round][figure])),
  };
}

async function run(source) {
  const args = ['--input-type=module', '--eval', source + LOOK];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, timeout: 60_000 });
  return JSON.parse(stdout);
}
