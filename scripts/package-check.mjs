#!/usr/bin/env node
// Checks the package as people install it: packs it, installs it into empty projects with npm, and uses it there from
// the command line, from JavaScript and from strict TypeScript, on every version of Node.js that it promises to run on.
//
//   npm run package-check                 all versions
//   node scripts/package-check.mjs 20 26  these alone; --json for one JSON line at the end
//
// The built package must be there: npm run build. The versions of Node.js come from the npm registry, as the packages
// that `node` on npm is made of; they stay in node_modules/.cache. Nothing else is downloaded, and nothing is skipped.
import { execFile, execFileSync } from 'node:child_process';
import {
  accessSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
/** The oldest that `engines` allows, and one of each line that is maintained. */
const NODES = { 20: '20.19.0', 22: '22.23.3', 24: '24.21.0', 26: '26.10.0' };
/** What an import loads, and nothing else, see test/package/import.test.ts. */
const LOADED = {
  'feishu-connector': ['feishu-connector'],
  'feishu-connector/simulator': ['feishu-connector', 'ws'],
};
const DEADLINE_MS = 180_000;

const args = process.argv.slice(2);
const isJson = args.includes('--json');
const majors = args.filter((arg) => arg !== '--json');
const startedAt = Date.now();
const problems = [];

main().then(
  (report) => {
    if (isJson) console.log(JSON.stringify(report));
    process.exitCode = problems.length === 0 ? 0 : 1;
  },
  (error) => {
    console.error(`package-check: ${error.message}`);
    process.exitCode = 1;
  },
);

async function main() {
  const unknown = majors.filter((major) => !(major in NODES));
  if (unknown.length > 0)
    throw new Error(`no such version: ${unknown.join(', ')}; known are ${Object.keys(NODES).join(', ')}`);
  const wanted = majors.length === 0 ? Object.keys(NODES) : majors;
  if (!existsSync(join(ROOT, 'dist/index.js'))) throw new Error('there is no dist/: run npm run build first');
  const folder = mkdtempSync(join(tmpdir(), 'feishu-package-'));
  try {
    const npm = findNpm();
    const [tarball, nodes] = await Promise.all([pack(npm, folder), fetchNodes(npm, wanted)]);
    const [oldest] = nodes;
    // One installation for all: its native code is the same for every version. Made by the oldest, which is the one for
    // which npm leaves out what does not support it.
    const project = await install(npm, oldest, tarball, join(folder, 'project'));
    await compile(project, 'with all packages');
    // All are waited for, also when one fails: their processes need the folder.
    const [bare, ...used] = await Promise.all([
      told(useBare(npm, oldest, tarball, join(folder, 'bare'))),
      ...nodes.map((node) => told(use(node, project, npm))),
    ]);
    const report = {
      isGood: problems.length === 0,
      seconds: Math.round((Date.now() - startedAt) / 1_000),
      tarballKib: Math.round(lstatSync(tarball).size / 1_024),
      installed: sizeOf(project),
      nodes: used.filter((each) => each !== null),
      bare,
      problems,
    };
    tell(report);
    return report;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What failed altogether is a problem like any other. */
async function told(check) {
  try {
    return await check;
  } catch (error) {
    problems.push(error.message);
    return null;
  }
}

/** npm's own program, to be run by whichever Node.js is checked. */
function findNpm() {
  const given = process.env.npm_execpath;
  if (given?.endsWith('npm-cli.js')) return given;
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(directory, 'npm');
    if (!existsSync(path)) continue;
    const real = realpathSync(path);
    if (real.endsWith('npm-cli.js')) return real;
  }
  throw new Error('npm is not on the PATH');
}

async function pack(npm, folder) {
  // Without its scripts: those would build into dist/ while others run it.
  await run(process.execPath, [npm, 'pack', '--ignore-scripts', '--silent', '--pack-destination', folder], ROOT);
  const [tarball] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error('npm pack made no package');
  return join(folder, tarball);
}

/** @returns The programs, oldest first. One that runs already is not fetched. */
async function fetchNodes(npm, wanted) {
  const cache = join(ROOT, 'node_modules/.cache/package-check');
  mkdirSync(cache, { recursive: true });
  if (!existsSync(join(cache, 'package.json'))) writeFileSync(join(cache, 'package.json'), '{"private":true}');
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const nodes = wanted.map((major) => {
    const version = NODES[major];
    const name = `node-${major}`;
    const program = process.platform === 'win32' ? 'node.exe' : 'node';
    return { major, version, name, path: join(cache, 'node_modules', name, 'bin', program) };
  });
  if (!nodes.every(isRight)) {
    // All of them at once: npm removes what a single installation does not name.
    const specs = nodes.map(({ name, version }) => `${name}@npm:node-${platform}-${process.arch}@${version}`);
    const options = ['--no-save', '--no-package-lock', '--ignore-scripts', '--prefer-offline', '--silent'];
    await run(process.execPath, [npm, 'install', ...options, ...specs], cache);
  }
  for (const node of nodes) if (!isRight(node)) throw new Error(`Node.js ${node.version} could not be installed`);
  return nodes;
}

function isRight({ path, version }) {
  try {
    accessSync(path);
    return execFileSync(path, ['--version'], { encoding: 'utf8' }).trim() === `v${version}`;
  } catch {
    return false; // not there, or not for this machine: it is fetched
  }
}

/** An empty project, and the package in it. */
async function install(npm, node, tarball, folder, options = []) {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--silent'];
  await run(node.path, [npm, 'install', ...quiet, ...options, tarball], folder, environmentOf(node));
  copyConsumer(folder);
  return folder;
}

/** The packages that do not support this version, by npm's own measure. */
function unsupportedBy({ version }, folder, npm) {
  const { satisfies } = createRequire(npm)('semver');
  return Object.entries(installedPackages(folder))
    .filter(([, { engines }]) => engines?.node !== undefined && !satisfies(version, engines.node))
    .map(([path]) => path.replace(/^.*node_modules\//, ''));
}

function copyConsumer(folder) {
  const from = join(ROOT, 'test/package/consumer');
  for (const name of readdirSync(from)) copyFileSync(join(from, name), join(folder, name));
  copyFileSync(join(ROOT, 'test/support/loaded-packages.mjs'), join(folder, 'loaded-packages.mjs'));
}

/**
 * As strict as TypeScript can be asked to be, about the user's code and about every declaration that it leads to, ours and
 * others'. Types are the same on every version of Node.js, but not for every way of finding modules.
 * @param what Of the installation, for the problems.
 */
async function compile(folder, what) {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const flags = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--verbatimModuleSyntax'];
  const options = ['--target', 'es2023', '--types', 'node', '--skipLibCheck', 'false', '--pretty', 'false'];
  for (const [module, resolution, ...files] of [
    ['nodenext', 'nodenext', 'consumer.ts'],
    ['nodenext', 'nodenext', '--noEmit', '--checkJs', 'required.cjs'],
    ['node16', 'node16', '--noEmit', 'consumer.ts'],
    ['esnext', 'bundler', '--noEmit', 'consumer.ts'],
  ]) {
    const how = ['--module', module, '--moduleResolution', resolution];
    const said = await run(process.execPath, [tsc, ...flags, ...options, ...how, ...files], folder).then(
      ({ stdout }) => stdout,
      // Errors in declarations do not keep it from writing JavaScript.
      (error) => error.message,
    );
    for (const line of said.split('\n')) {
      if (/error TS\d+:/.test(line)) problems.push(`TypeScript, ${what}, --moduleResolution ${resolution}: ${line}`);
    }
    if (!existsSync(join(folder, 'consumer.js'))) throw new Error(`TypeScript wrote nothing:\n${said}`);
  }
}

/** Everything that is asked of one version. */
async function use(node, folder, npm) {
  const env = environmentOf(node);
  const complain = (problem) => problems.push(`Node.js ${node.version}: ${problem}`);
  const start = (...argv) => run(node.path, argv, folder, env);

  const engineWarnings = unsupportedBy(node, folder, npm);
  for (const name of engineWarnings) complain(`npm warns that ${name} does not support it`);

  const version = JSON.parse(
    (await run(npxOf(), ['--no-install', 'feishu-connector', '--version', '--json'], folder, env)).stdout,
  );
  if (version.node !== node.version) complain(`the program ran on ${version.node}`);

  const costs = {};
  for (const [name, expected] of Object.entries(LOADED)) {
    const told = await start('--import', './loaded-packages.mjs', 'cost.mjs', name);
    const loaded = JSON.parse(/^loaded: (.*)$/m.exec(told.stderr)?.[1] ?? 'null');
    if (loaded === null) throw new Error(`Node.js ${node.version}: cost.mjs did not say what it loaded`);
    const others = loaded.filter((each) => !expected.includes(each));
    if (others.length > 0) complain(`importing ${name} loads ${others.join(', ')}`);
    // The best of three, in processes that do not look on: the rest is what else the machine had to do.
    const tries = [];
    for (let count = 0; count < 3; count += 1) tries.push(JSON.parse((await start('cost.mjs', name)).stdout));
    costs[name] = tries.sort((one, other) => one.ms - other.ms)[0];
  }

  const consumer = resultIn((await start('consumer.js')).stdout);
  if (consumer.said !== 'hello' || consumer.wasConnected !== true)
    complain(`the program says ${JSON.stringify(consumer)}`);

  const required = (await start('required.cjs')).stdout.trim();
  if (required !== 'function function idle') complain(`require() gives ${required}`);

  // Real sockets and a story of some 45 s, most of which it waits.
  const demo = JSON.parse(
    (await run(npxOf(), ['--no-install', 'feishu-connector', 'demo', '--json'], folder, env)).stdout,
  );
  if (demo.isClean !== true) complain(`the demo ends with ${JSON.stringify(demo.events)}`);
  return { version: node.version, costs, demo: demo.events, engineWarnings };
}

/** Without optional packages, and without scripts that would build native code instead of them. */
async function useBare(npm, node, tarball, folder) {
  await install(npm, node, tarball, folder, ['--omit=optional', '--ignore-scripts']);
  await compile(folder, 'without optional ones');
  const env = environmentOf(node);
  const complain = (problem) => problems.push(`without optional packages: ${problem}`);
  const consumer = resultIn((await run(node.path, ['consumer.js', 'bare'], folder, env)).stdout);
  if (consumer.said !== 'hello') complain(`a connector without a journal says ${JSON.stringify(consumer)}`);

  const said = {
    journal: resultIn((await run(node.path, ['consumer.js'], folder, env)).stdout).message ?? '',
    tracing: await firstLog(node, folder, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }, /npm install/),
    jetstream: await firstLog(node, folder, { FEISHU_NATS_SERVERS: 'nats://127.0.0.1:9' }, /npm install/),
  };
  const wanted = {
    journal: `@lmdb/lmdb-${process.platform}-${process.arch}@`,
    tracing: '@opentelemetry/sdk-trace-base@',
    jetstream: '@nats-io/transport-node',
  };
  for (const [feature, name] of Object.entries(wanted)) {
    const isNamed = said[feature].includes('npm install') && said[feature].includes(name);
    if (!isNamed) complain(`${feature} does not say to install ${name}: ${said[feature]}`);
  }
  const size = sizeOf(folder);
  // While the others wait: it takes its time.
  rmSync(folder, { recursive: true });
  return { ...size, said };
}

/** Runs the daemon until its log has such a line, or it ends. @returns That line, or all of its log. */
function firstLog(node, folder, env, pattern) {
  const main = join(folder, 'node_modules/feishu-connector/dist/cli/main.js');
  return new Promise((resolve) => {
    let log = '';
    let found;
    const child = execFile(
      node.path,
      [main, 'run', '--simulator', '--listen', '127.0.0.1:0', '--json'],
      { cwd: folder, env: { ...environmentOf(node), ...env }, timeout: 30_000, maxBuffer: 64 * 1_048_576 },
      () => resolve(found ?? log),
    );
    child.stderr.on('data', (chunk) => {
      if (found !== undefined) return;
      log += chunk;
      // Whole lines alone: the rest of one may still come.
      found = log
        .split('\n')
        .slice(0, -1)
        .find((line) => pattern.test(line));
      if (found !== undefined) child.kill();
    });
  });
}

/** Only what a program needs: nothing of the surroundings may help or hinder. */
function environmentOf(node) {
  const kept = ['HOME', 'LANG', 'SYSTEMROOT', 'TEMP', 'TMP', 'TMPDIR', 'npm_config_cache', 'npm_config_registry'];
  const env = Object.fromEntries(
    kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
  return { ...env, PATH: [dirname(node.path), process.env.PATH].join(delimiter) };
}

function npxOf() {
  return process.platform === 'win32' ? 'npx.cmd' : 'npx';
}

/** @returns What it wrote. Rejects with all of that if it fails or takes longer than the deadline. */
function run(program, argv, cwd, env = process.env) {
  return new Promise((resolve, reject) => {
    execFile(program, argv, { cwd, env, timeout: DEADLINE_MS, maxBuffer: 64 * 1_048_576 }, (error, stdout, stderr) => {
      if (error === null) resolve({ stdout, stderr });
      else
        reject(
          new Error(`${[program, ...argv].join(' ')} failed (${error.code ?? error.signal}):\n${stdout}${stderr}`),
        );
    });
  });
}

/** A result stands among the lines of the log, which are written when the logger gets to it. */
function resultIn(text) {
  const lines = text.trim().split('\n');
  return lines.map((line) => JSON.parse(line)).find(({ level }) => level === undefined);
}

function sizeOf(folder) {
  let bytes = 0;
  for (const name of readdirSync(join(folder, 'node_modules'), { recursive: true, encoding: 'utf8' })) {
    // Blocks, as du has it: small files take whole ones.
    bytes += lstatSync(join(folder, 'node_modules', name)).blocks * 512;
  }
  return { mib: Math.round(bytes / 1_048_576), packages: Object.keys(installedPackages(folder)).length };
}

function installedPackages(folder) {
  return JSON.parse(readFileSync(join(folder, 'node_modules/.package-lock.json'), 'utf8')).packages;
}

function tell({ seconds, tarballKib, installed, nodes, bare }) {
  const lines = [
    `${tarballKib} KiB packed; ${installed.mib} MiB in ${installed.packages} packages installed`,
    ...nodes.map(({ version, costs, demo, engineWarnings }) => {
      const { ms, mib } = costs['feishu-connector'];
      const warned = engineWarnings.length === 0 ? '' : `; npm warns of ${engineWarnings.join(', ')}`;
      return `Node.js ${version.padEnd(8)} import ${ms} ms, ${mib} MiB; demo ${demo.handled} of ${demo.sent} events${warned}`;
    }),
    ...(bare === null ? [] : bareLines(bare)),
    ...problems.map((problem) => `PROBLEM ${problem}`),
    `${problems.length === 0 ? 'good' : 'not good'} after ${seconds} s`,
  ];
  // With --json the result alone goes to standard output.
  (isJson ? console.error : console.log)(lines.join('\n'));
}

function bareLines({ mib, packages, said }) {
  return [
    `${mib} MiB in ${packages} packages without optional ones`,
    ...Object.entries(said).map(([feature, line]) => `  ${feature}: ${line}`),
  ];
}
