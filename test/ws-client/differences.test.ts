import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

/** The rows of the page's one table, as cells. */
const ROWS = read('migration.md')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| |'))
  .map((line) => line.slice(2, -2).split(' | '));

test('each difference from the SDK has the failure mode that asks for it, or its reason in words', () => {
  const known = new Set([...read('incidents.md').matchAll(/^\| (F\d\d) \|/gm)].map(([, number]) => number));
  expect(known.size).toBe(43);
  expect(ROWS.length).toBeGreaterThan(20);
  for (const row of ROWS) {
    expect(row, row[0]).toHaveLength(4);
    const why = row[3] ?? '';
    const numbers = why.match(/\bF\d\d\b/g) ?? [];
    for (const number of numbers) expect(known, row[0]).toContain(number);
    if (numbers.length === 0) expect(why.split(' ').length, `a reason in words: ${row[0]}`).toBeGreaterThan(5);
  }
});

test('no difference is told twice', () => {
  expect(new Set(ROWS.map(([what]) => what)).size).toBe(ROWS.length);
});
