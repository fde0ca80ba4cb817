import { access, constants, stat } from 'node:fs/promises';
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
import { type At, boundProblems } from './config-bounds.js';
import { catchupOf } from './config-catchup.js';
import type { KeyPath } from './config-document.js';
import type { ConfigProblem } from './config-error.js';
import { missing } from './config-issue.js';
import { present, type RawAppJournal } from './config-journal.js';
import { type Located, placeOf } from './config-located.js';
import { policyOf } from './config-policy.js';
import { KEYS, type RawApp } from './config-schema.js';
import { type RawSink, SINK_SHAPE, sinkFileProblems, sinkOf } from './config-sink.js';
import type { IsSound } from './config-sound.js';

/** What one app's options mean, and shape cannot say. */
export async function checkApp(
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
export function journalProblems(journal: RawAppJournal | undefined, at: At, located: Located): ConfigProblem[] {
  if (journal === undefined) return [];
  return boundProblems({ group: 'journal', at, located }, journal, (given) =>
    resolveJournalOptions({ directory: '.', ...present(given as RawAppJournal) }),
  );
}
