/** What a terminal draws two columns wide: the blocks of East Asian writing and of pictures, as terminals agree on them. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
/** What stands on the character before it, or is not drawn. */
const NARROW = /[\p{Mn}\p{Me}\p{Cf}]/u;
const ESCAPE = '\u001b';
/** A colour, as {@link paintWith} sets it. */
const COLOUR = new RegExp(`${ESCAPE}\\[(\\d+)m`, 'g');

const COLOUR_OR_CHARACTER = new RegExp(`${COLOUR.source}|[\\s\\S]`, 'gu');

/** How many columns of a terminal a text takes. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text.replace(COLOUR, ''))
    columns += WIDE.test(character) ? 2 : NARROW.test(character) ? 0 : 1;
  return columns;
}

/** `padEnd` by what a terminal draws. */
export function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)));
}

/**
 * A line as lines of at most so many columns, broken between words where there are any. Left to the terminal it would break
 * anywhere, and nobody would know how many rows were written.
 * @param indent Where further lines begin, in columns.
 */
export function folded(line: string, indent: number, columns: number): string[] {
  if (columnsOf(line) <= columns) return [line];
  const margin = ' '.repeat(Math.min(indent, Math.max(0, columns - 20)));
  const lines: string[] = [];
  let current = '';
  let colour = '';
  const endLine = (): void => {
    lines.push(current.trimEnd() + (colour === '' ? '' : '\u001b[0m'));
    current = margin + colour;
  };
  for (const [, gap = '', word = ''] of line.matchAll(/( *)([^ ]+)/g)) {
    // The margin before the first word belongs to the line.
    if (current !== '' && columnsOf(current + gap + word) > columns && columnsOf(current) > margin.length) {
      endLine();
      current += word;
    } else current += gap + word;
    for (const [sequence, code] of word.matchAll(COLOUR)) colour = code === '0' ? '' : sequence;
    for (let fits = lengthWithin(current, columns); fits < current.length; fits = lengthWithin(current, columns)) {
      const rest = current.slice(fits);
      current = current.slice(0, fits);
      endLine();
      current += rest;
    }
  }
  return [...lines, current];
}

/** How much of a text fits into so many columns: one character at least. */
function lengthWithin(text: string, columns: number): number {
  let length = 0;
  let taken = 0;
  for (const [part] of text.matchAll(COLOUR_OR_CHARACTER)) {
    taken += columnsOf(part);
    if (taken > columns && length > 0) break;
    length += part.length;
  }
  return length;
}
