import { access, constants, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { readCertificates, secretOf } from '../adapters/index.js';
import { resolveCatchupOptions } from '../connector-catchup.js';
import { resolveJournalOptions } from '../connector-journal.js';
import {
  DEFAULT_CONNECTION_POLICY,
  DELIVERY_DEFAULTS,
  resolveConnectionPolicy,
  resolveDeliveryPolicy,
  resolveTokenPolicy,
  TOKEN_DEFAULTS,
} from '../connector-parts.js';
import { checkSinkSettings } from '../connector-sinks.js';
import { described, looksLikeSecret, nearMiss, SecretError } from '../ports/index.js';
import { catchupOf } from './config-catchup.js';
import type { KeyPath } from './config-document.js';
import { ConfigError, type ConfigProblem, problemLine } from './config-error.js';
import { adviceFor, keyPathOf, missing, misspelt, problemsOfIssue, unknownKey } from './config-issue.js';
import { journalOf, ownJournal, present, type RawAppJournal } from './config-journal.js';
import { isMapping, type Located, placeOf, valueAt, without } from './config-located.js';
import { policyOf } from './config-policy.js';
import { APP_KEYS, configSchema, DAEMON_KEYS, KEYS, type RawApp, type RawConfig } from './config-schema.js';
import { SECRET_KEYS } from './config-secrets.js';
import { type RawSink, SINK_SHAPE, sinkFileProblems, sinkOf } from './config-sink.js';
import { surfaceProblems } from './config-surface.js';

/**
 * Checks shape first; then, of all that has one, what shape cannot say.
 * @throws ConfigError with all problems, in the order of their lines.
 */
export async function checkConfig(located: Located): Promise<RawConfig> {
  const given = located.value;
  if (isMapping(given) && !('apps' in given)) {
    const others = Object.keys(given).filter((key) => !DAEMON_KEYS.includes(key));
    throw errorOf([...others.map((key) => unknownKey([key], located)), noApp(located)]);
  }
  const parsed = configSchema.safeParse(given);
  if (parsed.success) {
    const problems = await meaningProblems(parsed.data, located, () => true);
    if (problems.length > 0) throw errorOf(problems);
    return parsed.data;
  }
  const { issues } = parsed.error;
  const sound = soundPart(given, issues);
  const problems = issues.flatMap((issue) => problemsOfIssue(issue, located));
  throw errorOf([...problems, ...(sound === null ? [] : await meaningProblems(sound.config, located, sound.isSound))]);
}

/** Each problem once, in the order of their lines; what has no line is told first. */
function errorOf(problems: readonly ConfigProblem[]): ConfigError {
  const byLine = new Map(problems.map((problem) => [problemLine(problem), problem]));
  return new ConfigError([...byLine.values()].sort((one, other) => lineOf(one) - lineOf(other)));
}

function lineOf({ where }: ConfigProblem): number {
  return Number(/:(\d+)$/.exec(where)?.[1] ?? 0);
}

/** Says of a key of the daemon or of an app whether its value is what its author wrote. */
type IsSound = (path: KeyPath) => boolean;

/** Groups of which each key can be judged without its neighbours: their defaults take their place. */
const LOOSE_GROUPS: readonly (string | number)[] = ['connection', 'token', 'delivery'];
const ANY_APP_ID = 'cli_0000000000000000';

/** The configuration without what has no right shape; null if nothing is left to be judged. */
function soundPart(
  given: unknown,
  issues: readonly z.core.$ZodIssue[],
): { readonly config: RawConfig; readonly isSound: IsSound } | null {
  const blamed = new Set<string>();
  let rest = given;
  for (const path of issues.flatMap(wrongPathsOf)) {
    const isApp = path[0] === 'apps' && path.length > 1;
    // Nobody knows what was meant: an app that is no mapping, or no list of them.
    if (path.length === (isApp ? 2 : 0) || (path[0] === 'apps' && !isApp)) return null;
    const isLoose = isApp && path.length > 3 && LOOSE_GROUPS.includes(String(path[2]));
    const wrong = isApp ? path.slice(0, isLoose ? 4 : 3) : path.slice(0, 1);
    if (!isLoose) blamed.add(groupOf(wrong));
    rest = isApp && path[2] === 'appId' ? withAppId(rest, path) : withoutInApp(rest, wrong);
  }
  const parsed = configSchema.safeParse(rest);
  return parsed.success ? { config: parsed.data, isSound: (path) => !blamed.has(groupOf(path)) } : null;
}

/** A misspelt key stands for the one that was meant as well: that is not missing. */
function wrongPathsOf(issue: z.core.$ZodIssue): KeyPath[] {
  const path = keyPathOf(issue);
  if (issue.code !== 'unrecognized_keys') return [path];
  return issue.keys.flatMap((key) => {
    const meant = path.length === 2 ? nearMiss(key, APP_KEYS) : null;
    return [[...path, key], ...(meant === null ? [] : [[...path, meant]])];
  });
}

/** Two keys that can say the same are one. */
function groupOf(path: KeyPath): string {
  const length = path[0] === 'apps' ? 3 : 1;
  const [key = '', ...above] = path.slice(0, length).reverse();
  return [...above.reverse(), { appSecretFile: 'appSecret', sink: 'handler' }[String(key)] ?? key].join('.');
}

function withoutInApp(config: unknown, path: KeyPath): unknown {
  if (path[0] !== 'apps') return without(config, path);
  return mapApp(config, path[1], (app) => without(app, path.slice(2)));
}

function withAppId(config: unknown, path: KeyPath): unknown {
  return mapApp(config, path[1], (app) => (isMapping(app) ? { ...app, appId: ANY_APP_ID } : app));
}

function mapApp(config: unknown, index: string | number | undefined, change: (app: unknown) => unknown): unknown {
  if (!isMapping(config) || !Array.isArray(config.apps)) return config;
  return { ...config, apps: config.apps.map((app, at) => (at === index ? change(app) : app)) };
}

async function meaningProblems(config: RawConfig, located: Located, isSound: IsSound): Promise<ConfigProblem[]> {
  const hasDaemonJournal = config.journal !== undefined || !isSound(['journal']);
  const apps = config.apps.map((app, index) => checkApp(app, index, located, hasDaemonJournal, isSound));
  return [
    ...(isSound(['journal']) ? journalProblems(config.journal, (...keys) => keys, located) : []),
    ...(isSound(['http']) && isSound(['control']) ? await checkSurface(config, located) : []),
    ...duplicates(config.apps, located, isSound),
    ...sharedJournals(config, located, isSound),
    ...(await Promise.all(apps)).flat(),
  ];
}

function noApp(located: Located): ConfigProblem {
  return {
    where: located.where([]),
    path: '',
    expected: 'an app to connect',
    given: 'none',
    advice: `Set FEISHU_APP_ID and FEISHU_APP_SECRET_FILE (or FEISHU_APP_SECRET), or add appId and appSecretFile to a configuration file.${misspelt('FEISHU_APP_ID', located)}`,
    isMissing: true,
  };
}

function duplicates(apps: readonly RawApp[], located: Located, isSound: IsSound): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const seen = { appId: new Map<string, number>(), app: new Map<string, number>() };
  for (const [index, { appId, app = appId }] of apps.entries()) {
    for (const [key, text] of Object.entries({ appId, app }) as ['appId' | 'app', string][]) {
      const path = ['apps', index, key];
      if (!isSound(path) || !isSound(['apps', index, 'appId'])) continue;
      // Of an id the case does not matter: it is a number in hexadecimal digits.
      const value = key === 'appId' ? text.toLowerCase() : text;
      const first = seen[key].get(value);
      if (first === undefined) {
        seen[key].set(value, index);
      } else if (key === 'appId' || appId.toLowerCase() !== apps[first]?.appId.toLowerCase()) {
        problems.push({
          ...placeOf(path, located),
          expected: key === 'appId' ? 'each app once' : 'a name that no other app has',
          given: `${described(text)} again, first at ${located.where(['apps', first, key])}`,
          advice: key === 'appId' ? 'Remove one of the two.' : 'Give one of them another name.',
        });
      }
    }
  }
  return problems;
}

