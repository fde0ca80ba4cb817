import { checkApp, journalProblems } from './config-app-check.js';
import { ConfigError, type ConfigProblem, problemLine } from './config-error.js';
import { misspelt, problemsOfIssue, unknownKey } from './config-issue.js';
import { isMapping, type Located, placeOf } from './config-located.js';
import { configSchema, DAEMON_KEYS, type RawConfig } from './config-schema.js';
import { type IsSound, soundPart } from './config-sound.js';
import { surfaceProblems } from './config-surface.js';
import { twinProblems } from './config-twins.js';

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

async function meaningProblems(config: RawConfig, located: Located, isSound: IsSound): Promise<ConfigProblem[]> {
  const hasDaemonJournal = config.journal !== undefined || !isSound(['journal']);
  const apps = config.apps.map((app, index) => checkApp(app, index, located, hasDaemonJournal, isSound));
  return [
    ...(isSound(['journal']) ? journalProblems(config.journal, (...keys) => keys, located) : []),
    ...(isSound(['http']) && isSound(['control']) ? await checkSurface(config, located) : []),
    ...twinProblems(config, located, isSound),
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

async function checkSurface(config: RawConfig, located: Located): Promise<ConfigProblem[]> {
  const problems = await surfaceProblems(config, (path, value) => located.pathOf(path, value), located.checksFiles);
  return problems.map(({ path, ...words }) => ({ ...placeOf(path, located), ...words }));
}
