import { dirname, join, resolve } from 'node:path';
import type { Level } from 'pino';
import type { CatchupOptions } from '../connector-catchup.js';
import type { JournalOptions } from '../connector-journal.js';
import {
  type ConnectionPolicy,
  DEFAULT_CONNECTION_POLICY,
  DELIVERY_DEFAULTS,
  type DeliveryPolicy,
  TOKEN_DEFAULTS,
  type TokenPolicy,
} from '../connector-parts.js';
import type { SinkSettings } from '../connector-sinks.js';
import { catchupOf } from './config-catchup.js';
import { checkConfig } from './config-check.js';
import { DAEMON_DEFAULTS } from './config-defaults.js';
import type { ConfigDocument, KeyPath } from './config-document.js';
import {
  type Environment,
  environmentWarnings,
  type Layer,
  laidOver,
  nameIn,
  readEnvironment,
} from './config-environment.js';
import { ConfigError, type ConfigProblem } from './config-error.js';
import { readConfigFile } from './config-file.js';
import { journalOf, ownJournal } from './config-journal.js';
import type { Located } from './config-located.js';
import { policyOf } from './config-policy.js';
import { APP_KEYS, DAEMON_KEYS, type RawApp, type RawConfig } from './config-schema.js';
import { learnSecretsIn } from './config-secrets.js';
import { sinkOf } from './config-sink.js';
import { surfaceSettingsOf } from './config-surface.js';
import { type ListenAddress, parseListenAddress } from './listen-address.js';
import { openSecretsWarning } from './secret-files.js';
import type { SurfaceSettings } from './surface-settings.js';
import { resolveTracing, type TracingSettings } from './tracing-settings.js';

/** What the daemon runs, checked and with every default in place. */
export interface DaemonConfig {
  readonly listen: ListenAddress;
  /** Who may do what there. Left out: whoever reaches it reads, and nobody may call for anything. */
  readonly surface?: SurfaceSettings;
  readonly logLevel: Level | 'silent';
  /** How long running handlers may finish when the daemon stops, in milliseconds. */
  readonly drainMs: number;
  /**
   * How long one outage of an app may last before the daemon ends itself with code 75, in milliseconds; left out: for
   * ever. It does so only where the platform answers a probe and attempts from this process still fail. Choose more than
   * the longest outage of the platform that you want to sit out.
   */
  readonly exitAfterOutageMs?: number;
  /** Where the status page finds the runbooks, without a slash at the end; left out: at the daemon's own `/runbooks`. */
  readonly runbookUrl?: string;
  /** Whether `/metrics` speaks OpenMetrics, which exemplars need. */
  readonly openMetrics: boolean;
  /** Where spans go; null for nowhere. */
  readonly tracing: TracingSettings | null;
  /** At least one; ids and names are unique. */
  readonly apps: readonly AppConfig[];
  /** Worth a log line, but no reason not to run. */
  readonly warnings: readonly string[];
}

/** One app. Paths are absolute. Plain data: two that are equal as JSON run the same connector. */
export interface AppConfig {
  readonly appId: string;
  /** The name in metrics and logs. */
  readonly app: string;
  /** Exactly one of the two is set. */
  readonly appSecret?: string;
  readonly appSecretFile?: string;
  readonly domain: string;
  /** A proxy's URL may hold a password. */
  readonly proxy?: string;
  readonly caFile?: string;
  /** `stdout`, or the path of a module. Exactly one of this and `sink` is set. */
  readonly handler?: string;
  /** Where events go instead. A webhook's settings may hold secrets. */
  readonly sink?: SinkSettings;
  /** Left out: without a journal. */
  readonly journal?: JournalOptions;
  /** How many connections are kept at once; 1 if left out. */
  readonly connections?: number;
  readonly connection: Partial<ConnectionPolicy>;
  readonly token: Partial<TokenPolicy>;
  readonly delivery: Partial<DeliveryPolicy>;
  /** What is asked of the platform besides; left out: the defaults. */
  readonly catchup?: CatchupOptions | boolean;
}

export interface ConfigSources {
  /** The configuration file; default: the environment's `FEISHU_CONFIG`, else none. */
  readonly file?: string | undefined;
  readonly env: Environment;
  /** What relative paths of the environment and the command line start from. */
  readonly cwd: string;
  /**
   * Whether every file that it names must be usable, as for whoever runs it. Without: only what it says itself is checked,
   * for whoever merely calls the daemon and may not read its secrets. Default true.
   */
  readonly checksFiles?: boolean;
  /** Above all others: the command line's. Keys as in the file, each with the name to call it by. */
  readonly overrides?: Layer;
}

