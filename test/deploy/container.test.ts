import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { nodeProblem } from '../../src/cli/node-version.js';
import { APP_ID } from '../support/app-connector.js';
import { withFiles } from '../support/temporary-folder.js';
import {
  configIn,
  programPath,
  ROOT,
  readPackage,
  stopBudgetMs,
  surfaceOf,
  textOf,
  unknownNames,
} from './supervised.js';

const TEXT = textOf('deploy/container/Dockerfile');

type Files = Readonly<Record<string, string>>;

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** One list of instructions for each FROM. */
function parseDockerfile(text: string): readonly (readonly Instruction[])[] {
  const lines = text
    .split('\n')
    .filter((line) => !line.trim().startsWith('#'))
    .join('\n')
    .replace(/ *\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: Instruction[][] = [];
  for (const line of lines) {
    const [, name, rest] = /^([A-Z]+) +(.+)$/.exec(line) ?? [];
    if (name === undefined || rest === undefined) throw new Error(`no instruction: ${line}`);
    if (name === 'FROM') stages.push([]);
    stages.at(-1)?.push({ name, rest });
  }
  return stages;
}

const stages = parseDockerfile(TEXT);
const image = stages.at(-1) ?? [];

function all(name: string, of: readonly Instruction[] = image): string[] {
  return of.filter((instruction) => instruction.name === name).map(({ rest }) => rest);
}

function only(name: string): string {
  const [rest = '', ...more] = all(name);
  expect([name, rest !== '', more]).toEqual([name, true, []]);
  return rest;
}

function environment(): Record<string, string> {
  return Object.fromEntries(
    only('ENV')
      .split(' ')
      .map((pair) => pair.split('=', 2)),
  );
}

/** Runs the image's own check of health, with an environment in place of the image's. @returns Its exit code. */
async function health(env: Readonly<Record<string, string>>): Promise<number | null> {
  const [, command = '[]'] = /CMD (\[.+\])$/.exec(only('HEALTHCHECK')) ?? [];
  const [program, ...args] = JSON.parse(command) as string[];
  expect([program, args[0]]).toEqual(['node', programPath()]);
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: 'ignore' });
  const [code] = await once(child, 'exit');
  return code;
}

