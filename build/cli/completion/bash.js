import { everyNode, formsOf } from './tree.js';
/**
 * A completion for bash, from 3.2 on, which macOS still has: so no `mapfile`, and `compopt` only where there is one.
 * Nothing of the program is started by it: a Tab costs no Node.js.
 */
export function bashCompletion(program, tree) {
    const nodes = everyNode(tree);
    const name = `_${program.replaceAll('-', '_')}`;
    return `# bash completion of ${program}, written by: ${program} completion bash
${name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} at='' index
  # Bash takes the = of --option=value for a word.
  if [ "$current" = '=' ]; then
    current=''
  elif [ "$previous" = '=' ]; then
    previous=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    if [ "\${COMP_WORDS[index + 1]}" = '=' ]; then
      index=$((index + 2))
      continue
    fi
    case "$at \${COMP_WORDS[index]}" in
${nodes.flatMap(walkCases).join('\n')}
    esac
  done
  case "$at $previous" in
${nodes.flatMap(valueCases).join('\n')}
  esac
  case "$at" in
${nodes.map(wordCase).join('\n')}
  esac
}
# Names with spaces in them stay whole; where bash is told that they are names of files, it quotes them.
${name}_files() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen "$1" -- "$2"))
  if type compopt >/dev/null 2>&1; then compopt -o filenames; fi
}
complete -F ${name} ${program}
`;
    function valueCases(node) {
        return node.options.flatMap((option) => {
            if (option.value === null)
                return [];
            const pattern = formsOf(option)
                .map((form) => word(node, form))
                .join(' | ');
            return [`    ${pattern})\n      ${reply(option.value)}\n      return\n      ;;`];
        });
    }
    function reply(value) {
        switch (value.kind) {
            case 'words':
                return `COMPREPLY=($(compgen -W '${value.words.join(' ')}' -- "$current"))`;
            case 'file':
                return `${name}_files -f "$current"`;
            case 'folder':
                return `${name}_files -d "$current"`;
            case 'text':
                return ': # anything may stand here';
        }
    }
}
/** How the words before the cursor lead to a command: the value of an option is none, whatever it says. */
function walkCases(node) {
    const takers = node.options.filter(({ value }) => value !== null).flatMap(formsOf);
    return [
        ...(takers.length === 0
            ? []
            : [`      ${takers.map((form) => word(node, form)).join(' | ')}) index=$((index + 1)) ;;`]),
        ...node.commands.map(({ path }) => `      ${word(node, path.at(-1) ?? '')}) at='${path.join(' ')}' ;;`),
    ];
}
/** A pattern for this word after those that lead to the node. */
function word(node, text) {
    return `'${atOf(node)} ${text}'`;
}
function wordCase(node) {
    const commands = [...node.commands.map(({ path }) => path.at(-1)), ...node.words].join(' ');
    const options = node.options.flatMap(formsOf).join(' ');
    return [
        `    '${atOf(node)}')`,
        `      if [ "\${current#-}" != "$current" ]; then`,
        `        COMPREPLY=($(compgen -W '${options}' -- "$current"))`,
        '      else',
        `        COMPREPLY=($(compgen -W '${commands}' -- "$current"))`,
        '      fi',
        '      ;;',
    ].join('\n');
}
function atOf({ path }) {
    return path.join(' ');
}