/**
 * The daemon's configuration. Order: command line, environment, file, defaults. The environment can describe a single
 * app; a file with a list of apps and a `FEISHU_APP_…` variable contradict each other, and that is an error.
 * @throws ConfigError with every problem found: where, what was expected, what is there, what to write.
 */
export async function loadConfig(sources: ConfigSources): Promise<DaemonConfig> {
  const { env, cwd, overrides = new Map(), checksFiles = true } = sources;
  const environment = readEnvironment(env);
  const path = sources.file ?? environment.file;
  const namedBy = sources.file ? '--config' : 'FEISHU_CONFIG';
  const file = path === null ? null : await readConfigFile({ path, cwd, namedBy });
  const layers = {
    daemon: merged(environment.daemon, overrides, DAEMON_KEYS),
    app: merged(environment.app, overrides, APP_KEYS),
  };
  const located = assemble(file, layers, {
    env,
    cwd,
    checksFiles,
    fileDirectory: path === null ? cwd : dirname(resolve(cwd, path)),
  });
  learnSecretsIn(located.value);
  const raw = await checkConfig(located);
  const { settings: tracing, warnings } = resolveTracing(env, raw.tracing);
  const config = configOf(raw, located);
  const own = file === null || path === null ? null : { path: resolve(cwd, path), value: file.value };
  const openSecrets = checksFiles ? await openSecretsWarning(config, own) : null;
  return {
    ...config,
    tracing,
    warnings: [...environmentWarnings(env), ...warnings, ...(openSecrets ? [openSecrets] : [])],
  };
}

function merged(environment: Layer, overrides: Layer, keys: readonly string[]): Layer {
  const layer = new Map(environment);
  for (const [key, setting] of overrides) {
    if (!keys.includes(key)) continue;
    dropOthers(key, (other) => layer.delete(other));
    layer.set(key, setting);
  }
  return layer;
}

/** Ways to say the same: one replaces the other, so that a higher layer can override a lower one. */
const ALTERNATIVES = [
  ['appSecret', 'appSecretFile'],
  ['handler', 'sink'],
] as const;

function dropOthers(key: string, drop: (other: string) => void): void {
  for (const [one, other] of ALTERNATIVES) {
    if (key === one) drop(other);
    if (key === other) drop(one);
  }
}

interface Surroundings {
  readonly env: Environment;
  readonly cwd: string;
  readonly checksFiles: boolean;
  readonly fileDirectory: string;
}

/** Lays the layers over each other, and remembers where each value came from. */
function assemble(file: ConfigDocument | null, layers: { daemon: Layer; app: Layer }, around: Surroundings): Located {
  const whole = mappingOf(file);
  const hasList = 'apps' in whole;
  const problems: ConfigProblem[] = [];
  if (hasList) problems.push(...contradictions(file, whole, layers.app));
  if (problems.length > 0) throw new ConfigError(problems);

  const isSingle = ([key]: readonly [string, unknown]) => !hasList && isAppKey(key);
  // Not by assignment: a key of the name __proto__ is a key like any other.
  const config = Object.fromEntries(Object.entries(whole).filter((entry) => !isSingle(entry)));
  const single = Object.fromEntries(Object.entries(whole).filter(isSingle));
  for (const [key, { value }] of layers.daemon) config[key] = laidOver(config[key], value);
  for (const key of layers.app.keys()) dropOthers(key, (other) => delete single[other]);
  for (const [key, { value }] of layers.app) single[key] = laidOver(single[key], value);
  if (!hasList && Object.keys(single).length > 0) config.apps = [single];

  const nameOf = (path: KeyPath): string | undefined => {
    if (path[0] !== 'apps') return nameIn(layers.daemon, path);
    return hasList ? undefined : nameIn(layers.app, path.slice(2));
  };
  return {
    value: config,
    source: file ? 'file' : 'environment',
    env: around.env,
    isList: hasList,
    checksFiles: around.checksFiles,
    nameOf,
    where: (path) => {
      const from = nameOf(path);
      if (from !== undefined) return from;
      return file === null ? 'environment' : file.where(hasList || path[0] !== 'apps' ? path : path.slice(2));
    },
    pathOf: (path, value) => resolve(nameOf(path) === undefined ? around.fileDirectory : around.cwd, value),
  };
}

/** A key of the single app that stands at the top. What both know, such as the journal, is the daemon's there. */
function isAppKey(key: string): boolean {
  return APP_KEYS.includes(key) && !DAEMON_KEYS.includes(key);
}

