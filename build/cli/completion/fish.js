import { everyNode, formsOf, summaryOf } from './tree.js';
/** A completion for fish, from 3.1 on. */
export function fishCompletion(program, tree) {
    const nodes = everyNode(tree);
    const at = `__${program.replaceAll('-', '_')}_at`;
    return `# fish completion of ${program}, written by: ${program} completion fish

# Whether the words so far lead to this command and no further.
function ${at}
  set -l at ''
  set -l is_value no
  for word in (commandline -opc)[2..-1]
    if test $is_value = yes
      set is_value no
      continue
    end
    switch "$at $word"
${nodes.flatMap(walkCases).join('\n')}
    end
  end
  test "$at" = "$argv[1]"
end

complete -c ${program} -f
${nodes.flatMap((node) => linesOf(node, program, at)).join('\n')}
`;
}
/** An option's value is none of the commands, whatever it says. */
function walkCases(node) {
    const at = node.path.join(' ');
    const takers = node.options.filter(({ value }) => value !== null).flatMap(formsOf);
    return [
        ...(takers.length === 0
            ? []
            : [`      case ${takers.map((form) => quoted(`${at} ${form}`)).join(' ')}\n        set is_value yes`]),
        ...node.commands.map(({ path }) => `      case ${quoted(`${at} ${path.at(-1)}`)}\n        set at ${quoted(path.join(' '))}`),
    ];
}
function linesOf(node, program, at) {
    const start = `complete -c ${program} -n ${quoted(`${at} ${quoted(node.path.join(' '))}`)}`;
    return [
        ...node.commands.map(({ path, description }) => `${start} -a ${quoted(path.at(-1) ?? '')} -d ${quoted(summaryOf(description))}`),
        ...node.words.map((word) => `${start} -a ${quoted(word)}`),
        ...node.options.map((option) => `${start} ${optionWords(option)}`),
    ];
}
function optionWords({ short, long, value, description }) {
    const words = [
        ...(short === null ? [] : [`-s ${short}`]),
        ...(long === null ? [] : [`-l ${long}`]),
        ...valueWords(value),
        `-d ${quoted(summaryOf(description))}`,
    ];
    return words.join(' ');
}
function valueWords(value) {
    switch (value?.kind) {
        case undefined:
            return [];
        case 'words':
            return [`-x -a ${quoted(value.words.join(' '))}`];
        case 'file':
            return ['-r -F'];
        case 'folder':
            return [`-x -a ${quoted('(__fish_complete_directories)')}`];
        case 'text':
            return ['-x'];
    }
}
function quoted(text) {
    return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
