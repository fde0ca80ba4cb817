import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withFiles } from '../support/temporary-folder.js';
import { refusalOf, runBench } from './support/bench.js';

interface Result {
  readonly variants: Readonly<Record<string, { readonly events: number }>>;
  readonly ratios: readonly unknown[];
  readonly startUp: Readonly<Record<string, unknown>>;
}

test('the throughput bench runs every client, each of them handles and acknowledges every event, and nothing stays behind', async () => {
  await withFiles({}, async (folder) => {
    const json = join(folder, 'result.json');
    const stdout = runBench('throughput', ['--short', '--json', json, '--directory', folder], 110_000);
    const { variants, ratios, startUp } = JSON.parse(readFileSync(json, 'utf8')) as Result;
    expect(Object.keys(variants)).toEqual([
      'bare',
      'bare-json',
      'sdk',
      'rooms',
      'ours',
      'journal-process',
      'journal-power',
      'drop-in',
      'tracing',
      'tracing-daemon',
    ]);
    // At least the window: fewer would mean that the sender never got going.
    for (const { events } of Object.values(variants)) expect(events).toBeGreaterThanOrEqual(1_000);
    for (const name of Object.keys(variants)) expect(stdout).toContain(name);
    expect(ratios).toHaveLength(12);
    expect(Object.keys(startUp)).toEqual([
      'node',
      'feishu-connector',
      '@larksuiteoapi/node-sdk',
      'createConnector',
      'run, to first attempt',
      'run, to connected',
    ]);
    expect(readdirSync(folder)).toEqual(['result.json']);
  });
});

test('an option that nobody knows, or a client that there is not, is refused with its name', () => {
  expect(refusalOf('throughput', ['--only', 'sdk,faster'])).toContain(
    '--only knows no faster; known are bare, bare-json, sdk,',
  );
  expect(refusalOf('throughput', ['--rounds', '0'])).toContain('--rounds must be a whole number from 1');
});
