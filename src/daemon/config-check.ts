import { access, constants, stat } from 'node:fs/promises';
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
import { described, looksLikeSecret, SecretError } from '../ports/index.js';
import { catchupKeysAt, catchupOf } from './config-catchup.js';
import type { KeyPath } from './config-document.js';
import type { Environment } from './config-environment.js';
import { ConfigError, type ConfigProblem } from './config-error.js';
import { JOURNAL_KEYS, present, type RawAppJournal } from './config-journal.js';
import { policyOf } from './config-policy.js';
import {
  APP_KEYS,
  configSchema,
  DAEMON_GROUPS,
  DAEMON_KEYS,
  KEYS,
  type RawApp,
  type RawConfig,
} from './config-schema.js';
import { SECRET_KEYS } from './config-secrets.js';
import { SINK_KEYS, sinkFileProblems, sinkOf } from './config-sink.js';
import { surfaceProblems } from './config-surface.js';
import { nearMiss } from './near-miss.js';

/** The merged configuration, not yet checked, that knows where each value came from. */
export interface Located {
  readonly value: unknown;
  readonly source: 'file' | 'environment';
  readonly env: Environment;
  /** Whether the file lists its apps; if not, the single app's keys stand at the top. */
  readonly isList: boolean;
  /** Whether the files that it names must be usable. */
  readonly checksFiles: boolean;
  /** File and line, variable or option. */
  where(path: KeyPath): string;
  /** A path value made absolute, relative to where it was written. */
  pathOf(path: KeyPath, value: string): string;
}

/**
 * Checks shape first; then, as nothing else makes sense before, what shape cannot say.
 * @throws ConfigError with all problems of the first of the two steps that has any.
 */
