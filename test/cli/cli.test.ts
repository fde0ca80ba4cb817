import { expect, test } from 'vitest';
import { createProgram, faultLine, runCli } from '../../src/cli/cli.js';
import { completionTree, everyNode } from '../../src/cli/completion/tree.js';
import { EXIT, EXIT_HELP } from '../../src/cli/exit-code.js';
import { hasColour } from '../../src/cli/face.js';
import { readBuild } from '../../src/observe/index.js';
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
