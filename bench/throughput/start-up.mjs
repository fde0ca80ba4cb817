// What it takes to start: a program that imports something, one that makes a connector, and the daemon until it connects,
// each beside a program that does nothing.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { lookNow } from './look.mjs';
import { summaryOf } from './summary.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DEADLINE_MS = 20_000;

/** What is imported, and what is made of it. Packages are found by their own names, as their users find them. */
const PROGRAMS = {
  node: '',
  'feishu-connector': "await import('feishu-connector');",
  '@larksuiteoapi/node-sdk': "await import('@larksuiteoapi/node-sdk');",
  createConnector: `
    const { createConnector } = await import('feishu-connector');
    createConnector({ appId: 'cli_0123456789abcdef', appSecret: 'none', handlers: {} });`,
};
/** Written into the program: a file of its own would be something to import. */
const LOOK = `console.log(JSON.stringify((${lookNow})()));`;

/** The daemon, by what its bin is in package.json, with a platform of its own in the same process. */
const DAEMON = ['dist/cli/main.js', 'run', '--simulator', '--listen', '127.0.0.1:0'];
/** When the daemon is looked at, see tell-moments.mjs. */
const MOMENTS = { attempt: 'run, to first attempt', connected: 'run, to connected' };

const FIGURES = ['ms', 'cpuMs', 'rssMb'];

/**
 * Starts each program once per round, one after the other. What it adds is told by the difference within a round.
 * @returns By program `{ ms, cpuMs, rssMb }`, each `{ total, added }`.
 */
export async function measureStartUp(rounds) {
  const measured = Object.fromEntries([...Object.keys(PROGRAMS), ...Object.values(MOMENTS)].map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, source] of Object.entries(PROGRAMS)) measured[name].push(await run(source));
    const looks = await runDaemon();
    for (const [moment, name] of Object.entries(MOMENTS)) measured[name].push(looks[moment]);
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
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, timeout: DEADLINE_MS });
  return JSON.parse(stdout);
}

/** @returns By moment what it took until then. */
async function runDaemon() {
  const watch = new URL('tell-moments.mjs', import.meta.url).href;
  const child = spawn(process.execPath, ['--import', watch, ...DAEMON], {
    cwd: ROOT,
    // Nothing of the environment's: a daemon of the same user is not to be met, nor its configuration.
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    timeout: DEADLINE_MS,
  });
  const looks = {};
  let told = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    told += text;
  });
  child.on('message', ({ moment, ...look }) => {
    looks[moment] = look;
    if (Object.keys(MOMENTS).every((each) => each in looks)) child.kill();
  });
  const [code, signal] = await once(child, 'close');
  for (const [moment, name] of Object.entries(MOMENTS)) {
    if (!(moment in looks)) throw new Error(`no ${name}: the daemon ended with ${signal ?? code} and said ${told}`);
  }
  return looks;
}
