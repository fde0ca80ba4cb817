import { writeLine } from '../face.js';
/** Says what was written, to people or to programs. */
export function tellWritten(face, folder, files, isJson) {
    if (isJson) {
        writeLine(face.stdout, JSON.stringify({ folder, files }));
        return;
    }
    for (const { path, outcome } of files)
        writeLine(face.stdout, `${outcome.padEnd(10)}${path}`);
}
/** Rows under each other, the first column as wide as its longest. */
export function columns(rows) {
    const width = Math.max(0, ...rows.map(([name]) => name.length)) + 2;
    return rows.map(([name, meaning]) => `  ${name.padEnd(width)}${meaning}`);
}