/** One directory keeps the events of one app: of two that name it, one would never start. */
function sharedJournals({ journal, apps }: RawConfig, located: Located, isSound: IsSound): ConfigProblem[] {
  if (!isSound(['journal'])) return [];
  const daemon = journal && { ...journal, directory: located.pathOf(['journal', 'directory'], journal.directory) };
  const first = new Map<string, KeyPath>();
  return apps.flatMap((app, index) => {
    const path = ['apps', index, 'journal', 'directory'];
    if (!isSound(path) || !isSound(['apps', index, 'appId'])) return [];
    const pathOf = (directory: string) => located.pathOf(path, directory);
    const directory = journalOf(daemon, ownJournal(app.journal, pathOf), app.appId, join)?.directory;
    const before = directory === undefined ? undefined : first.get(directory);
    if (directory !== undefined && before === undefined) first.set(directory, path);
    if (before === undefined) return [];
    return [
      {
        ...placeOf(path, located),
        expected: 'a directory of this app alone',
        given: `that of the app at ${located.where(before)}`,
        advice: 'Name another one, or leave it out: below journal: at the top each app has its own.',
      },
    ];
  });
}

async function checkSurface(config: RawConfig, located: Located): Promise<ConfigProblem[]> {
  const problems = await surfaceProblems(config, (path, value) => located.pathOf(path, value), located.checksFiles);
  return problems.map(({ path, ...words }) => ({ ...placeOf(path, located), ...words }));
}

