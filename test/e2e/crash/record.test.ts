import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withFiles } from '../../support/temporary-folder.js';
import { readRecord } from './record.js';

const note = (what: string, id: string, pid: number, atNs: number) =>
  `\n${JSON.stringify({ what, id, pid, atNs: String(atNs) })}`;

test('a line that a kill cut short noted nothing, and the next process begins on a line of its own', async () => {
  const cut = note('ended', 'om_1', 1, 20).slice(0, -3);
  const notes = [note('begun', 'om_1', 1, 10), cut, note('begun', 'om_1', 2, 30), note('ended', 'om_1', 2, 40)];
  await withFiles({ 'record.jsonl': notes.join('') }, async (folder) => {
    expect(readRecord(join(folder, 'record.jsonl')).get('om_1')).toEqual([
      { pid: 1, begunAtNs: 10n, endedAtNs: null },
      { pid: 2, begunAtNs: 30n, endedAtNs: 40n },
    ]);
  });
});
