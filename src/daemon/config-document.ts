import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import { looksLikeSecret } from '../ports/index.js';
import { ConfigError, pathText } from './config-error.js';

/** A key path in a configuration: `['apps', 0, 'appSecret']`. */
export type KeyPath = readonly (string | number)[];

/** A parsed configuration file that knows where its values stand. */
export interface ConfigDocument {
  readonly value: unknown;
  /** `config.yaml:7`: the line of this key, or of the nearest thing above it that exists. */
  where(path: KeyPath): string;
}

/** Something that is wrong before any option is looked at. */
interface Flaw {
  readonly offset: number | null;
  readonly path?: KeyPath;
  readonly expected: string;
  readonly given: string;
  readonly advice: string;
}

/**
 * Parses YAML, and JSON with it, which is YAML too. Aliases and merge keys (`<<`) are followed: ten apps may share what
 * they have in common.
 * @param name How messages call the file.
 * @throws ConfigError with the line. Its words are ours: the parser's own quote the line, which may hold a secret.
 */
export function parseConfigDocument(text: string, name: string): ConfigDocument {
  const lines = new LineCounter();
  const lineAt = (offset: number | null) => (offset === null ? name : `${name}:${lines.linePos(offset).line}`);
  const refusal = ({ offset, path = [], ...words }: Flaw) =>
    new ConfigError([{ where: lineAt(offset), path: pathText(path), ...words }]);
  const document = parsed(text, lines, refusal);
  const flaw = syntaxFlaw(document, lines) ?? nodeFlaw(document, lines);
  if (flaw !== null) throw refusal(flaw);
  return {
    value: plainValueOf(document, refusal),
    where: (path) => lineAt(offsetOf(document, path)),
  };
}

type Refusal = (flaw: Flaw) => ConfigError;

function parsed(text: string, lines: LineCounter, refusal: Refusal): Document {
  try {
    // Not silent: a second document would be left out without a word.
    return parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      // Found by ourselves: the parser compares each key with all before it, a minute for a wrong file of the largest size.
      uniqueKeys: false,
      merge: true,
      logLevel: 'error',
    });
  } catch (error) {
    // The parser calls itself for each level.
    if (!(error instanceof RangeError)) throw error;
    throw refusal({
      offset: null,
      expected: 'a few levels',
      given: 'too many to read',
      advice: 'Is it the right file?',
    });
  }
}

function syntaxFlaw(document: Document, lines: LineCounter): Flaw | null {
  // The first is the cause, the others usually its consequences.
  const [error] = document.errors;
  if (error === undefined) return null;
  const [offset] = error.pos;
  const { col } = lines.linePos(offset);
  return {
    offset,
    expected: 'valid YAML',
    given: `${WORDS[error.code] ?? 'a syntax error'} at column ${col}`,
    advice: ADVICE[error.code] ?? 'Mend that line; text with special characters goes in double quotes.',
  };
}

/** What is wrong with the keys of a mapping, before anybody asks what they mean. */
function keyFlaw(map: YAMLMap, ancestors: readonly unknown[], lines: LineCounter): Flaw | null {
  if (map.items.length > MOST_KEYS) {
    const expected = `at most ${MOST_KEYS} keys in a mapping`;
    const path = keysOf([...ancestors, map]);
    return { offset: startOf(map), path, expected, given: `${map.items.length}`, advice: 'Is it the right file?' };
  }
  const firsts = new Map<string, unknown>();
  for (const { key } of map.items) {
    if (!isScalar(key)) continue;
    const name = String(key.value);
    if (!firsts.has(name)) {
      firsts.set(name, key);
      continue;
    }
    const firstOffset = startOf(firsts.get(name));
    const place = firstOffset === null ? '' : `, first in line ${lines.linePos(firstOffset).line}`;
    // A key that is missing its colon may be anything.
    const path = looksLikeSecret(name) ? [] : [...keysOf([...ancestors, map]), name];
    const advice = 'Remove one of the two.';
    return { offset: startOf(key), path, expected: 'each key once', given: `it again${place}`, advice };
  }
  return null;
}

function keysOf(ancestors: readonly unknown[]): KeyPath {
  return ancestors.flatMap((node, index): (string | number)[] => {
    if (isPair(node)) return isScalar(node.key) ? [String(node.key.value)] : [];
    return isSeq(node) ? [node.items.findIndex((item) => item === ancestors[index + 1])] : [];
  });
}

/** What YAML has names for, and a configuration no use. */
const PLAIN_TAGS = /^(!|tag:yaml\.org,2002:(str|int|float|bool|null|map|seq|merge))$/;

/** What parses and still means nothing, or nothing that anybody wants. */
function nodeFlaw(document: Document, lines: LineCounter): Flaw | null {
  let flaw: Flaw | null = null;
  const targets = new Targets();
  visit(document, {
    Node(_key, node, ancestors) {
      const offset = startOf(node);
      targets.pass(node);
      if (isMap(node)) {
        flaw = keyFlaw(node, ancestors, lines);
        if (flaw !== null) return visit.BREAK;
      }
      if (isAlias(node)) {
        const target = targets.of(node);
        if (targets.size > MOST_ALIASES) {
          flaw = { offset, ...TOO_MANY_ALIASES };
          return visit.BREAK;
        }
        if (target !== undefined && !ancestors.some((ancestor) => ancestor === target)) return;
        const given =
          target === undefined
            ? 'an alias (*) to something that does not exist'
            : 'an alias (*) to what it is a part of';
        flaw = { offset, expected: 'plain values', given, advice: 'Write the values out instead of using & and *.' };
        return visit.BREAK;
      }
      const { tag } = node as { readonly tag?: string };
      if (tag === undefined || PLAIN_TAGS.test(tag)) return;
      const advice = 'Write the value itself, without the tag; a value that starts with ! goes in double quotes.';
      flaw = { offset, expected: 'plain values', given: 'a tag (!) that has no meaning here', advice };
      return visit.BREAK;
    },
  });
  return flaw ?? (valuesIn(document.contents, targets) > MOST_VALUES ? { offset: null, ...TOO_MANY_ALIASES } : null);
}

