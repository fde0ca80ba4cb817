import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../scripts/package-check.mjs', import.meta.url));

/** Ends before anything is packed or fetched. */
function check(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...argv], { encoding: 'utf8', env });
  return [status, stdout, stderr];
}

test('a version that is not checked is named, and those that are', () => {
  expect(check(['19'])).toEqual([1, '', 'package-check: no such version: 19; known are 20, 22, 24, 26\n']);
});

test('without npm it fails: a check that is skipped in silence is none', () => {
  expect(check([], { PATH: '/nowhere' })).toEqual([1, '', 'package-check: npm is not on the PATH\n']);
});