function mappingOf(file: ConfigDocument | null): Record<string, unknown> {
  const value = file?.value;
  if (value === undefined || value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return { ...value };
  throw new ConfigError([
    {
      where: file?.where([]) ?? '',
      path: '',
      expected: 'a mapping of options',
      given: Array.isArray(value) ? 'a list' : typeof value === 'string' ? 'text' : `a ${typeof value}`,
      advice: 'Write appId: or apps: at the beginning of a line; a space follows the colon.',
    },
  ]);
}

function contradictions(file: ConfigDocument | null, whole: object, app: Layer): ConfigProblem[] {
  const besides = Object.keys(whole).filter(isAppKey);
  return [
    ...[...app].map(([key, { from }]) => ({
      where: from,
      path: key,
      expected: 'nothing here, as the configuration file lists its apps',
      given: 'a value',
      advice: `Leave ${from} out, or write a single app into the file, without apps:.`,
    })),
    ...besides.map((key) => ({
      where: file?.where([key]) ?? '',
      path: key,
      expected: 'either apps: or the options of a single app',
      given: 'both',
      advice: `Move ${key} into an entry of apps:.`,
    })),
  ];
}

function configOf(raw: RawConfig, located: Located): Omit<DaemonConfig, 'warnings' | 'tracing'> {
  const listen = parseListenAddress(raw.listen ?? DAEMON_DEFAULTS.listen);
  if (listen === null) throw new TypeError('the schema let a bad listen address pass');
  return {
    listen,
    surface: surfaceSettingsOf(raw, located.env, (path, value) => located.pathOf(path, value)),
    logLevel: raw.logLevel ?? (DAEMON_DEFAULTS.logLevel as Level),
    drainMs: raw.drainMs ?? DAEMON_DEFAULTS.drainMs,
    ...(raw.exitAfterOutageMs !== undefined && { exitAfterOutageMs: raw.exitAfterOutageMs }),
    ...(raw.runbookUrl !== undefined && { runbookUrl: raw.runbookUrl }),
    openMetrics: raw.metrics?.openMetrics ?? DAEMON_DEFAULTS.openMetrics,
    apps: raw.apps.map((app, index) => appOf(app, index, raw, located)),
  };
}

function appOf(raw: RawApp, index: number, { journal: daemonJournal }: RawConfig, located: Located): AppConfig {
  const { appId, appSecret, appSecretFile } = raw;
  const pathOf = (key: string, value: string) => located.pathOf(['apps', index, key], value);
  const journal = journalOf(
    daemonJournal && { ...daemonJournal, directory: located.pathOf(['journal', 'directory'], daemonJournal.directory) },
    ownJournal(raw.journal, (directory) => located.pathOf(['apps', index, 'journal', 'directory'], directory)),
    appId,
    join,
  );
  return {
    appId,
    app: raw.app ?? appId,
    ...(appSecret !== undefined && { appSecret }),
    ...(appSecretFile !== undefined && { appSecretFile: pathOf('appSecretFile', appSecretFile) }),
    domain: raw.domain ?? DAEMON_DEFAULTS.domain,
    ...(raw.proxy !== undefined && { proxy: raw.proxy }),
    ...(raw.caFile !== undefined && { caFile: pathOf('caFile', raw.caFile) }),
    ...destinationOf(raw, index, located),
    ...(journal !== null && { journal }),
    ...(raw.connections !== undefined && { connections: raw.connections }),
    connection: policyOf(raw.connection, DEFAULT_CONNECTION_POLICY),
    token: policyOf(raw.token, TOKEN_DEFAULTS),
    delivery: policyOf(raw.delivery, DELIVERY_DEFAULTS),
    ...(raw.catchup !== undefined && { catchup: catchupOf(raw.catchup) }),
  };
}

/** Where the app's events go: a text names functions of this process, whichever of the two keys it stands under. */
function destinationOf(
  { handler, sink }: RawApp,
  index: number,
  located: Located,
): Pick<AppConfig, 'handler' | 'sink'> {
  if (sink !== undefined && typeof sink !== 'string') {
    return { sink: sinkOf(sink, (path, value) => located.pathOf(['apps', index, 'sink', ...path], value)) };
  }
  const text = handler ?? sink ?? DAEMON_DEFAULTS.handler;
  if (text === 'stdout') return { handler: text };
  return { handler: located.pathOf(['apps', index, handler === undefined ? 'sink' : 'handler'], text) };
}
