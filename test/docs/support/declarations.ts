import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { pathOf } from './root.js';

/** Something that a module gives to whoever imports it, as its declaration says. */
export interface Declared {
  readonly name: string;
  readonly kind: 'function' | 'const' | 'class' | 'interface' | 'type';
  /** The module that it was passed on from, as the entry names it: `./sinks/index.js`. */
  readonly from: string;
  /** Only its type can be imported. */
  readonly isTypeOnly: boolean;
  /** The text of its comment, without the marks at the lines' beginnings; empty without one. */
  readonly docstring: string;
  /** On one line, without `export` and `declare`: all of a function, a type and a constant, the first line of others. */
  readonly head: string;
  /** Of a class or an interface: what it shows, in its order. */
  readonly members: readonly Member[];
}

/** One member; those of an object within it follow it, with a path of their own. */
export interface Member {
  /** With full stops where it stands in an object within the type, `?` where it may be left out, empty for a call itself. */
  readonly path: string;
  /** Its type, or what a method takes and gives, on one line; `{}` stands for an object whose members follow. */
  readonly type: string;
  readonly isMethod: boolean;
  readonly docstring: string;
}

/**
 * All that an entry of the package exports, in the order of its text. The declarations are made anew from the sources:
 * what people's compilers read, without the bodies that a reference has no use for.
 * @param entry Below `src`, such as `index.ts`.
 */
export function declarationsOf(...entries: readonly string[]): readonly (readonly Declared[])[] {
  const folder = mkdtempSync(pathOf('node_modules/.declarations-'));
  try {
    const compiler = pathOf('node_modules/typescript/lib/tsc.js');
    const options = ['--emitDeclarationOnly', '--declarationDir', folder, '--outDir', folder];
    // Whether everything compiles is for another check to say: declarations are made all the same.
    spawnSync(process.execPath, [compiler, '-p', pathOf('tsconfig.build.json'), ...options]);
    return entries.map((entry) => new Modules(folder).exportsOf(entry.replace(/\.ts$/, '.d.ts')));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Passed extends Declared {
  readonly at: number;
}

const DECLARATION = /^export (?:declare )?(?:abstract )?(function|const|class|interface|type) (\w+)/gm;
const PASSED_ON = /^export (type )?(?:\{([^}]*)\}|\*) from '([^']+)';$/gm;

