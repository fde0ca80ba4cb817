/** Reads the commands from the program itself, so that no list can fall behind it. Hidden ones stay hidden. */
export function completionTree(program) {
    const topWords = program.createHelp().visibleCommands(program);
    return nodeOf(program, [], topWords.map((command) => command.name()));
}
/** The node and all below it, the node first. */
export function everyNode(node) {
    return [node, ...node.commands.flatMap(everyNode)];
}
/** Both forms of an option, with their dashes. */
export function formsOf({ short, long }) {
    return [...(short === null ? [] : [`-${short}`]), ...(long === null ? [] : [`--${long}`])];
}
/** The first sentence of a description, or its first part, as one line: lists have no room for more. */
export function summaryOf(description) {
    return description
        .replace(/\s+/g, ' ')
        .replace(/[.;] .*$/, '')
        .replace(/\s*\((?:[^()]*|default.*)$/, '')
        .replace(/\.$/, '');
}
function nodeOf(command, path, topWords) {
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
function choicesOf({ argChoices }) {
    return argChoices ?? [];
}
function optionOf(option) {
    const { short, long, description } = option;
    return {
        short: short?.replace(/^-+/, '') ?? null,
        long: long?.replace(/^-+/, '') ?? null,
        description,
        value: option.required || option.optional ? valueAfter(option) : null,
    };
}
function valueAfter({ argChoices, flags }) {
    if (argChoices !== undefined)
        return { kind: 'words', words: argChoices };
    const [, name = 'value'] = /[<[]([^>\].]+)/.exec(flags) ?? [];
    if (/^(file|path)$/.test(name))
        return { kind: 'file', name };
    return { kind: /^(folder|directory)$/.test(name) ? 'folder' : 'text', name };
}
