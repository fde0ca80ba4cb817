import type { Command } from 'commander';
import { nearMiss } from '../ports/index.js';

/**
 * `feishu-connector help [command…]`: the same as `--help` of that command. Commander has one of its own, which answers
 * a misspelt command with the help of all, and not a word about the mistake.
 */
export function registerHelp(program: Command): void {
  program
    .command('help')
    .description('Prints the help of a command.')
    .argument('[command...]', 'the command, or none for all')
    .helpOption(false)
    .action((words: readonly string[]) => found(program, words).help());
}

function found(program: Command, words: readonly string[]): Command {
  let at = program;
  for (const word of words) {
    const next = at.commands.find((command) => command.name() === word || command.aliases().includes(word));
    if (next === undefined) {
      const meant = nearMiss(
        word,
        at.commands.map((command) => command.name()),
      );
      const advice = meant === null ? '' : `\n(Did you mean ${meant}?)`;
      program.error(`error: unknown command '${word}'${advice}`);
    }
    at = next;
  }
  return at;
}
