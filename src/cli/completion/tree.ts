import { Argument, type Command, type Option } from 'commander';

/** One command as a shell needs to know it: the program itself, or one of its commands at any depth. */
export interface CompletionNode {
  /** The words that lead to it, without the program's name: none for the program, `['dead-letters', 'list']` for a nested one. */
  readonly path: readonly string[];
  readonly description: string;
  readonly options: readonly CompletionOption[];
  /** What may stand where an argument is expected, if that is a closed list. */
  readonly words: readonly string[];
  readonly commands: readonly CompletionNode[];
}

export interface CompletionOption {
  /** Without the dashes; null if it has only the other form. */
  readonly short: string | null;
  readonly long: string | null;
  readonly description: string;
  /** What follows it; null for a flag. */
  readonly value: CompletionValue | null;
}

/** A closed list of words, a path, or anything. */
export type CompletionValue =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'file' | 'folder' | 'text'; readonly name: string };

/** An argument of a closed list that is too long for `--help`, and read only where a shell is to complete it. */
export class ListedArgument extends Argument {
  readonly listed: () => readonly string[];

  constructor(name: string, description: string, listed: () => readonly string[]) {
    super(name, description);
    this.listed = listed;
  }
}

/** Reads the commands from the program itself, so that no list can fall behind it. Hidden ones stay hidden. */
export function completionTree(program: Command): CompletionNode {
  const topWords = program.createHelp().visibleCommands(program);
  return nodeOf(
    program,
    [],
    topWords.map((command) => command.name()),
  );
}

/** The node and all below it, the node first. */
export function everyNode(node: CompletionNode): readonly CompletionNode[] {
  return [node, ...node.commands.flatMap(everyNode)];
}

/** Both forms of an option, with their dashes. */
export function formsOf({ short, long }: CompletionOption): readonly string[] {
  return [...(short === null ? [] : [`-${short}`]), ...(long === null ? [] : [`--${long}`])];
}

/** The first sentence of a description, or its first part, as one line: lists have no room for more. */
export function summaryOf(description: string): string {
  return description
    .replace(/\s+/g, ' ')
    .replace(/[.;] .*$/, '')
    .replace(/\s*\((?:[^()]*|default.*)$/, '')
    .replace(/\.$/, '');
}

function nodeOf(command: Command, path: readonly string[], topWords: readonly string[]): CompletionNode {
  const help = command.createHelp();
  const isHelp = path.length === 1 && path[0] === 'help';
  return {
    path,
    description: command.description(),
    options: help.visibleOptions(command).map(optionOf),
    words: isHelp ? topWords.filter((word) => word !== 'help') : command.registeredArguments.flatMap(choicesOf),
    commands: help
      .visibleCommands(command)
      // Commander's own `help` below a command says no more than --help does.
      .filter((child) => path.length === 0 || child.name() !== 'help')
      .map((child) => nodeOf(child, [...path, child.name()], topWords)),
  };
}

function choicesOf(argument: Argument): readonly string[] {
  return argument instanceof ListedArgument ? argument.listed() : (argument.argChoices ?? []);
}

function optionOf(option: Option): CompletionOption {
  const { short, long, description } = option;
  return {
    short: short?.replace(/^-+/, '') ?? null,
    long: long?.replace(/^-+/, '') ?? null,
    description,
    value: option.required || option.optional ? valueAfter(option) : null,
  };
}

function valueAfter({ argChoices, flags }: Option): CompletionValue {
  if (argChoices !== undefined) return { kind: 'words', words: argChoices };
  const [, name = 'value'] = /[<[]([^>\].]+)/.exec(flags) ?? [];
  if (/^(file|path)$/.test(name)) return { kind: 'file', name };
  return { kind: /^(folder|directory)$/.test(name) ? 'folder' : 'text', name };
}
