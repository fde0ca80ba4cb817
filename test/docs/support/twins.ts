import { createHash } from 'node:crypto';

/** A heading with all that stands below it, up to the next one. */
export interface Section {
  readonly heading: string;
  readonly level: number;
  readonly body: string;
}

/** What translations have in common with what they translate. Two sections that are told apart here are no twins. */
export interface Shape {
  readonly level: number;
  /** Whole fenced blocks, with the comment above. */
  readonly fences: readonly string[];
  /** In their order, pictures included. The two twins link to each other. */
  readonly links: readonly string[];
  /** What stands in backquotes, sorted: languages differ in the order of words. */
  readonly code: readonly string[];
  /** For each table its number of columns, and of each row the first cell where it is code. */
  readonly tables: readonly string[];
  /** For each paragraph, item and row the numbers in it, sorted. */
  readonly numbers: readonly string[];
}

const FENCE = /^(?:<!-- [^\n]* -->\n)?```[\s\S]*?^```$/gm;
const DIGEST = /^<!-- translated: (\w+) -->\n\n?/m;

/** The sections of a page; its first heading is its title. */
export function sectionsOf(page: string): readonly Section[] {
  const fences: string[] = [];
  const bare = page.replace(FENCE, (fence) => `\u0000${fences.push(fence) - 1}\u0000`);
  const whole = bare.split(/^(?=#{1,6} )/m).filter((text) => text !== '');
  return whole.map((text) => {
    const [, marks = '', heading = '', body = ''] = /^(#+) (.*)\n([\s\S]*)$/.exec(text) ?? [];
    if (marks === '') throw new Error(`no heading above: ${text.slice(0, 80)}`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: no page has them
    const filled = body.replace(/\u0000(\d+)\u0000/g, (_all, index: string) => fences[Number(index)] ?? '');
    return { heading, level: marks.length, body: filled };
  });
}

export function shapeOf({ level, body }: Section): Shape {
  const fences = body.match(FENCE) ?? [];
  const prose = body.replace(FENCE, '').replace(/<!--[\s\S]*?-->/g, '');
  return {
    level,
    fences,
    links: [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) =>
      target.replace(/^README(\.zh)?\.md$/, 'its twin'),
    ),
    code: (prose.match(/`[^`]+`/g) ?? []).sort(),
    tables: prose.split('\n').filter(isRow).map(tableShape),
    numbers: piecesOf(prose).map((piece) => (wordsOf(piece).match(/\d+(?:[.,:_]\d+)*/g) ?? []).sort().join(' ')),
  };
}

/** Parts that both twins get from the same measurement: numbers that change without a word being said. */
const MEASURED = /<!-- generated: (?:recovery|bench) -->[\s\S]*?<!-- end -->/g;

/** What was translated: the section as it is read, but for what is measured. */
export function digestOf({ heading, body }: Section): string {
  const text = body.replace(MEASURED, '').trim();
  return createHash('sha256').update(`${heading}\n${text}`).digest('hex').slice(0, 16);
}

/** Which text the translator had before them; null where none is recorded. */
export function recordedDigest({ body }: Section): string | null {
  return DIGEST.exec(body)?.[1] ?? null;
}

/** A translation with the digests of what it translates below its headings. */
export function withDigests(translation: readonly Section[], original: readonly Section[]): string {
  return translation
    .map(({ heading, level, body }, index) => {
      const source = original[index];
      if (source === undefined) throw new Error(`"${heading}" translates nothing`);
      const text = body.replace(DIGEST, '').replace(/^\n+/, '');
      return `${'#'.repeat(level)} ${heading}\n\n<!-- translated: ${digestOf(source)} -->\n\n${text}`;
    })
    .join('');
}

/** Paragraphs, items of lists and rows of tables: what is translated at a time. */
export function piecesOf(prose: string): readonly string[] {
  return prose
    .split(/\n\n+|\n(?=- |\|)/)
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '');
}

/** What people read of it: without code and without where links lead. */
function wordsOf(piece: string): string {
  return piece.replace(/`[^`]+`/g, '').replace(/\]\([^)]*\)/g, ']');
}

function isRow(line: string): boolean {
  return line.startsWith('|');
}

function tableShape(row: string): string {
  const cells = row.slice(1, -1).split(/(?<!\\)\|/);
  const [first = ''] = cells.map((cell) => cell.trim());
  return `${cells.length} cells${/^`[^`]+`$/.test(first) ? `: ${first}` : ''}`;
}
