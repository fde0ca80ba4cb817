import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

const DEADLINE_MS = 60_000;

/** What a program of `bench/` prints, in a process of its own, once that has ended well. */
export function runBench(bench: string, args: readonly string[], deadlineMs = DEADLINE_MS): string {
  const { status, stdout, stderr } = spawnBench(bench, args, deadlineMs);
  expect(status, stderr).toBe(0);
  return stdout;
}

/** What it says of a command line that it does not take. */
export function refusalOf(bench: string, args: readonly string[]): string {
  const { status, stderr } = spawnBench(bench, args, DEADLINE_MS);
  expect(status).toBe(1);
  return stderr;
}

function spawnBench(bench: string, args: readonly string[], deadlineMs: number) {
  const script = fileURLToPath(new URL(`../../../bench/${bench}.mjs`, import.meta.url));
  return spawnSync(process.execPath, [script, ...args], { encoding: 'utf8', timeout: deadlineMs });
}