async function checkApp(
  app: RawApp,
  index: number,
  located: Located,
  hasDaemonJournal: boolean,
  isSound: IsSound,
): Promise<ConfigProblem[]> {
  const at = (...keys: (string | number)[]): KeyPath => ['apps', index, ...keys];
  const ifSound = async (key: string, check: () => Promise<ConfigProblem[]>) => (isSound(at(key)) ? check() : []);
  const isJournaled = hasJournal(app, hasDaemonJournal) || !isSound(at('journal'));
  return [
    ...(await ifSound('appSecret', () => checkSecret(app, at, located))),
    ...(await ifSound('caFile', () => checkCaFile(app, at, located))),
    ...(await ifSound('handler', () => checkHandlerFile(app, at, located))),
    ...(await ifSound('sink', () => checkSink(app, at, located))),
    ...(app.journal === 'none' ? [] : journalProblems(app.journal, at, located)),
    ...policyProblems(app, at, located, isJournaled),
  ];
}

function hasJournal({ journal }: RawApp, hasDaemonJournal: boolean): boolean {
  if (journal === 'none') return false;
  return hasDaemonJournal || journal?.directory !== undefined;
}

type At = (...keys: (string | number)[]) => KeyPath;

async function checkSecret({ appSecret, appSecretFile }: RawApp, at: At, located: Located): Promise<ConfigProblem[]> {
  if (appSecret !== undefined && appSecretFile !== undefined) {
    const others = `appSecretFile at ${located.where(at('appSecretFile'))}`;
    return [
      {
        ...placeOf(at('appSecret'), located),
        expected: 'one source of the secret',
        given: `this and ${others}`,
        advice: 'Remove one of the two; the file is the safer one.',
      },
    ];
  }
  if (appSecret === undefined && appSecretFile === undefined) {
    return [missing(at('appSecret'), located)];
  }
  const words = KEYS.appSecretFile ?? { expected: 'a file', advice: '' };
  if (appSecretFile !== undefined && looksLikeSecret(appSecretFile)) {
    return [
      {
        ...placeOf(at('appSecretFile'), located),
        expected: words.expected,
        given: 'what looks like the secret itself',
        advice: 'Put it into a file of its own, or call the option appSecret.',
      },
    ];
  }
  if (appSecretFile !== undefined && !located.checksFiles) return [];
  const path = at(appSecret === undefined ? 'appSecretFile' : 'appSecret');
  try {
    await secretOf(
      appSecretFile === undefined
        ? { ...(appSecret !== undefined && { appSecret }) }
        : { appSecretFile: located.pathOf(path, appSecretFile) },
    )();
    return [];
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    return [
      {
        ...placeOf(path, located),
        expected: 'a secret that can be read',
        given: `this: ${error.message}`,
        advice: 'It must be readable at the start; later changes are picked up by themselves.',
      },
    ];
  }
}

async function checkCaFile({ caFile }: RawApp, at: At, located: Located): Promise<ConfigProblem[]> {
  if (caFile === undefined || !located.checksFiles) return [];
  const path = at('caFile');
  try {
    await readCertificates(located.pathOf(path, caFile));
    return [];
  } catch (error) {
    const given = `this: ${error instanceof Error ? error.message : String(error)}`;
    const advice = 'It must be readable at the start; later changes are picked up by themselves.';
    const { expected = 'a file of PEM certificates' } = KEYS.caFile ?? {};
    return [{ ...placeOf(path, located), expected, given, advice }];
  }
}

