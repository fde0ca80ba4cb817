import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = new URL('../../', import.meta.url);
const PACKAGE = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
};
const OURS = Object.keys({ ...PACKAGE.dependencies, ...PACKAGE.optionalDependencies });

/** What a connector is made with, and what one adds that runs, beside a simulator. */
const MADE = ['@opentelemetry/api', 'pino', 'prom-client'];
const RUNNING = [...MADE, 'ws'];

/** Runs a module of the built package's user. @returns Our direct dependencies that it loaded, sorted. */
function loadedBy(source: string): string[] {
  return loadedWith(['--input-type=module', '--eval', source]);
}

/** Runs the built command line. @returns Our direct dependencies that it loaded, sorted. */
function loadedByCommand(...argv: readonly string[]): string[] {
  return loadedWith([fileURLToPath(new URL('dist/cli/main.js', ROOT)), ...argv]);
}

function loadedWith(args: readonly string[]): string[] {
  const preload = fileURLToPath(new URL('test/support/loaded-packages.mjs', ROOT));
  const { stderr } = spawnSync(process.execPath, ['--import', preload, ...args], {
    cwd: fileURLToPath(ROOT),
    encoding: 'utf8',
  });
  const [, loaded] = /^loaded: (.*)$/m.exec(stderr) ?? [];
  if (loaded === undefined) throw new Error(`the program did not say what it loaded: ${stderr}`);
  return (JSON.parse(loaded) as string[]).filter((name) => OURS.includes(name));
}

test('importing the library loads no other package', () => {
  expect(loadedBy("await import('feishu-connector')")).toEqual([]);
});

test('making a connector loads all that its events will need, so that none of them waits for a file', () => {
  const program = `
    import { createConnector } from 'feishu-connector';
    createConnector({ appId: 'cli_0123456789abcdef', appSecret: 'secret', handlers: {} });`;
  expect(loadedBy(program)).toEqual(MADE);
});

test.each([
  '--version',
  '--version --json',
  '--help',
  'run --help',
  'help dead-letters',
  'completion bash',
  'no-such-command',
])('feishu-connector %s loads the parser of command lines, and nothing that connects, listens or checks', (line) => {
  expect(loadedByCommand(...line.split(' '))).toEqual(['commander']);
});

test('importing the simulator loads a WebSocket server and nothing else', () => {
  expect(loadedBy("await import('feishu-connector/simulator')")).toEqual(['ws']);
});

test('a connector that runs loads no more, until somebody asks for its API client', () => {
  const program = (last: string) => `
    import { createConnector } from 'feishu-connector';
    import { createSimulator, DEFAULT_APP } from 'feishu-connector/simulator';
    const simulator = createSimulator();
    const { url } = await simulator.start();
    const connector = createConnector({ ...DEFAULT_APP, domain: url, handlers: {} });
    await connector.start();
    await connector.ready();
    ${last}
    await connector.stop();
    await simulator.stop();`;
  expect(loadedBy(program(''))).toEqual(RUNNING);
  expect(loadedBy(program('connector.client.im;'))).toEqual(['@larksuiteoapi/node-sdk', ...RUNNING]);
});

test('what the hooks tell of is what is loaded: also a package of ES modules alone', () => {
  expect(loadedBy("await import('commander'); await import('yaml'); await import('lmdb');")).toEqual([
    'commander',
    'lmdb',
    'yaml',
  ]);
});
