import { described } from '../ports/index.js';
import type { KeyPath } from './config-document.js';
import type { ConfigProblem } from './config-error.js';
import { adviceFor } from './config-issue.js';
import { type Located, placeOf, valueAt, without } from './config-located.js';
import { KEYS } from './config-schema.js';
import { SECRET_KEYS } from './config-secrets.js';

/** The path of a key of one app, or of the daemon. */
export type At = (...keys: (string | number)[]) => KeyPath;

/** A group of options whose bounds a room checks. */
export interface Bounded {
  readonly group: string;
  readonly at: At;
  readonly located: Located;
}

/** The rooms check their own bounds, and tell the first that is not kept: it is taken away, and they are asked again. */
export function boundProblems(bounded: Bounded, given: unknown, check: (given: unknown) => unknown): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  for (let rest = given; ; ) {
    const found = boundProblem(bounded, () => check(rest));
    if (found === null) return problems;
    problems.push(found.problem);
    // Without the one, the other of two would be wrong as well.
    if (found.isOfTwo) return problems;
    // With its neighbours, which may have to fit it: what would be said of them alone may not be true.
    const less = without(rest, bounded.group === 'sink' ? found.keys : found.keys.slice(0, 1));
    if (less === rest) return problems;
    rest = less;
  }
}

/** Their messages begin with the option's name, which finds its line. */
function boundProblem(
  { group, at, located }: Bounded,
  check: () => unknown,
): { readonly problem: ConfigProblem; readonly keys: KeyPath; readonly isOfTwo: boolean } | null {
  try {
    check();
    return null;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const [, name = '', bound = error.message, told = 'this'] =
      /^(\S+) must be (.+), got (.*)$/s.exec(error.message) ?? [];
    const named = name.split(/[.[\]]+/).filter((key) => key !== '');
    const own = named[0] === group ? named.slice(1) : named;
    const indexed = own.map((key) => (/^\d+$/.test(key) ? Number(key) : key));
    // A list of one may be written as that one.
    const isAlone =
      typeof indexed.at(-1) === 'number' && !Array.isArray(valueAt(located.value, at(group, ...indexed.slice(0, -1))));
    const keys = isAlone ? indexed.slice(0, -1) : indexed;
    const path = at(group, ...keys);
    const value = valueAt(located.value, path);
    return {
      keys,
      isOfTwo: told === 'both' || told === 'half of it',
      problem: {
        ...placeOf(path, located),
        expected: bound,
        given: givenOf(path, value, told),
        advice: boundAdvice(path, value, told, located),
      },
    };
  }
}

/** In our words where the room's are the bare value. */
function givenOf(path: KeyPath, value: unknown, told: string): string {
  if (value === undefined) return /^-?[\d.]+$/.test(told) ? `the default, ${told}` : told;
  return String(value) === told ? described(value, SECRET_KEYS.has(String(path.at(-1)))) : told;
}

function boundAdvice(path: KeyPath, value: unknown, told: string, located: Located): string {
  const key = String(path.findLast((part) => typeof part === 'string'));
  if (told === 'both') return 'Remove one of the two.';
  if (told === 'half of it') return 'Add the other beside it, or remove this.';
  if (value === undefined) return `Write ${key}: and a value within these bounds, or change what it does not fit.`;
  const name = located.nameOf(path);
  const bounds =
    name === undefined
      ? 'Write a value within these bounds, or remove the line for the default.'
      : `Set ${name} to a value within these bounds, or leave it out for the default.`;
  return adviceFor(path, value, KEYS[key]?.advice ?? bounds, located);
}
