import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { BOARDS, fileOf, jsonOf } from '../../dashboards/src/boards.js';

function pathOf(file: string): string {
  return fileURLToPath(new URL(`../../dashboards/${file}`, import.meta.url));
}

test.each(BOARDS.map((board) => [fileOf(board), board] as const))(
  'dashboards/%s is what its source builds; UPDATE=1 writes it anew',
  (file, board) => {
    if (process.env.UPDATE === '1') writeFileSync(pathOf(file), jsonOf(board));
    expect(existsSync(pathOf(file)) ? readFileSync(pathOf(file), 'utf8') : null).toBe(jsonOf(board));
  },
);

test('a board builds the same JSON each time: no state is left in its panels', () => {
  for (const board of BOARDS) expect(jsonOf(board)).toBe(jsonOf(board));
});

test('no other dashboard lies in the folder that Grafana is given', () => {
  expect(readdirSync(pathOf('.')).filter((name) => name.endsWith('.json'))).toEqual(BOARDS.map(fileOf).sort());
});
