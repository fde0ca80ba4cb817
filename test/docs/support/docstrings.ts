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

/** The entries of an interface that maps names to types, with their docstrings: whatever stands one step deep. */
export function entriesOf(file: string, name: string): readonly Pick<Property, 'path' | 'meaning'>[] {
  const body = blockOf(file, new RegExp(`^export interface ${name} \\{\\n`, 'm'));
  return [...body.matchAll(/^ {2}\/\*\*([\s\S]*?)\*\/\n {2}(\w+):/gm)].map(([, docstring = '', path = '']) => ({
    path,
    meaning: plain(docstring),
  }));
}

/** One method or value that a class or an interface shows. */
export interface Member {
  readonly name: string;
  /** `stop({ drainMs }?)`; the bare name of a value. */
  readonly call: string;
  readonly gives: string;
  readonly meaning: string;
}

/**
 * The public members of a class, or the methods of an interface, and their docstrings. What has none is left out: a test
 * holds those that must be there.
 */
export function membersOf(file: string, name: string): readonly Member[] {
  const body = blockOf(file, new RegExp(`^export (?:class|interface) ${name}(?:<[^{]*>)? \\{\\n`, 'm'));
  const members: Member[] = [];
  let meaning = '';
  const tokens =
    /^ *\/\*\*([\s\S]*?)\*\/$|^ {2}(?:async )?(get )?([a-z]\w*)(?:<[^>]*>)?\(([^)]*)\): ([^{;]+?) ?[{;]$|^ {2}readonly (\w+): (.+);$|^ {2}[^\s/*].*$/gm;
  for (const [, docstring, isGetter, method, parameters = '', gives = '', value, type = ''] of body.matchAll(tokens)) {
    if (docstring !== undefined) {
      meaning = plain(docstring, true);
      continue;
    }
    if (method !== undefined && meaning !== '') {
      const call = isGetter === undefined ? `${method}(${argumentsOf(parameters)})` : method;
      members.push({ name: method, call, gives, meaning });
    } else if (value !== undefined && meaning !== '') {
      members.push({ name: value, call: value, gives: type, meaning });
    }
    meaning = '';
  }
  return members;
}

/** Parameters without their types; those with a default may be left out. */
function argumentsOf(parameters: string): string {
  const [, names] = /^\{ ([^}]*) \}/.exec(parameters) ?? [];
  if (names !== undefined) return `{ ${names.replace(/ = [^,]+/g, '')} }`;
  return parameters.replace(/: [^,]+/g, '').replace(/ = [^,]+/g, '');
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

/** On one line. Tags are left out, but for what a method gives and throws where `hasTags`. */
export function plain(docstring: string, hasTags = false): string {
  return docstring
    .replace(/```[\s\S]*?```/g, '')
    .replace(/^\s*\* ?/gm, ' ')
    .replace(/\{@link ([\w.]+)\}/g, '`$1`')
    .replace(hasTags ? /@(?:see|typeParam) [\s\S]*$/ : /@\w+ [\s\S]*$/, '')
    .replace(/@returns /g, 'Gives: ')
    .replace(/@throws /g, 'Throws: ')
    .replace(/@param (\w+)/g, '`$1`:')
    .replace(/\s+/g, ' ')
    .trim();
}
