import { z } from 'zod';
import { DEFAULT_CONNECTION_POLICY, DELIVERY_DEFAULTS, TOKEN_DEFAULTS } from '../connector-parts.js';
import { described, looksLikeSecret, nearMiss } from '../ports/index.js';
import { catchupKeysAt } from './config-catchup.js';
import type { KeyPath } from './config-document.js';
import { ENVIRONMENT } from './config-environment.js';
import type { ConfigProblem } from './config-error.js';
import { JOURNAL_KEYS } from './config-journal.js';
import { isMapping, type Located, placeOf, valueAt } from './config-located.js';
import { APP_KEYS, APP_SHAPE, DAEMON_GROUPS, DAEMON_KEYS, DAEMON_SHAPE, KEYS } from './config-schema.js';
import { SECRET_KEYS } from './config-secrets.js';
import { BACKOFF_KEYS } from './config-shape.js';
import { SINK_KEYS } from './config-sink.js';

/** What the schema finds wrong, in our words. */
export function problemsOfIssue(issue: z.core.$ZodIssue, located: Located): ConfigProblem[] {
  const path = keyPathOf(issue);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key], located));
  if (issue.code === 'invalid_union' && isMapping(valueAt(located.value, path))) {
    // Of the ways to write it, the one that was meant: the mapping, and what is wrong inside of it.
    const meant = issue.errors.find(
      (errors) => !errors.some(({ path: below, code }) => below.length === 0 && code !== 'unrecognized_keys'),
    );
    if (meant !== undefined && meant.length > 0) {
      return meant.flatMap((inner) => problemsOfIssue({ ...inner, path: [...path, ...inner.path] }, located));
    }
  }
  const key = lastKeyOf(path);
  const value = valueAt(located.value, path);
  if (value === undefined) return [missing(path, located)];
  return [
    {
      ...placeOf(path, located),
      expected: wordsOf(path, issue).expected,
      given: described(value, SECRET_KEYS.has(key)),
      advice: adviceFor(path, value, wordsOf(path, issue).advice, located),
    },
  ];
}

export function keyPathOf(issue: z.core.$ZodIssue): KeyPath {
  return issue.path.filter((part): part is string | number => typeof part !== 'symbol');
}

interface Words {
  readonly expected: string;
  readonly advice: string;
}

function wordsOf(path: KeyPath, issue?: z.core.$ZodIssue): Words {
  const key = lastKeyOf(path);
  // Of an app, whichever it is, by its path within the app.
  const inApp = path[0] === 'apps' && path.length > 1 ? ['apps[]', ...path.slice(2)].join('.') : undefined;
  const known = (inApp === undefined ? undefined : KEYS[inApp]) ?? KEYS[path.join('.')];
  if (known !== undefined) return known;
  if (inApp !== 'apps[]' && KEYS[key] !== undefined) return KEYS[key];
  if (issue?.code === 'invalid_type' && issue.expected === 'number') {
    return {
      expected: 'a number',
      advice: `Write ${key}: and a number${key.endsWith('Ms') ? ' of milliseconds' : ''}.`,
    };
  }
  return { expected: 'a mapping of options', advice: 'Indent its options below it.' };
}

function lastKeyOf(path: KeyPath): string {
  return String(path.findLast((part) => typeof part === 'string') ?? '');
}

