import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { withFiles } from '../support/temporary-folder.js';

const SCRIPT = fileURLToPath(new URL('../../scripts/setup-tools', import.meta.url));

/** A system of its own: what is on its PATH, and nothing else. */
interface System {
  /** Programs that do nothing. */
  readonly installed: readonly string[];
  /** What `apt-get install` does, as a shell script; null where there is none. */
  readonly aptGet?: string;
  readonly args?: readonly string[];
}

interface Outcome {
  readonly exitCode: number;
  readonly output: string;
}

function setUp({ installed, aptGet, args = [] }: System): Promise<Outcome> {
  return withFiles({}, (folder) => {
    const path = join(folder, 'bin');
    mkdirSync(path);
    const add = (name: string, script: string) => {
      writeFileSync(join(path, name), `#!/bin/bash\n${script}\n`);
      chmodSync(join(path, name), 0o755);
    };
    for (const name of installed) add(name, '');
    if (aptGet !== undefined) add('apt-get', aptGet);
    // Root already, so that the script asks nobody to become it.
    add('id', 'echo 0');
    for (const name of ['env', 'mktemp', 'rm', 'tail', 'tee', 'chmod'])
      symlinkSync(`/usr/bin/${name}`, join(path, name));
    return new Promise((resolve, reject) => {
      const env = { PATH: path, TMPDIR: folder };
      execFile('/bin/bash', [SCRIPT, ...args], { env, timeout: 15_000 }, (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : error.code;
        if (typeof exitCode === 'number') resolve({ exitCode, output: stdout + stderr });
        else reject(error);
      });
    });
  });
}

const ALL = ['prometheus', 'promtool', 'alertmanager', 'amtool', 'nats-server', 'chromium'];

test('it says nothing and installs nothing when all is there', async () => {
  expect(await setUp({ installed: ALL, aptGet: 'exit 1' })).toEqual({ exitCode: 0, output: '' });
});

test('where there is no apt-get it names each program and its package, and fails', async () => {
  const { exitCode, output } = await setUp({ installed: ['prometheus'] });
  expect(exitCode).toBe(1);
  expect(output).toContain('this system has no apt-get');
  expect(output).toContain('prometheus, promtool  (package prometheus)');
  expect(output).toContain('prometheus-alertmanager or alertmanager, amtool  (package prometheus-alertmanager)');
});

test('it refuses a package it knows nothing about', async () => {
  expect(await setUp({ installed: ALL, args: ['postgresql'] })).toEqual({
    exitCode: 2,
    output: 'setup-tools: unknown package postgresql\n',
  });
});