/** Several times what the largest mapping has. */
const MOST_KEYS = 1000;
/** A few for each of a thousand apps. Each costs a look at all others. */
const MOST_ALIASES = 10_000;
/** A thousand apps with every option of theirs, and more. A few aliases of aliases of aliases could stand for millions. */
const MOST_VALUES = 200_000;
const TOO_MANY_ALIASES = {
  expected: 'plain values',
  given: 'aliases (*) that stand for too much',
  advice: 'Write the values out instead of using & and *.',
};

/** What aliases stand for, found in one pass: the parser's own search begins anew for each. */
class Targets {
  readonly #anchored = new Map<string, unknown>();
  readonly #byAlias = new Map<unknown, unknown>();

  /** Each node, in the order of the document: an alias means what had its name last. */
  pass(node: unknown): void {
    if (isAlias(node)) this.#byAlias.set(node, this.#anchored.get(node.source));
    else if (isNode(node) && node.anchor !== undefined) this.#anchored.set(node.anchor, node);
  }

  of(alias: unknown): unknown {
    return this.#byAlias.get(alias);
  }

  get size(): number {
    return this.#byAlias.size;
  }
}

/** How many values it is once every alias is written out. */
function valuesIn(node: unknown, targets: Targets, known: Map<unknown, number> = new Map()): number {
  const before = known.get(node);
  if (before !== undefined) return before;
  const parts = isAlias(node)
    ? [targets.of(node)]
    : isPair(node)
      ? [node.key, node.value]
      : isMap(node) || isSeq(node)
        ? node.items
        : [];
  const count = parts.reduce<number>((sum, part) => sum + valuesIn(part, targets, known), 1);
  known.set(node, count);
  return count;
}

function plainValueOf(document: Document, refusal: Refusal): unknown {
  try {
    // How much they stand for was counted before; the parser's own limit counts those who share one thing.
    return document.toJS({ maxAliasCount: -1 });
  } catch {
    throw refusal({
      offset: null,
      expected: 'plain values',
      given: 'a merge key (<<) with something else than a mapping',
      advice: 'Write the values out instead of using & and *.',
    });
  }
}

/** Where the key at the path starts, or its parent's key if it is missing, and so on up; of an alias, where its target says it. */
function offsetOf(document: Document, path: KeyPath): number | null {
  let node: unknown = document.contents;
  let offset: number | null = isMap(node) || isSeq(node) ? null : startOf(node);
  for (const part of path) {
    const target = isAlias(node) ? node.resolve(document) : node;
    if (isMap(target)) {
      const pair = pairIn(document, target, String(part));
      if (pair === undefined) break;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(target) && typeof part === 'number') {
      node = target.items[part];
      offset = startOf(node) ?? offset;
    } else {
      break;
    }
  }
  return offset;
}

interface KeyAndValue {
  readonly key: unknown;
  readonly value: unknown;
}

/** The pair of this key in a mapping, or in what is merged into it, of which the earlier wins. */
function pairIn(document: Document, node: unknown, name: string): KeyAndValue | undefined {
  const map = isAlias(node) ? node.resolve(document) : node;
  if (!isMap(map)) return undefined;
  const own = map.items.find(({ key }) => isScalar(key) && String(key.value) === name);
  if (own !== undefined) return own;
  for (const { key, value } of map.items) {
    if (!isScalar(key) || String(key.value) !== String(Symbol('<<'))) continue;
    for (const source of isSeq(value) ? value.items : [value]) {
      const found = pairIn(document, source, name);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function startOf(node: unknown): number | null {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return null;
  return typeof node.range[0] === 'number' ? node.range[0] : null;
}

/** What the parser's codes mean, for those that people meet. */
const WORDS: Partial<Record<string, string>> = {
  BAD_ALIAS: 'an alias (*) to something that does not exist',
  BAD_DQ_ESCAPE: 'a backslash sequence that double quotes do not know',
  BAD_INDENT: 'an indentation that does not fit the lines above',
  BAD_SCALAR_START: 'text that starts with a reserved character',
  BLOCK_AS_IMPLICIT_KEY: 'a second colon on one line',
  MISSING_CHAR: 'a quote, bracket or comma that is missing',
  MULTILINE_IMPLICIT_KEY: 'a key without a colon',
  MULTIPLE_DOCS: 'a second document (---)',
  TAB_AS_INDENT: 'a tab used as indentation',
  TAG_RESOLVE_FAILED: 'a tag (!) that is unknown',
  UNEXPECTED_TOKEN: 'something that cannot stand there',
};

/** What to do about them, where it is more than to look at the line. */
const ADVICE: Partial<Record<string, string>> = {
  MULTIPLE_DOCS: 'Keep one; several apps go into a list below apps:.',
  TAB_AS_INDENT: 'Indent with spaces.',
};
