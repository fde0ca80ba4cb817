import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withFiles } from '../support/temporary-folder.js';
import { refusalOf, runBench } from './support/bench.js';

interface Result {
  readonly series: Readonly<
    Record<string, { readonly rows: readonly Readonly<Record<string, number>>[]; readonly growth: object }>
  >;
}

test('the scale bench finds every app connected, every event handled and every id known again, and nothing stays behind', async () => {
  await withFiles({}, async (folder) => {
    const json = join(folder, 'result.json');
    const stdout = runBench('scale', ['--short', '--json', json, '--directory', folder], 110_000);
    const { series } = JSON.parse(readFileSync(json, 'utf8')) as Result;
    const sizes = Object.entries(series).map(([name, { rows }]) => [name, rows.map(({ size }) => size)]);
    expect(Object.fromEntries(sizes)).toEqual({
      apps: [1, 3],
      connections: [1, 3],
      ids: [1, 1_000],
      journal: [1, 1_000],
    });
    // Every figure is there, and every one of them is a number: what it is, says nothing in so short a time.
    for (const { rows, growth } of Object.values(series)) {
      for (const row of rows) {
        expect(Object.keys(row)).toEqual(['size', ...Object.keys(growth)].sort(byOrderIn(row)));
        for (const figure of Object.values(row)) expect(figure).toBeGreaterThanOrEqual(0);
      }
    }
    // An app has its own series, and a scrape all of them; a second connection has none of its own.
    const [one, three] = series.apps?.rows ?? [];
    expect((three?.scrapeMb ?? 0) / (one?.scrapeMb ?? 0)).toBeGreaterThan(2);
    for (const name of Object.keys(series)) expect(stdout).toContain(`${name}: `);
    expect(readdirSync(folder)).toEqual(['result.json']);
  });
});

function byOrderIn(row: object): (a: string, b: string) => number {
  const order = Object.keys(row);
  return (a, b) => order.indexOf(a) - order.indexOf(b);
}

test('an option that nobody knows, or a series that there is not, is refused with its name', () => {
  expect(refusalOf('scale', ['--only', 'apps,planets'])).toContain(
    '--only knows no planets; known are apps, connections, ids, journal',
  );
  expect(refusalOf('scale', ['--seconds', '0'])).toContain('--seconds must be more than 0 and at most 50');
});
