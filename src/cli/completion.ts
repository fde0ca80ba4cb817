import { Argument, type Command } from 'commander';
import { bashCompletion } from './completion/bash.js';
import { fishCompletion } from './completion/fish.js';
import { type CompletionNode, completionTree } from './completion/tree.js';
import { zshCompletion } from './completion/zsh.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { type CliFace, writeLine } from './face.js';

interface Shell {
  readonly script: (program: string, tree: CompletionNode) => string;
  /** The line that installs it for one user. */
  readonly install: string;
}

const SHELLS = {
  bash: {
    script: bashCompletion,
    install: 'feishu-connector completion bash > ~/.local/share/bash-completion/completions/feishu-connector',
  },
  zsh: { script: zshCompletion, install: 'feishu-connector completion zsh > "$fpath[1]/_feishu-connector"' },
  fish: {
    script: fishCompletion,
    install: 'feishu-connector completion fish > ~/.config/fish/completions/feishu-connector.fish',
  },
} as const satisfies Record<string, Shell>;
type ShellName = keyof typeof SHELLS;

/** `feishu-connector completion`: what a shell needs to complete every command and option there is. */
export function registerCompletion(program: Command, face: CliFace, end: (code: ExitCode) => void): void {
  const installs = Object.values(SHELLS).map(({ install }) => `  ${install}`);
  program
    .command('completion')
    .description('Prints a script that teaches a shell to complete commands, options and their values.')
    .addArgument(new Argument('<shell>', 'the shell it is for').choices(Object.keys(SHELLS)))
    .option('--json', 'the script and the line that installs it, as one JSON line')
    .addHelpText('after', `\nFor yourself, once; a new shell knows it then:\n${installs.join('\n')}`)
    .action((shell: ShellName, { json: isJson = false }: { json?: boolean }) =>
      end(completion(shell, program, face, isJson)),
    );
}

function completion(name: ShellName, program: Command, face: CliFace, isJson: boolean): ExitCode {
  const { script, install } = SHELLS[name];
  // Only now: commands that were registered after this one belong to it too.
  const text = script(program.name(), completionTree(program));
  if (isJson) writeLine(face.stdout, JSON.stringify({ shell: name, install, script: text }));
  else face.stdout.write(text);
  return EXIT.ok;
}
