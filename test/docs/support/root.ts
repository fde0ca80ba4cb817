import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../../', import.meta.url);

/** Absolute path of a file of the repository. */
export function pathOf(file: string): string {
  return fileURLToPath(new URL(file, ROOT));
}

export function read(file: string): string {
  return readFileSync(pathOf(file), 'utf8');
}

/** What a file should hold, compared with what it holds; with UPDATE=1 it is written first. */
export function committed(file: string, expected: string): { readonly held: string; readonly expected: string } {
  if (process.env.UPDATE === '1') writeFileSync(pathOf(file), expected);
  return { held: read(file), expected };
}

/** A page with the text between `<!-- generated: name -->` and `<!-- end -->` replaced by what `parts` has under that name. */
export function withParts(page: string, parts: Readonly<Record<string, string>>): string {
  const unused = new Set(Object.keys(parts));
  const filled = page.replace(
    /(<!-- generated: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_all, head: string, name: string, tail: string) => {
      const part = parts[name];
      if (part === undefined) throw new Error(`nothing is generated for the part ${name}`);
      unused.delete(name);
      return `${head}\n${part}\n\n${tail}`;
    },
  );
  if (unused.size > 0) throw new Error(`the page has no place for ${[...unused].join(', ')}`);
  return filled;
}

/** A Markdown table. Bars within cells are escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replace(/\|/g, '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