/** What to write, or, where the value came under a name of its own, what to set. */
export function adviceFor(path: KeyPath, value: unknown, advice: string, located: Located): string {
  const key = lastKeyOf(path);
  const number = numberMeant(key, value);
  const name = located.nameOf(path);
  if (number !== null) return name === undefined ? `Write ${key}: ${number}.` : `Set ${name} to ${number}.`;
  if (name === undefined || !advice.startsWith(`Write ${key}: `)) return advice;
  return advice.replace(`Write ${key}: `, `Set ${name} to `).replaceAll(`${key}: `, '');
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The number that a text was meant to be: `20s`, `5 minutes` or `"5000"` of a key in milliseconds; null if it was none. */
function numberMeant(key: string, value: unknown): number | null {
  if (typeof value !== 'string' || !key.endsWith('Ms') || key === 'scheduleMs') return null;
  const [, digits = '', unit = 'ms'] =
    /^\s*(\d{1,9}(?:\.\d{1,3})?)\s*(ms|s|m|h|d)?(?:(?<=s)ec(?:ond)?s?|(?<=m)in(?:ute)?s?|(?<=h)ours?|(?<=d)ays?)?\s*$/i.exec(
      value,
    ) ?? [];
  const number = Math.round(Number(digits) * (UNITS_MS[unit.toLowerCase()] ?? Number.NaN));
  return digits === '' || !Number.isSafeInteger(number) ? null : number;
}

export function unknownKey(path: KeyPath, located: Located): ConfigProblem {
  const key = String(path.at(-1));
  return {
    ...placeOf(path, located),
    expected: 'a known option',
    given: looksLikeSecret(key) ? 'an unknown one' : `the unknown ${JSON.stringify(key.slice(0, 64))}`,
    advice: whereToGo(key, path.slice(0, -1), located),
  };
}

function whereToGo(key: string, above: KeyPath, located: Located): string {
  const variable = Object.entries(ENVIRONMENT).find(([name]) => name === key)?.[1].key;
  if (variable !== undefined) return `That is the name of a variable; in the file the option is ${variable}.`;
  const known = keysAt(above, located);
  const homes = HOMES.get(key) ?? [];
  // The same word elsewhere was meant more likely than another word here. Of too many places none is more likely.
  if (homes.length > 0 && homes.length <= 3) return homes.map((home) => belongs(home, located)).join(' ');
  const meant = nearMiss(key, known);
  return meant === null ? `Known here are ${known.join(', ')}.` : `Did you mean ${meant}?`;
}

interface Home {
  readonly isAppKey: boolean;
  /** Empty: at the top, or at the top of an app. */
  readonly below: string;
}

function belongs({ isAppKey, below }: Home, { isList }: Located): string {
  if (below !== '') return `It belongs below ${below}:.`;
  return isAppKey && isList ? 'It belongs into an entry of apps:.' : 'It belongs at the beginning of a line.';
}

/** Where each key of the schema stands. */
const HOMES = homesOf([
  ...pathsIn(DAEMON_SHAPE).map((path) => ({ path, isAppKey: false })),
  ...pathsIn(APP_SHAPE).map((path) => ({ path, isAppKey: true })),
]);

function homesOf(keys: readonly { readonly path: readonly string[]; readonly isAppKey: boolean }[]) {
  const homes = new Map<string, readonly Home[]>();
  for (const { path, isAppKey } of keys) {
    const key = String(path.at(-1));
    const below = path.slice(0, -1).join('.');
    const others = homes.get(key) ?? [];
    // The journal is the daemon's and an app's: one place to send somebody to.
    if (!others.some((home) => home.below === below)) homes.set(key, [...others, { isAppKey, below }]);
  }
  return homes;
}

function pathsIn(shape: Readonly<Record<string, unknown>>, above: readonly string[] = []): string[][] {
  return Object.entries(shape).flatMap(([name, type]) => {
    const path = [...above, name];
    return [path, ...pathsIn(shapeOf(type) ?? {}, path)];
  });
}

/** The keys of a mapping, through what is optional and through a choice between a mapping and something else. */
function shapeOf(type: unknown): Readonly<Record<string, unknown>> | null {
  if (type instanceof z.ZodOptional) return shapeOf(type.unwrap());
  if (type instanceof z.ZodUnion) return type.options.map(shapeOf).find((shape) => shape !== null) ?? null;
  return type instanceof z.ZodObject ? type.shape : null;
}

function keysAt(path: KeyPath, located: Located): readonly string[] {
  const [top, , group, inner] = path;
  if (path.length === 0) return [...new Set([...DAEMON_KEYS, 'apps', ...(located.isList ? [] : APP_KEYS)])];
  if (top !== 'apps') return DAEMON_GROUPS[String(top)] ?? [];
  if (group === undefined) return APP_KEYS;
  if (group === 'sink') return SINK_KEYS[path.slice(3).join('.')] ?? [];
  if (group === 'journal') return JOURNAL_KEYS;
  const below = group === 'catchup' ? catchupKeysAt(path.slice(3)) : [];
  if (below.length > 0) return below;
  if (inner !== undefined) return BACKOFF_KEYS;
  return Object.keys(
    { connection: DEFAULT_CONNECTION_POLICY, token: TOKEN_DEFAULTS, delivery: DELIVERY_DEFAULTS }[String(group)] ?? {},
  );
}

/** Something is required, and nobody gave it. */
export function missing(path: KeyPath, located: Located): ConfigProblem {
  const key = String(path.at(-1));
  const { expected, advice } = wordsOf(path);
  const variable = located.isList ? undefined : variableOf(path);
  const place = { ...placeOf(path, located), where: located.where(path.slice(0, -1)), expected };
  if (variable === undefined) {
    const isCredential = path[0] === 'apps' && path.length === 3;
    return { ...place, given: 'nothing', advice: isCredential ? `Add ${key} to this app.` : advice, isMissing: true };
  }
  const given = located.env[variable] === '' ? `an empty ${variable}` : 'nothing';
  const add = located.source === 'file' ? `Set ${variable}, or add ${key} to the file.` : `Set ${variable}.`;
  return { ...place, given, advice: `${add}${misspelt(variable, located)}`, isMissing: true };
}

/** The environment's name for a key of the daemon or of the single app. */
function variableOf(path: KeyPath): string | undefined {
  const isAppKey = path[0] === 'apps';
  const key = (isAppKey ? path.slice(2) : path).join('.');
  return Object.entries(ENVIRONMENT).find(([, known]) => known.key === key && known.isAppKey === isAppKey)?.[0];
}

/** A variable that is set and was probably meant to be this one. */
export function misspelt(variable: string, { env }: Located): string {
  const others = Object.keys(env).filter((name) => !(name in ENVIRONMENT) && /^(FEISHU|LARK|APP)_?/i.test(name));
  const other = others.find((name) => nearMiss(name.replace(/^(FEISHU|LARK)?_?/i, 'FEISHU_'), [variable]) !== null);
  return other === undefined ? '' : ` ${other} is set, which nobody reads.`;
}
