/** One command of a shell block, as far as a page writes them: no quotes within quotes, no substitutions. */
export interface ShellCommand {
  /** Variables that are set for it alone. */
  readonly variables: Readonly<Record<string, string>>;
  /** The program and its arguments, without redirections. */
  readonly words: readonly string[];
}

/** The commands of a block, in order: those of pipes, lists and loops too. Comments are left out. */
export function commandsOf(block: string): readonly ShellCommand[] {
  return block
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .flatMap((line) => splitOutsideQuotes(line))
    .map(wordsOf)
    .filter((words) => words.length > 0)
    .map(commandOf)
    .filter(({ words }) => words.length > 0);
}

/** Words that only hold loops together. */
const GLUE = new Set(['do', 'done', 'then', 'fi', 'else']);

function commandOf(words: readonly string[]): ShellCommand {
  const variables: Record<string, string> = {};
  let index = 0;
  while (GLUE.has(words[index] ?? '')) index += 1;
  for (; index < words.length; index += 1) {
    const [, name, value] = /^([A-Z_][A-Z0-9_]*)=(.*)$/s.exec(words[index] ?? '') ?? [];
    if (name === undefined || value === undefined) break;
    variables[name] = value;
  }
  return { variables, words: words.slice(index) };
}

/** The parts of a line between `&&`, `||`, `|`, `;` and `&`, up to a comment. */
function splitOutsideQuotes(line: string): readonly string[] {
  const parts: string[] = [''];
  for (const [token] of line.matchAll(
    /'[^']*'|"[^"]*"|(?<=^|\s)#.*$|&&|\|\||[|;]|(?<=\s)&(?=\s|$)|[^'"&|;\s]+|\s+|./g,
  )) {
    if (token.startsWith('#')) break;
    if (/^(&&|\|\||[|;&])$/.test(token)) parts.push('');
    else parts.push(`${parts.pop() ?? ''}${token}`);
  }
  return parts;
}

function wordsOf(part: string): readonly string[] {
  const words = [...part.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'),
  );
  const redirection = words.findIndex((word) => /^\d?[<>]/.test(word));
  return redirection < 0 ? words : words.slice(0, redirection);
}
