import { readdirSync } from 'node:fs';
import { pathOf, read } from './root.js';

/** The pages whose commands, snippets, names and links are held to the code. */
export const PAGES: readonly string[] = [
  'README.md',
  'README.zh.md',
  ...readdirSync(pathOf('docs'))
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `docs/${name}`),
];

/** A fenced block of a page. */
export interface Fence {
  readonly page: string;
  /** Of the line that opens it, from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** The HTML comment on the line above, without its brackets; empty without one. */
  readonly mark: string;
}

export const FENCES: readonly Fence[] = PAGES.flatMap(fencesOf);

/** `docs/sinks.md:12`, as messages call it. */
export function placeOf({ page, line }: Fence): string {
  return `${page}:${line}`;
}

export function fencesOf(page: string): readonly Fence[] {
  const lines = read(page).split('\n');
  const fences: Fence[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const [, indent = '', language] = /^( *)```([\w-]*)$/.exec(lines[index] ?? '') ?? [];
    if (language === undefined) continue;
    const end = lines.indexOf(`${indent}\`\`\``, index + 1);
    if (end < 0) throw new Error(`${page}:${index + 1}: the fence is not closed`);
    const [, mark = ''] = /^ *<!-- (.*) -->$/.exec(lines[index - 1] ?? '') ?? [];
    const text = lines.slice(index + 1, end).map((line) => line.slice(indent.length));
    fences.push({ page, line: index + 1, language, text: `${text.join('\n')}\n`, mark });
    index = end;
  }
  return fences;
}

/** The prose of a page: fenced blocks left out. */
export function proseOf(page: string): string {
  return read(page).replace(/^( *)```[\s\S]*?^\1```$/gm, '');
}
