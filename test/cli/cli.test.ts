import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createProgram, faultLine, runCli } from '../../src/cli/cli.js';
import { completionTree, everyNode } from '../../src/cli/completion/tree.js';
import { EXIT, EXIT_HELP } from '../../src/cli/exit-code.js';
import { hasColour } from '../../src/cli/face.js';
import { NODE_RANGE } from '../../src/cli/node-version.js';
import { readBuild } from '../../src/observe/index.js';
import { strangeCommandLines } from '../deploy/supervised.js';
import { TestFace } from '../support/cli-face.js';

test.each<[readonly string[], number, RegExp, RegExp]>([
  [['--version'], 0, new RegExp(`^${readBuild().version}\n$`), /^$/],
  [
    ['--version', '--json'],
    0,
    /^{"name":"feishu-connector","version":"[^"]+","nodeSdk":"[^"]+","node":"[^"]+"}\n$/,
    /^$/,
  ],
  [['help'], 0, /Commands:[\s\S]*Exit codes:/, /^$/],
  [['help', 'run'], 0, /Usage: feishu-connector run [\s\S]*--simulator/, /^$/],
  [['--help'], 0, /Commands:[\s\S]*run [\s\S]*simulate [\s\S]*143 {2}SIGTERM, after a graceful drain/, /^$/],
  [['run', '--help'], 0, /--simulator[\s\S]*FEISHU_APP_SECRET_FILE {2,}A file that holds/, /^$/],
  [[], 2, /^$/, /Usage: feishu-connector/],
  [['rnu'], 2, /^$/, /unknown command 'rnu'[\s\S]*Did you mean run\?/],
  [['run', '--lisetn', 'x'], 2, /^$/, /unknown option '--lisetn'[\s\S]*Did you mean --listen\?/],
  [['help', 'rnu'], 2, /^$/, /unknown command 'rnu'[\s\S]*Did you mean run\?/],
  [['help', 'something'], 2, /^$/, /unknown command 'something'\n\(add --help/],
  [['--config', 'file'], 2, /^$/, /unknown option '--config'[\s\S]*\(--config belongs to: run, doctor/],
  [['--confg', 'file'], 2, /^$/, /\(Did you mean --config\? It belongs to: run, doctor/],
  [['run', '--prot', '1'], 2, /^$/, /\(Did you mean --port\? It belongs to: simulate\)/],
  [['run', '--port', '1'], 2, /^$/, /unknown option '--port'\n\(add --help for more\)\n\(Did you mean --listen\?\)\n$/],
  [['dead-letters', 'list', '--port'], 2, /^$/, /\(--port belongs to: simulate\)/],
  [['-v'], 2, /^$/, /unknown option '-v'[\s\S]*\(Did you mean -V\?\)/],
  [['version'], 2, /^$/, /unknown command 'version'[\s\S]*\(Did you mean --version\?\)/],
  [['toString'], 2, /^$/, /unknown command 'toString'\n\(add --help for more\)\n$/],
  [['start'], 2, /^$/, /unknown command 'start'[\s\S]*Did you mean run\?/],
  [['--nonesuch'], 2, /^$/, /unknown option '--nonesuch'\n\(add --help for more\)\n$/],
  [['completion', 'csh'], 2, /^$/, /Allowed choices are bash, zsh, fish/],
  [['run', 'extra'], 2, /^$/, /too many arguments/],
  [['run', '--config'], 2, /^$/, /argument missing/],
  [['simulate', '--port', '70000'], 2, /^$/, /whole number from 0 to 65535/],
  [['simulate', '--seed', '-1'], 2, /^$/, /whole number from 0 to 4294967295/],
  [['simulate', '--events-per-second', 'many'], 2, /^$/, /number from 0 to 10000/],
  [
    ['simulate', '--port', '0', '--scenario', 'nonesuch'],
    2,
    /^$/,
    /--scenario must be one of .*rude-gateway.*, got nonesuch/,
  ],
])('feishu-connector %s ends with %i', async (argv, code, out, err) => {
  const face = new TestFace(argv);
  expect(await runCli(face)).toBe(code);
  expect(face.out).toMatch(out);
  expect(face.err).toMatch(err);
  expect([face.listenerCount, face.exits]).toEqual([0, []]);
});

test('a slip in any option of any command is answered with the option that was meant', async () => {
  const program = createProgram(new TestFace([]), () => {});
  const slips = everyNode(completionTree(program)).flatMap(({ path, options }) =>
    options.flatMap(({ long }) =>
      long === null ? [] : [{ path, long, slip: `--${long[1]}${long[0]}${long.slice(2)}` }],
    ),
  );
  expect(slips.length).toBeGreaterThan(30);
  for (const { path, long, slip } of slips) {
    const face = new TestFace([...path, slip]);
    expect(await runCli(face)).toBe(EXIT.usage);
    expect(face.err).toContain(`unknown option '${slip}'`);
    expect(face.err).toMatch(new RegExp(`Did you mean (one of [^?]*)?--${long}\\b`));
  }
});

test('the help names every exit code', () => {
  for (const code of Object.values(EXIT)) expect(EXIT_HELP).toMatch(new RegExp(`^ {2}${code} +\\S`, 'm'));
});

test.each([
  [true, {}, true],
  [false, {}, false],
  [true, { NO_COLOR: '1' }, false],
  [true, { NO_COLOR: '' }, true],
  [true, { TERM: 'dumb' }, false],
])('colours on a TTY %s with %o: %s', (isTty, env, expected) => {
  expect(hasColour({ isTty, env })).toBe(expected);
});

test('a bug that nobody catches is one fatal line without secrets, and the end of the process', async () => {
  const face = new TestFace(['simulate', '--port', '0', '--events-per-second', '0']);
  const ended = runCli(face);
  await face.saw(/Connect to it/);
  face.fault({ kind: 'unhandledRejection', error: new TypeError('cannot read x of {"app_secret":"hunter22"}') });
  expect(face.exits).toEqual([EXIT.failure]);
  const line = face.err.trim().split('\n').at(-1) ?? '';
  expect(JSON.parse(line)).toMatchObject({ level: 'fatal', event: 'unhandledRejection', err: { type: 'TypeError' } });
  expect(line).not.toContain('hunter22');
  face.signal('SIGTERM');
  expect(await ended).toBe(EXIT.terminated);
});

test('something else than an error may be thrown too', () => {
  expect(JSON.parse(faultLine({ kind: 'uncaughtException', error: 'text' }))).toMatchObject({
    err: { message: 'text' },
  });
});

test.each([
  ['16.20.2', false],
  ['18.20.4', false],
  ['20.18.3', false],
  ['20.19.0', true],
  ['21.7.3', false],
  ['22.11.0', false],
  ['22.12.0', true],
  ['24.0.0', true],
  ['26.10.0', true],
])('on Node.js %s a command runs: %s; help and version are told anywhere', async (nodeVersion, runs) => {
  const face = new TestFace(['completion', 'bash'], { nodeVersion });
  expect(await runCli(face)).toBe(runs ? EXIT.ok : EXIT.usage);
  const told = `feishu-connector: this is Node.js ${nodeVersion}, and it takes 20.19 or newer`;
  expect(face.err).toMatch(runs ? /^$/ : new RegExp(`^${told}`));
  expect(await runCli(new TestFace(['--help'], { nodeVersion }))).toBe(EXIT.ok);
  const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly engines: { readonly node: string };
  };
  expect(engines.node).toBe(NODE_RANGE);
});

test('the command lines of the help are ours', async () => {
  const program = createProgram(new TestFace([]), () => {});
  for (const { path } of everyNode(completionTree(program))) {
    const face = new TestFace([...path, '--help']);
    await runCli(face);
    expect(strangeCommandLines(face.out)).toEqual([]);
  }
});

test.each([
  [{ FEISHU_APPID: 'x' }, 'FEISHU_APPID is set but unknown; did you mean FEISHU_APP_ID?'],
  [
    { FEISHU_APP_ID: 'cli_0123456789abcdef', FEISHU_APP_SECRT: 'x' },
    'FEISHU_APP_SECRT is set but unknown; did you mean FEISHU_APP_SECRET?',
  ],
])('where something is missing, a variable that was misspelt is named: %o', async (env, hint) => {
  for (const command of ['run', 'doctor']) {
    const face = new TestFace([command], { env });
    expect(await runCli(face)).toBe(EXIT.usage);
    expect(face.err).toContain(`\n(${hint})\n`);
    const json = new TestFace([command, '--json'], { env });
    await runCli(json);
    expect(JSON.parse(json.err)).toMatchObject({ hints: [hint] });
  }
});
