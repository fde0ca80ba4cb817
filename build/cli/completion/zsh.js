import { everyNode, formsOf, summaryOf } from './tree.js';
/** A completion for zsh: one function for each command, after the model of those that zsh itself brings. */
export function zshCompletion(program, tree) {
    const name = `_${program}`;
    const functions = everyNode(tree).map((node) => functionOf(node, name));
    return `#compdef ${program}
# zsh completion of ${program}, written by: ${program} completion zsh

${functions.join('\n\n')}

# Found by its name in fpath it is called at once; read by source it must be told of first.
if [ "$funcstack[1]" = "${name}" ]; then
  ${name} "$@"
else
  compdef ${name} ${program}
fi
`;
}
function functionOf(node, name) {
    const here = nameOf(node, name);
    const specs = node.options.map(optionSpec);
    if (node.commands.length === 0) {
        const word = node.words.length === 0 ? [] : [quoted(`1:word:(${node.words.map(escaped).join(' ')})`)];
        return `${here}() {\n  _arguments -s -S ${[...specs, ...word].join(' \\\n    ')}\n}`;
    }
    const commands = node.commands.map(({ path, description }) => quoted(`${escaped(path.at(-1) ?? '')}:${summaryOf(description)}`));
    const calls = node.commands.map((child) => `    ${path0(child)}) ${nameOf(child, name)} ;;`);
    return `${here}() {
  local context state line curcontext="$curcontext"
  typeset -A opt_args
  _arguments -s -S -C ${[...specs, "'1: :->command'", "'*:: :->rest'"].join(' \\\n    ')}
  case "$state" in
  command)
    local -a commands=(
      ${commands.join('\n      ')}
    )
    _describe -t commands command commands
    ;;
  rest)
    case "$words[1]" in
${calls.join('\n')}
    esac
    ;;
  esac
}`;
}
function path0({ path }) {
    return path.at(-1) ?? '';
}
function nameOf({ path }, name) {
    return [name, ...path].join('_');
}
/** As `_arguments` wants it: `(-c --config)-c+[what it is]:file:_files`, once for each form. */
function optionSpec(option) {
    const forms = formsOf(option);
    const others = forms.length > 1 ? `'(${forms.join(' ')})'` : '';
    const value = option.value;
    const shown = forms.map((form) => (value === null ? form : form.startsWith('--') ? `${form}=` : `${form}+`));
    const braced = shown.length > 1 ? `{${shown.join(',')}}` : (shown[0] ?? '');
    const told = `[${summaryOf(option.description).replace(/[[\]\\]/g, '\\$&')}]`;
    return `${others}${braced}${quoted(`${told}${valueSpec(option)}`)}`;
}
function valueSpec({ value }) {
    switch (value?.kind) {
        case undefined:
            return '';
        case 'words':
            return `:value:(${value.words.map(escaped).join(' ')})`;
        case 'file':
            return `:${escaped(value.name)}:_files`;
        case 'folder':
            return `:${escaped(value.name)}:_files -/`;
        case 'text':
            return `:${escaped(value.name)}: `;
    }
}
/** Colons part the fields of a spec. */
function escaped(text) {
    return text.replaceAll(':', '\\:');
}
function quoted(text) {
    return `'${text.replaceAll("'", "'\\''")}'`;
}