export async function checkConfig(located: Located): Promise<RawConfig> {
  const given = located.value;
  if (typeof given === 'object' && given !== null && !('apps' in given)) {
    const others = Object.keys(given).filter((key) => !DAEMON_KEYS.includes(key));
    throw new ConfigError([
      ...others.map((key) => unknownKey([key], [...DAEMON_KEYS, ...APP_KEYS, 'apps'], located)),
      noApp(located),
    ]);
  }
  const parsed = configSchema.safeParse(given);
  if (!parsed.success) throw new ConfigError(parsed.error.issues.flatMap((issue) => problemsOf(issue, located)));
  const config = parsed.data;
  const problems = [
    ...checkJournal(config.journal, (...keys) => keys, located),
    ...(await checkSurface(config, located)),
    ...duplicates(config.apps, located),
    ...(
      await Promise.all(config.apps.map((app, index) => checkApp(app, index, located, config.journal !== undefined)))
    ).flat(),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

function noApp(located: Located): ConfigProblem {
  return {
    where: located.where([]),
    path: '',
    expected: 'an app to connect',
    given: 'none',
    advice:
      'Set FEISHU_APP_ID and FEISHU_APP_SECRET_FILE (or FEISHU_APP_SECRET), or add appId and appSecretFile to a configuration file.',
    isMissing: true,
  };
}

function problemsOf(issue: z.core.$ZodIssue, located: Located): ConfigProblem[] {
  const path = issue.path.filter((part): part is string | number => typeof part !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(path, located);
    return issue.keys.map((key) => unknownKey([...path, key], known, located));
  }
  const key = String(path.findLast((part) => typeof part === 'string') ?? '');
  if (issue.code === 'invalid_union' && isMapping(valueAt(located.value, path))) {
    // Of the ways to write it, the one that was meant: the mapping, and what is wrong inside of it.
    const meant = issue.errors.find(
      (errors) => !errors.some((inner) => inner.path.length === 0 && inner.code === 'invalid_type'),
    );
    if (meant !== undefined && meant.length > 0) {
      return meant.flatMap((inner) => problemsOf({ ...inner, path: [...path, ...inner.path] }, located));
    }
  }
  const isNumber = issue.code === 'invalid_type' && issue.expected === 'number';
  const words = KEYS[path.join('.')] ??
    KEYS[key] ?? {
      expected: isNumber ? 'a number' : 'a mapping of options',
      advice: isNumber
        ? `Write ${key}: and a number${key.endsWith('Ms') ? ' of milliseconds' : ''}.`
        : 'Indent its options below it.',
    };
  const value = valueAt(located.value, path);
  if (key === 'appId' && value === undefined) return [missing(path, 'FEISHU_APP_ID', located)];
  return [
    { where: located.where(path), path: shown(path, located), ...words, given: described(value, SECRET_KEYS.has(key)) },
  ];
}

function unknownKey(path: KeyPath, known: readonly string[], located: Located): ConfigProblem {
  const key = String(path.at(-1));
  const meant = nearMiss(key, known);
  return {
    where: located.where(path),
    path: shown(path, located),
    expected: 'a known option',
    given: looksLikeSecret(key) ? 'an unknown one' : `the unknown ${JSON.stringify(key.slice(0, 64))}`,
    advice: meant === null ? `Known here are ${known.join(', ')}.` : `Did you mean ${meant}?`,
  };
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
  if (inner !== undefined) return ['initialMs', 'maxMs', 'factor', 'jitter', 'scheduleMs'];
  return Object.keys(
    { connection: DEFAULT_CONNECTION_POLICY, token: TOKEN_DEFAULTS, delivery: DELIVERY_DEFAULTS }[String(group)] ?? {},
  );
}

/** The key path as it stands in the file: without `apps[0]` where the single app's keys stand at the top. */
function shown(path: KeyPath, located: Located): string {
  const visible = located.isList || path[0] !== 'apps' ? path : path.slice(2);
  return visible
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function valueAt(value: unknown, path: KeyPath): unknown {
  let at = value;
  for (const part of path)
    at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[String(part)] : undefined;
  return at;
}

function missing(path: KeyPath, variable: string, located: Located): ConfigProblem {
  const key = String(path.at(-1));
  const isEmpty = located.env[variable] === '';
  return {
    where: located.where(path.slice(0, -1)),
    path: shown(path, located),
    expected: KEYS[key]?.expected ?? 'a value',
    given: isEmpty && !located.isList ? `an empty ${variable}` : 'nothing',
    advice: located.isList ? `Add ${key} to this app.` : `Set ${variable}, or add ${key} to the file.`,
    isMissing: true,
  };
}

function duplicates(apps: readonly RawApp[], located: Located): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const seen = { appId: new Map<string, number>(), app: new Map<string, number>() };
  for (const [index, { appId, app = appId }] of apps.entries()) {
    for (const [key, value] of Object.entries({ appId, app }) as ['appId' | 'app', string][]) {
      const first = seen[key].get(value);
      if (first === undefined) {
        seen[key].set(value, index);
      } else if (key === 'appId' || appId !== apps[first]?.appId) {
        const path = ['apps', index, key];
        problems.push({
          where: located.where(path),
          path: shown(path, located),
          expected: key === 'appId' ? 'each app once' : 'a name that no other app has',
          given: `${described(value)} again, first at ${located.where(['apps', first, key])}`,
          advice: key === 'appId' ? 'Remove one of the two.' : 'Give one of them another name.',
        });
      }
    }
  }
  return problems;
}

async function checkSurface(config: RawConfig, located: Located): Promise<ConfigProblem[]> {
  const problems = await surfaceProblems(config, (path, value) => located.pathOf(path, value), located.checksFiles);
  return problems.map(({ path, ...words }) => ({ where: located.where(path), path: shown(path, located), ...words }));
}

async function checkApp(
  app: RawApp,
  index: number,
  located: Located,
  hasDaemonJournal: boolean,
): Promise<ConfigProblem[]> {
  const at = (...keys: (string | number)[]): KeyPath => ['apps', index, ...keys];
  return [
    ...(await checkSecret(app, at, located)),
    ...(await checkCaFile(app, at, located)),
    ...(await checkHandlerFile(app, at, located)),
    ...(await checkSink(app, at, located)),
    ...(app.journal === 'none' ? [] : checkJournal(app.journal, at, located)),
    ...checkPolicies(app, at, located, hasJournal(app, hasDaemonJournal)),
  ];
}

function hasJournal({ journal }: RawApp, hasDaemonJournal: boolean): boolean {
  if (journal === 'none') return false;
  return hasDaemonJournal || journal?.directory !== undefined;
}

type At = (...keys: (string | number)[]) => KeyPath;

async function checkSecret({ appSecret, appSecretFile }: RawApp, at: At, located: Located): Promise<ConfigProblem[]> {
  const place = (path: KeyPath) => ({ where: located.where(path), path: shown(path, located) });
  if (appSecret !== undefined && appSecretFile !== undefined) {
    const others = `appSecretFile at ${located.where(at('appSecretFile'))}`;
    return [
      {
        ...place(at('appSecret')),
        expected: 'one source of the secret',
        given: `this and ${others}`,
        advice: 'Remove one of the two; the file is the safer one.',
      },
    ];
  }
  if (appSecret === undefined && appSecretFile === undefined) {
    return [missing(at('appSecret'), 'FEISHU_APP_SECRET', located)];
  }
  const words = KEYS.appSecretFile ?? { expected: 'a file', advice: '' };
  if (appSecretFile !== undefined && looksLikeSecret(appSecretFile)) {
    return [
      {
        ...place(at('appSecretFile')),
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
        ...place(path),
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
    return [{ where: located.where(path), path: shown(path, located), expected, given, advice }];
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
      where: located.where(path),
      path: shown(path, located),
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
  const place = (...keys: (string | number)[]) => ({
    where: located.where(at('sink', ...keys)),
    path: shown(at('sink', ...keys), located),
  });
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
  const settings = sinkOf(sink, (path, value) => located.pathOf(at('sink', ...path), value));
  const bounds = boundProblems('sink', () => checkSinkSettings(settings), at, located);
  if (bounds.length > 0 || !located.checksFiles) return bounds;
  return (await sinkFileProblems(settings)).map(({ path, expected, given }) => ({
    ...place(...path),
    expected,
    given,
    advice: 'It must be readable at the start; later changes are picked up by themselves.',
  }));
}

function checkPolicies(app: RawApp, at: At, located: Located, isJournaled: boolean): ConfigProblem[] {
  const checks = {
    connection: () => resolveConnectionPolicy(policyOf(app.connection, DEFAULT_CONNECTION_POLICY)),
    token: () => resolveTokenPolicy(policyOf(app.token, TOKEN_DEFAULTS)),
    delivery: () => resolveDeliveryPolicy(policyOf(app.delivery, DELIVERY_DEFAULTS), isJournaled),
    catchup: () =>
      resolveCatchupOptions(app.catchup === undefined ? undefined : catchupOf(app.catchup), {
        hasJournal: isJournaled,
        rememberedMs: 0,
      }),
  };
  return Object.entries(checks).flatMap(([group, check]) => boundProblems(group, check, at, located));
}

/** A directory that is left out is the daemon's, or there is no journal: what stands here must be right all the same. */
function checkJournal(journal: RawAppJournal | undefined, at: At, located: Located): ConfigProblem[] {
  if (journal === undefined) return [];
  return boundProblems('journal', () => resolveJournalOptions({ directory: '.', ...present(journal) }), at, located);
}

/** The rooms check their own bounds; their messages begin with the option's name, which finds its line. */
function boundProblems(group: string, check: () => unknown, at: At, located: Located): ConfigProblem[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const [, name = '', bound = error.message, given = 'this'] =
      /^(\S+) must be (.+), got (.+)$/s.exec(error.message) ?? [];
    const named = name.split(/[.[\]]+/).filter((key) => key !== '');
    const keys = named[0] === group ? named.slice(1) : named;
    const path = at(group, ...keys.map((key) => (/^\d+$/.test(key) ? Number(key) : key)));
    return [
      {
        where: located.where(path),
        path: shown(path, located),
        expected: bound,
        given,
        advice: 'Write a value within these bounds, or remove the line for the default.',
      },
    ];
  }
}