class Modules {
  readonly #folder: string;
  readonly #read = new Map<string, readonly Declared[]>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  exportsOf(file: string): readonly Declared[] {
    const known = this.#read.get(file);
    if (known !== undefined) return known;
    const source = readFileSync(join(this.#folder, file), 'utf8');
    const found = [...declaredIn(source), ...this.#passedOnBy(file, source)].sort((one, other) => one.at - other.at);
    const byName = new Map(found.map(({ at: _at, ...declared }) => [declared.name, declared]));
    const exports = [...byName.values()];
    this.#read.set(file, exports);
    return exports;
  }

  #passedOnBy(file: string, source: string): readonly Passed[] {
    return [...source.matchAll(PASSED_ON)].flatMap(({ index: at, 1: type, 2: list, 3: from = '' }) => {
      const there = this.exportsOf(join(dirname(file), from.replace(/\.js$/, '.d.ts')));
      const taken =
        list === undefined ? there : namesIn(list).map((wanted) => named(there, wanted, `${file}: ${from}`));
      return taken.map((each) => ({ ...each, at, from, isTypeOnly: each.isTypeOnly || type !== undefined }));
    });
  }
}

interface Wanted {
  readonly name: string;
  readonly as: string;
  readonly isType: boolean;
}

function namesIn(list: string): readonly Wanted[] {
  return [...list.matchAll(/(type )?(\w+)(?: as (\w+))?/g)].map(([, type, name = '', as = name]) => ({
    name,
    as,
    isType: type !== undefined,
  }));
}

function named(there: readonly Declared[], { name, as, isType }: Wanted, place: string): Declared {
  const found = there.find((each) => each.name === name);
  if (found === undefined) throw new Error(`${place} exports no ${name}`);
  return { ...found, name: as, isTypeOnly: found.isTypeOnly || isType };
}

function declaredIn(source: string): readonly Passed[] {
  return [...source.matchAll(DECLARATION)].map(({ index: at, 0: start, 1: word, 2: name = '' }) => {
    const kind = word as Declared['kind'];
    const text = source.slice(at + start.length);
    const hasBody = kind === 'class' || kind === 'interface';
    const end = hasBody ? text.indexOf('{\n') : endOf(text, 0);
    const rest = oneLine(text.slice(0, end));
    const gap = /^(?:=|extends|implements)/.test(rest) ? ' ' : '';
    return {
      at,
      name,
      kind,
      from: '',
      isTypeOnly: false,
      docstring: docstringBefore(source, at) || docstringOfWords(rest, source),
      head: `${kind} ${name}${gap}${spelledOut(rest, source)}`,
      members: hasBody ? membersIn(text.slice(end + 2, text.indexOf('\n}', end))) : [],
    };
  });
}

/** The comment right above; empty without one. */
function docstringBefore(text: string, at: number): string {
  return /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(text.slice(0, at))?.[1] ?? '';
}

/** The words of a type are often those of a list or a table right above it, which says what they are. */
const WORDS = /^= (?:\(typeof (\w+)\)\[number\]|keyof typeof (\w+))$/;

function docstringOfWords(type: string, source: string): string {
  const [, list, keys] = WORDS.exec(type) ?? [];
  const at = source.indexOf(`export declare const ${list ?? keys ?? '?'}:`);
  return at < 0 ? '' : docstringBefore(source, at);
}

/** With the words themselves in place of what asks for them, where the same module has them. */
function spelledOut(type: string, source: string): string {
  const listed = type.replace(/\(typeof (\w+)\)\[number\]/, (asked, list: string) => {
    const [, words] = new RegExp(`const ${list}: readonly \\[([^\\]]+)\\];`).exec(source) ?? [];
    return words?.replace(/, /g, ' | ') ?? asked;
  });
  const [, , keys] = WORDS.exec(type) ?? [];
  const at = source.indexOf(`const ${keys}: {\n`);
  if (at < 0) return listed;
  const body = source.slice(source.indexOf('\n', at), source.indexOf('\n}', at));
  const names = membersIn(body).filter(({ path }) => !path.includes('.'));
  return `= ${names.map(({ path }) => `'${path}'`).join(' | ')}`;
}

const MEMBER = /^(get )?(?:(?:readonly|static|abstract|set) )*('[\w.*]+'|\w+)(\??)/;

/** Members end with a semicolon; comments stand before them. */
function membersIn(body: string, inside = ''): readonly Member[] {
  const members: Member[] = [];
  let at = 0;
  for (;;) {
    const [comments] = /^\s*(?:\/\*[\s\S]*?\*\/\s*)*/.exec(body.slice(at)) ?? [''];
    at += comments.length;
    if (at >= body.length) return members;
    const end = endOf(body, at);
    const text = body.slice(at, end);
    at = end + 1;
    if (/^[(<]/.test(text)) {
      members.push({
        path: '',
        type: oneLine(text),
        isMethod: true,
        docstring: docstringBefore(comments, comments.length),
      });
      continue;
    }
    const [head, getter, name = '', mark = ''] = MEMBER.exec(text) ?? [];
    // Not to be seen from outside: `#private`, which stands for all of them, and what says so itself.
    if (head === undefined || /^(?:private|protected)\b/.test(text)) continue;
    const rest = text.slice(head.length);
    const isMethod = getter === undefined && /^[(<]/.test(rest);
    const type = isMethod ? rest : rest.replace(/^(?:\(\))?: |^ = /, '');
    const object = isMethod ? null : objectIn(type);
    members.push({
      path: `${inside}${name}${mark}`,
      type: object?.around ?? oneLine(type),
      isMethod,
      docstring: docstringBefore(comments, comments.length),
    });
    if (object !== null) members.push(...membersIn(object.body, `${inside}${name}.`));
  }
}

/** What stands between an object type's braces, and the type without it; null for every other type. */
function objectIn(type: string): { readonly body: string; readonly around: string } | null {
  const opened = /^(?:\w+ & )?\{\n/.exec(type)?.[0].length;
  if (opened === undefined) return null;
  const closed = endOf(type, opened, '}');
  const tail = type.slice(closed + 1);
  if (tail !== '' && tail !== ' | null') return null;
  return { body: type.slice(opened, closed), around: `${type.slice(0, opened - 1)}}${tail}` };
}

/** Where the statement ends that begins here: at the first such sign outside of all brackets, texts and comments. */
function endOf(text: string, from: number, end = ';'): number {
  let depth = 0;
  const tokens = /\/\*[\s\S]*?\*\/|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`|[()[\]{};]/g;
  tokens.lastIndex = from;
  for (let token = tokens.exec(text); token !== null; token = tokens.exec(text)) {
    const [sign] = token;
    if (sign === end && depth === 0) return token.index;
    if (/^[([{]$/.test(sign)) depth += 1;
    if (/^[)\]}]$/.test(sign)) depth -= 1;
  }
  throw new Error(`no end: ${text.slice(from, from + 80)}`);
}

/** Without comments: they are of members, which a line has no room for. */
function oneLine(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\s+/g, ' ')
    .replace(/; \}/g, ' }')
    .trim();
}
