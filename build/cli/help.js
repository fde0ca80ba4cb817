import { nearMiss } from '../daemon/near-miss.js';
/**
 * `feishu-connector help [command…]`: the same as `--help` of that command. Commander has one of its own, which answers
 * a misspelt command with the help of all, and not a word about the mistake.
 */
export function registerHelp(program) {
    program
        .command('help')
        .description('Prints the help of a command.')
        .argument('[command...]', 'the command, or none for all')
        .helpOption(false)
        .action((words) => found(program, words).help());
}
function found(program, words) {
    let at = program;
    for (const word of words) {
        const next = at.commands.find((command) => command.name() === word || command.aliases().includes(word));
        if (next === undefined) {
            const meant = nearMiss(word, at.commands.map((command) => command.name()));
            const advice = meant === null ? '' : `\n(Did you mean ${meant}?)`;
            program.error(`error: unknown command '${word}'${advice}`);
        }
        at = next;
    }
    return at;
}
