import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withFiles } from '../support/temporary-folder.js';
import { runBench } from './support/bench.js';

test('the store bench measures both durabilities at every load, and leaves nothing behind', async () => {
  await withFiles({}, async (directory) => {
    const rows: unknown = JSON.parse(runBench('store', ['--seconds', '0.1', '--directory', directory, '--json']));
    expect(rows).toMatchObject(
      ['process', 'power'].flatMap((durability) => [1, 100, 1_000].map((underWay) => ({ durability, underWay }))),
    );
    for (const row of rows as { commitsPerSecond: number }[]) expect(row.commitsPerSecond).toBeGreaterThan(0);
    expect(readdirSync(directory)).toEqual([]);
    expect(runBench('store', ['--seconds', '0.1', '--directory', directory])).toContain('to one by one');
  });
});

test('the recovery bench takes a connector through an outage and back', () => {
  const table = runBench('recovery', ['--seeds', '2', '--outages', '10s', '--troubles', 'dns', '--workers', '1']);
  expect(table).toMatch(/^\| DNS failure \| 10 s \| 2 \| \d+\.\d s \|/m);
});

test('the tracing bench plays its events with and without spans', () => {
  const result: unknown = JSON.parse(runBench('tracing', ['--rounds', '2', '--events', '100', '--json']));
  expect(result).toMatchObject({ rounds: 2, eventsPerRound: 100, ratio: { median: expect.any(Number) } });
});
