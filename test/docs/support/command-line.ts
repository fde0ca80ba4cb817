import { type Command, CommanderError } from 'commander';
import { createProgram } from '../../../src/cli/cli.js';
import { TestFace } from '../../support/cli-face.js';

/**
 * What is wrong with the arguments of `feishu-connector`, by its own parser; null if nothing is. Nothing is done: the
 * actions are taken out.
 */
export async function refusalOfArguments(words: readonly string[]): Promise<string | null> {
  const face = new TestFace(words);
  const program = createProgram(face, () => {});
  disarm(program);
  try {
    await program.parseAsync([...words], { from: 'user' });
    return null;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version end this way too.
    return error.exitCode === 0 ? null : face.err;
  }
}

function disarm(command: Command): void {
  for (const each of command.commands) {
    if (each.commands.length === 0) each.action(() => {});
    disarm(each);
  }
}
