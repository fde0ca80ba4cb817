import { Argument } from 'commander';
import { bashCompletion } from './completion/bash.js';
import { fishCompletion } from './completion/fish.js';
import { completionTree } from './completion/tree.js';
import { zshCompletion } from './completion/zsh.js';
import { EXIT } from './exit-code.js';
import { writeLine } from './face.js';
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
};
/** `feishu-connector completion`: what a shell needs to complete every command and option there is. */
export function registerCompletion(program, face, end) {
    const installs = Object.values(SHELLS).map(({ install }) => `  ${install}`);
    program
        .command('completion')
        .description('Prints a script that teaches a shell to complete commands, options and their values.')
        .addArgument(new Argument('<shell>', 'the shell it is for').choices(Object.keys(SHELLS)))
        .option('--json', 'the script and the line that installs it, as one JSON line')
        .addHelpText('after', `\nFor yourself, once; a new shell knows it then:\n${installs.join('\n')}`)
        .action((shell, { json: isJson = false }) => end(completion(shell, program, face, isJson)));
}
function completion(name, program, face, isJson) {
    const { script, install } = SHELLS[name];
    // Only now: commands that were registered after this one belong to it too.
    const text = script(program.name(), completionTree(program));
    if (isJson)
        writeLine(face.stdout, JSON.stringify({ shell: name, install, script: text }));
    else
        face.stdout.write(text);
    return EXIT.ok;
}