test('what is copied is in the checkout, tracked, and all that the builder is sent', () => {
  const copied = stages
    .flatMap((stage) => all('COPY', stage))
    .filter((rest) => !rest.startsWith('--from='))
    .flatMap((rest) => rest.split(' ').slice(0, -1));
  const tracked = spawnSync('git', ['ls-files', '--', ...new Set(copied)], {
    cwd: ROOT,
    encoding: 'utf8',
  }).stdout.split('\n');
  for (const path of copied) {
    expect([path, existsSync(join(ROOT, path))]).toEqual([path, true]);
    expect(tracked.some((file) => file === path || file.startsWith(`${path}/`))).toBe(true);
  }
  const [everything, ...sent] = textOf('deploy/container/Dockerfile.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(everything).toBe('*');
  expect(sent.sort()).toEqual([...new Set(copied)].map((path) => `!${path}`).sort());
});

test('what is copied between stages comes from where the other stage made it', () => {
  const names = stages.map(([from]) => / AS (\w+)$/.exec(from?.rest ?? '')?.[1] ?? '');
  for (const copy of all('COPY')) {
    const [, stage = '', path = ''] = /^--from=(\w+) (\S+) /.exec(copy) ?? [];
    const workdir = all('WORKDIR', stages[names.indexOf(stage)] ?? []);
    expect([copy, workdir.some((directory) => path.startsWith(`${directory}/`))]).toEqual([copy, true]);
  }
  const scripts = TEXT.match(/npm run (\w+)/g)?.map((line) => line.split(' ').at(-1) ?? '') ?? [];
  expect(scripts.filter((script) => !(script in readPackage().scripts))).toEqual([]);
  expect(TEXT).toContain('npm ci --omit=dev --ignore-scripts');
});

test('it runs on a Node.js that the package supports', () => {
  const bases = [...new Set(stages.map(([from]) => from?.rest.split(' ')[0]))];
  expect(bases.join()).toMatch(/^\$\{BASE\}$/);
  const [, major = '0'] = /^ARG BASE=node:(\d+)-slim$/m.exec(TEXT) ?? [];
  expect([major, nodeProblem(`${major}.99.0`)]).toEqual([major, null]);
});

test('it starts the daemon with an environment that it runs with, as a user who is not root', async () => {
  expect(['ENTRYPOINT', 'CMD'].map((name) => JSON.parse(only(name)))).toEqual([['node', programPath()], ['run']]);
  const env = environment();
  expect(unknownNames(Object.keys(env))).toEqual([]);
  const [, appId = ''] = /--env FEISHU_APP_ID=(\S+)/.exec(TEXT) ?? [];
  const config = await configIn({ ...env, FEISHU_APP_ID: appId }, '/run/secrets', 'app-secret');
  const [volume = ''] = JSON.parse(only('VOLUME')) as string[];
  expect(config.apps[0]?.journal?.directory).toBe(`${volume}/${appId}`);
  expect(config.listen).toEqual({ host: '0.0.0.0', port: Number(only('EXPOSE')) });
  expect(only('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  // The line in its comment.
  const [, stopTimeout = '0'] = /--stop-timeout (\d+)/.exec(TEXT) ?? [];
  expect(Number(stopTimeout) * 1_000).toBeGreaterThan(stopBudgetMs(config));
  expect(TEXT).toContain(`--volume feishu-journal:${volume}`);
  expect(TEXT).toContain(`target=${env.FEISHU_APP_SECRET_FILE},readonly`);
  expect(TEXT).toContain(`--publish 127.0.0.1:${config.listen.port}:${config.listen.port}`);
});

// An expired certificate is the business of an alert.
const fileOf = (name: string) => fileURLToPath(new URL(`../support/tls/${name}`, import.meta.url));

test.each([
  ['HTTP', {}],
  ['HTTPS', { FEISHU_HTTP_CERT_FILE: fileOf('expired.pem'), FEISHU_HTTP_KEY_FILE: fileOf('throwaway.key') }],
])('its check of health goes by the process and not by Feishu, over %s', async (_scheme, files: Files) => {
  const { FEISHU_HTTP_CERT_FILE: certFile = '', FEISHU_HTTP_KEY_FILE: keyFile = '' } = files;
  const tls = certFile === '' ? null : { certFile, keyFile };
  const surface = await surfaceOf(false, { tls });
  const env = { ...files, FEISHU_CONTROL_SOCKET: 'none', FEISHU_LISTEN: `0.0.0.0:${surface.address.port}` };
  if (tls === null) expect((await fetch(`${surface.url}/readyz`)).status).toBe(503);
  expect(await health(env)).toBe(0);
  await surface.close();
  expect(await health(env)).toBe(1);
  const stuck = await surfaceOf(true, { tls, isAlive: false });
  onTestFinished(() => stuck.close());
  expect(await health({ ...env, FEISHU_LISTEN: `0.0.0.0:${stuck.address.port}` })).toBe(1);
});

test('its check of health goes by the configuration file too, and a file that was spoilt since changes nothing', async () => {
  const surface = await surfaceOf(false);
  onTestFinished(() => surface.close());
  const app = `appId: ${APP_ID}\nappSecret: a secret of the test\n`;
  const files = {
    'own.yaml': `listen: 127.0.0.1:${surface.address.port}\n${app}control: { socket: none }\n`,
    'spoilt.yaml': 'listen: [',
  };
  await withFiles(files, async (folder) => {
    expect(await health({ FEISHU_CONFIG: join(folder, 'own.yaml') })).toBe(0);
    const spoilt = { FEISHU_CONFIG: join(folder, 'spoilt.yaml'), FEISHU_CONTROL_SOCKET: 'none' };
    expect(await health({ ...spoilt, FEISHU_LISTEN: `0.0.0.0:${surface.address.port}` })).toBe(0);
  });
});
