import { read } from './root.js';

/** One property of an interface, as its source has it. */
export interface Property {
  /** With full stops where it stands in a type within the interface. */
  readonly path: string;
  readonly type: string;
  /** The docstring on one line, links as code; empty without one. */
  readonly meaning: string;
}

/**
 * The properties of an interface and their docstrings, read from its source as the formatter leaves it: one property a
 * line, its docstring right above.
 * @throws Error if the file has no such interface.
 */
export function propertiesOf(file: string, name: string): readonly Property[] {
  const body = blockOf(file, new RegExp(`^export interface ${name}(?:<[^{]*>)?(?: extends [^{]*)? \\{\\n`, 'm'));
  const properties: Property[] = [];
  const inside: string[] = [];
  let meaning = '';
  for (const token of body.matchAll(/\/\*\*([\s\S]*?)\*\/|^ +readonly (\w+)\??: (.*)$|^ +\};?$/gm)) {
    const [, docstring, property, type = ''] = token;
    if (docstring !== undefined) {
      meaning = plain(docstring);
    } else if (property === undefined) {
      inside.pop();
    } else {
      properties.push({ path: [...inside, property].join('.'), type: type.replace(/;$/, ''), meaning });
      meaning = '';
      if (type === '{') inside.push(property);
    }
  }
  return properties;
}

/** Why each default is what it is: the comments in an object of defaults, by path. */
export function reasonsOf(file: string, constant: string): ReadonlyMap<string, string> {
  const body = blockOf(file, new RegExp(`^(?:export )?const ${constant}\\b[^{]*\\{\\n`, 'm'));
  const reasons = new Map<string, string>();
  const inside: string[] = [];
  let above: string[] = [];
  for (const line of body.split('\n')) {
    const [, comment] = /^\s*\/\/ (.*)$/.exec(line) ?? [];
    const [, opened] = /^\s*(\w+): \{$/.exec(line) ?? [];
    const [, name, beside] = /^\s*(\w+)(?::.*)?,(?: \/\/ (.*))?$/.exec(line) ?? [];
    if (comment !== undefined) {
      above.push(comment);
      continue;
    }
    if (opened !== undefined) inside.push(opened);
    else if (/^\s*\},?$/.test(line)) inside.pop();
    else if (name !== undefined) {
      const reason = [...above, ...(beside === undefined ? [] : [beside])].join(' ');
      if (reason !== '') reasons.set([...inside, name].join('.'), reason);
    }
    above = [];
  }
  return reasons;
}

/** What stands between the head, which the pattern ends with the brace of, and the closing brace in the first column. */
function blockOf(file: string, head: RegExp): string {
  const source = read(file);
  const found = head.exec(source);
  if (found === null) throw new Error(`${file} has nothing like ${head}`);
  const from = found.index + found[0].length;
  return source.slice(from, source.indexOf('\n}', from));
}

function plain(docstring: string): string {
  return docstring
    .replace(/^\s*\* ?/gm, ' ')
    .replace(/@see [\s\S]*$/, '')
    .replace(/\{@link ([\w.]+)\}/g, '`$1`')
    .replace(/\s+/g, ' ')
    .trim();
}
