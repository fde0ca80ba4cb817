import type { z } from 'zod';
import { nearMiss } from '../ports/index.js';
import type { KeyPath } from './config-document.js';
import { keyPathOf } from './config-issue.js';
import { isMapping, without } from './config-located.js';
import { APP_KEYS, configSchema, type RawConfig } from './config-schema.js';

/** Says of a key of the daemon or of an app whether its value is what its author wrote. */
export type IsSound = (path: KeyPath) => boolean;

/** Groups of which each key can be judged without its neighbours: their defaults take their place. */
const LOOSE_GROUPS: readonly (string | number)[] = ['connection', 'token', 'delivery'];
const ANY_APP_ID = 'cli_0000000000000000';

/** The configuration without what has no right shape; null if nothing is left to be judged. */
export function soundPart(
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
