/** The parts of a runbook, in their order. */
export const SECTIONS = [
  'Meaning',
  'Impact',
  'First minute',
  'Diagnosis',
  'Mitigation',
  'Recovered when',
  'Afterwards',
  'False alarm?',
] as const;
export type Section = (typeof SECTIONS)[number];

/** A fenced block of code. */
export interface CodeBlock {
  readonly language: string;
  readonly code: string;
}

/** The titles of the parts that a page has, in the page's order: bold words at the start of a line. */
export function sectionsOf(page: string): string[] {
  return [...prose(page).matchAll(/^\*\*([^*\n]+)\*\*/gm)].map(([, title = '']) => title);
}

/** The text of one part, without its title; empty if the page lacks it. */
export function sectionOf(page: string, section: Section): string {
  const start = page.indexOf(`\n**${section}**`);
  if (start === -1) return '';
  const text = page.slice(start + section.length + 5);
  const end = text.search(/^\*\*[^*\n]+\*\*/m);
  return (end === -1 ? text : text.slice(0, end)).trim();
}

/** Fenced blocks, those inside list items included; the item's indentation is taken off. */
export function codeBlocksOf(page: string): CodeBlock[] {
  return [...page.matchAll(/^( *)```(\w*)\n([\s\S]*?)^ *```$/gm)].map(([, indent = '', language = '', code = '']) => ({
    language,
    code: code
      .split('\n')
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
      .join('\n')
      .trim(),
  }));
}

/** Words between single backticks, outside fenced blocks. */
export function codeSpansOf(page: string): string[] {
  return [...prose(page).matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
}

/** Every shell command: lines of `bash` blocks, and code spans that begin with one of these programs. */
export function commandsOf(page: string, programs: ReadonlySet<string>): string[] {
  const lines = codeBlocksOf(page)
    .filter(({ language }) => language === 'bash')
    .flatMap(({ code }) => code.split('\n'));
  const spans = codeSpansOf(page).filter((span) => span.includes(' ') && programs.has(firstWordOf(span)));
  return [...lines, ...spans];
}

export function firstWordOf(command: string): string {
  return /^\S*/.exec(command)?.[0] ?? '';
}

/** Targets of the links of a page. */
export function linksOf(page: string): string[] {
  return [...prose(page).matchAll(/\[[^\]\n]+\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
}

/** What a link into this page may name after its `#`: headings as GitHub spells them, and explicit anchors. */
export function anchorsOf(page: string): Set<string> {
  const headings = [...prose(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
  const explicit = [...page.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id);
  return new Set([...headings, ...explicit]);
}

/** The page without its fenced blocks. */
function prose(page: string): string {
  return page.replace(/^ *```\w*\n[\s\S]*?^ *```$/gm, '');
}
