import type { CliFace } from '../face.js';
import { writeLine } from '../face.js';
import type { WrittenFile } from './output-folder.js';

/** Says what was written, to people or to programs. */
export function tellWritten(face: CliFace, folder: string, files: readonly WrittenFile[], isJson: boolean): void {
  if (isJson) {
    writeLine(face.stdout, JSON.stringify({ folder, files }));
    return;
  }
  for (const { path, outcome } of files) writeLine(face.stdout, `${outcome.padEnd(10)}${path}`);
}

/** Rows under each other, the first column as wide as its longest. */
export function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([name]) => name.length)) + 2;
  return rows.map(([name, meaning]) => `  ${name.padEnd(width)}${meaning}`);
}