async function checkHandlerFile({ handler, sink }: RawApp, at: At, located: Located): Promise<ConfigProblem[]> {
  const key = handler === undefined ? 'sink' : 'handler';
  const given = handler ?? sink;
  if (typeof given !== 'string' || given === 'stdout' || !located.checksFiles) return [];
  const path = at(key);
  const file = located.pathOf(path, given);
  const problem = (what: string): ConfigProblem[] => [
    {
      ...placeOf(path, located),
      expected: 'stdout or the path of an ES module',
      given: what,
      advice: `Looked for ${file}; mend the path or its permissions.`,
    },
  ];
  try {
    if (!(await stat(file)).isFile()) return problem(`${described(given)}, which is no file`);
    await access(file, constants.R_OK);
    return [];
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : 'unknown';
    return problem(
      `${described(given)}, ${code === 'ENOENT' ? 'which does not exist' : `which cannot be read (${code})`}`,
    );
  }
}

async function checkSink({ handler, sink }: RawApp, at: At, located: Located): Promise<ConfigProblem[]> {
  if (sink === undefined) return [];
  const place = (...keys: (string | number)[]) => placeOf(at('sink', ...keys), located);
  if (handler !== undefined) {
    const given = `this and handler at ${located.where(at('handler'))}`;
    return [{ ...place(), expected: 'one place where events go', given, advice: 'Remove one of the two.' }];
  }
  if (typeof sink === 'string') return [];
  if ((sink.webhook === undefined) === (sink.jetstream === undefined)) {
    const given = sink.webhook === undefined ? 'neither' : 'both';
    const { expected = '', advice = '' } = KEYS.sink ?? {};
    return [{ ...place(), expected, given, advice: given === 'both' ? 'Remove one of the two.' : advice }];
  }
  const settingsOf = (given: RawSink) => sinkOf(given, (path, value) => located.pathOf(at('sink', ...path), value));
  const settings = settingsOf(sink);
  const bounds = boundProblems({ group: 'sink', at, located }, sink, (given) => {
    // Without what it requires there is nothing to be said of the rest.
    const { data } = SINK_SHAPE.safeParse(given);
    if (data !== undefined) checkSinkSettings(settingsOf(data));
  });
  if (bounds.length > 0 || !located.checksFiles) return bounds;
  return (await sinkFileProblems(settings)).map(({ path, expected, given }) => ({
    ...place(...path),
    expected,
    given,
    advice: 'It must be readable at the start; later changes are picked up by themselves.',
  }));
}

function policyProblems(app: RawApp, at: At, located: Located, isJournaled: boolean): ConfigProblem[] {
  const grounds = { hasJournal: isJournaled, rememberedMs: 0 };
  const checks: Readonly<Record<string, (given: never) => unknown>> = {
    connection: (given: RawApp['connection']) => resolveConnectionPolicy(policyOf(given, DEFAULT_CONNECTION_POLICY)),
    token: (given: RawApp['token']) => resolveTokenPolicy(policyOf(given, TOKEN_DEFAULTS)),
    delivery: (given: RawApp['delivery']) => resolveDeliveryPolicy(policyOf(given, DELIVERY_DEFAULTS), isJournaled),
    catchup: (given: RawApp['catchup']) =>
      resolveCatchupOptions(given === undefined ? undefined : catchupOf(given), grounds),
  };
  return Object.entries(checks).flatMap(([group, check]) =>
    boundProblems({ group, at, located }, app[group as keyof RawApp], (given) => check(given as never)),
  );
}

/** A directory that is left out is the daemon's, or there is no journal: what stands here must be right all the same. */
function journalProblems(journal: RawAppJournal | undefined, at: At, located: Located): ConfigProblem[] {
  if (journal === undefined) return [];
  return boundProblems({ group: 'journal', at, located }, journal, (given) =>
    resolveJournalOptions({ directory: '.', ...present(given as RawAppJournal) }),
  );
}

interface Bounded {
  readonly group: string;
  readonly at: At;
  readonly located: Located;
}

/** The rooms check their own bounds, and tell the first that is not kept: it is taken away, and they are asked again. */
function boundProblems(bounded: Bounded, given: unknown, check: (given: unknown) => unknown): ConfigProblem[] {
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
