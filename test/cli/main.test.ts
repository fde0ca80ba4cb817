import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';

/** The built program, as users start it; `npm test` builds it first. */
const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
});

function start(...argv: string[]) {
  const child = spawn(process.execPath, [MAIN, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH },
  });
  let err = '';
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  children.push(child);
  return { child, lines: createInterface(child.stdout), ended: once(child, 'exit'), err: () => err };
}

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('run --simulator prints events, drains on %s and exits with %i', async (signal, code) => {
  const { child, lines, ended, err } = start('run', '--simulator', '--listen', '127.0.0.1:0');
  const [line] = await once(lines, 'line');
  expect(JSON.parse(line)).toMatchObject({ type: 'im.message.receive_v1', source: 'push' });
  child.kill(signal);
  expect(await ended).toEqual([code, null]);
  expect(err()).toMatch(/\[feishu\] stopped"}\n$/);
});

test('a reader that goes away is no crash but a clear end with 1', async () => {
  const { child, lines, ended, err } = start('run', '--simulator', '--listen', '127.0.0.1:0');
  await once(lines, 'line');
  lines.close();
  child.stdout.destroy();
  expect(await ended).toEqual([1, null]);
  expect(err()).toContain('the reader of standard output is gone');
  expect(err()).not.toContain('uncaughtException');
});

test.skipIf(!existsSync('/dev/full'))(
  'a full disk under standard output is a failure that says so, and a reader that has enough is none',
  () => {
    const full = openSync('/dev/full', 'w');
    for (const argv of [['completion', 'bash'], ['--help'], ['alerts', '--format', 'prometheus-rule']]) {
      const { status, stderr } = spawnSync(process.execPath, [MAIN, ...argv], {
        stdio: ['ignore', full, 'pipe'],
        encoding: 'utf8',
      });
      expect([status, stderr]).toEqual([1, expect.stringMatching(/standard output took not everything: ENOSPC/)]);
    }
    closeSync(full);
    const pipe = `"$0" "$1" alerts --format prometheus-rule | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', pipe, process.execPath, MAIN], { encoding: 'utf8' });
    expect([stdout.trim().split('\n').at(-1), stderr]).toEqual(['0', '']);
  },
);

test('help and version need no configuration, and a mistake ends with 2', () => {
  const run = (...argv: string[]) => spawnSync(process.execPath, [MAIN, ...argv], { encoding: 'utf8', env: {} });
  expect(run('--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(run('--help').status).toBe(0);
  const { status, stderr } = run('run');
  expect([status, stderr]).toEqual([2, expect.stringContaining('feishu-connector run --simulator')]);
});
