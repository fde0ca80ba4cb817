import { nearMiss } from '../ports/index.js';
import { type CompletionNode, everyNode, formsOf } from './completion/tree.js';

/** What other programs call it. */
const COMMANDS_ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['start', 'run'],
  ['serve', 'run'],
  ['daemon', 'run'],
  ['health', 'status'],
  ['check', 'doctor'],
  ['diagnose', 'doctor'],
  ['simulator', 'simulate'],
  ['dlq', 'dead-letters'],
]);
const OPTIONS_ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['--port', '--listen'],
  ['--host', '--listen'],
  ['--verbose', '--log-level'],
  ['--debug', '--log-level'],
]);

/** What to say of a command that there is not, beyond what is near in spelling; null for nothing. */
export function commandAdvice(word: string, tree: CompletionNode): string | null {
  const meant = COMMANDS_ELSEWHERE.get(word);
  if (meant !== undefined) return `(Did you mean ${meant}?)`;
  return tree.options.some(({ long }) => long === word) ? `(Did you mean --${word}?)` : null;
}

/**
 * What to say of an option that a command does not have, and nothing that it has is near to in spelling: an option in the
 * wrong place is the likeliest slip then, as in `feishu-connector --config file`. Null for nothing.
 * @param words The command line, which tells the command.
 */
export function optionAdvice(flag: string, words: readonly string[], tree: CompletionNode): string | null {
  const own = commandOf(words, tree).options.flatMap(formsOf);
  const otherCase = flag === flag.toLowerCase() ? flag.toUpperCase() : flag.toLowerCase();
  if (/^-\w$/.test(flag)) return own.includes(otherCase) ? `(Did you mean ${otherCase}?)` : null;
  const elsewhere = OPTIONS_ELSEWHERE.get(flag);
  if (elsewhere !== undefined && own.includes(elsewhere)) return `(Did you mean ${elsewhere}?)`;
  const owners = ownersOf(flag, tree);
  if (owners.length > 0) return `(${flag} belongs to: ${owners.join(', ')})`;
  const meant = nearMiss(
    flag,
    everyNode(tree).flatMap(({ options }) => options.flatMap(formsOf)),
  );
  const meantOwners = meant === null ? [] : ownersOf(meant, tree);
  return meantOwners.length === 0 ? null : `(Did you mean ${meant}? It belongs to: ${meantOwners.join(', ')})`;
}

/** The commands that have an option, in the order of `--help`; none for one that all of them have. */
function ownersOf(flag: string, tree: CompletionNode): readonly string[] {
  const nodes = everyNode(tree).filter(({ path }) => path.length > 0);
  const owners = nodes.filter(({ options }) => options.some(({ long }) => long !== null && `--${long}` === flag));
  return owners.length === nodes.length ? [] : owners.map(({ path }) => path.join(' '));
}

/** The deepest command that the words lead to, up to the first option. */
function commandOf(words: readonly string[], tree: CompletionNode): CompletionNode {
  let at = tree;
  for (const word of words) {
    const next = at.commands.find(({ path }) => path.at(-1) === word);
    if (next === undefined) break;
    at = next;
  }
  return at;
}
