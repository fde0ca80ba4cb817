import { resolve } from 'node:path';
import { createNetwork, secretFileOf } from '../../adapters/index.js';
import type { Watcher } from '../../doctor/index.js';
import { SecretError } from '../../ports/index.js';
import { CommandLineError } from '../command-line-error.js';
import { siteOptions } from '../shipped/site.js';

/** How a command line names the Prometheus that watches. Secrets are in files: a command line is everybody's to read. */
export interface WatcherFlags {
  readonly prometheus?: string;
  readonly prometheusUser?: string;
  readonly prometheusPasswordFile?: string;
  readonly prometheusTokenFile?: string;
  readonly prometheusCaFile?: string;
  readonly job?: string;
}

/** A Prometheus, and the way to it, which is to be closed. */
export interface OpenWatcher {
  readonly watcher: Omit<Watcher, 'clock' | 'apps'>;
  close(): Promise<void>;
}

const WATCHDOG = 'FeishuWatchdog';

/**
 * That Prometheus, and what it should have loaded; null if none is named.
 * @param cwd What paths are relative to.
 * @throws CommandLineError for a job that no rule could select, and for options that do not go together.
 */
export async function openWatcher(flags: WatcherFlags, cwd: string): Promise<OpenWatcher | null> {
  const { prometheus, prometheusCaFile: caFile, job } = flags;
  if (prometheus === undefined) {
    refuseAlone(flags);
    return null;
  }
  const authorization = authorizationOf(flags, cwd);
  // Loaded only here: most of the time nobody asks.
  const { alertGroups, baselineGroups, recordingGroups } = await import('../../alerts/index.js');
  const site = await siteOptions(job === undefined ? {} : { job });
  const groups = [...recordingGroups(site), ...alertGroups(site), ...baselineGroups(site)];
  const rules = groups.flatMap((group) =>
    group.rules.map((rule) => ({ name: 'alert' in rule ? rule.alert : rule.record, expr: rule.expr })),
  );
  const network = createNetwork(caFile === undefined ? {} : { caFile: resolve(cwd, caFile) });
  return {
    watcher: {
      url: prometheus,
      http: network.http,
      job: site.job,
      rules,
      watchdog: WATCHDOG,
      ...(authorization !== null && { authorization }),
    },
    close: () => network.close(),
  };
}

function refuseAlone(flags: WatcherFlags): void {
  const given: readonly (readonly [string, string | undefined])[] = [
    ['--job', flags.job],
    ['--prometheus-user', flags.prometheusUser],
    ['--prometheus-password-file', flags.prometheusPasswordFile],
    ['--prometheus-token-file', flags.prometheusTokenFile],
    ['--prometheus-ca-file', flags.prometheusCaFile],
  ];
  const [alone] = given.find(([, value]) => value !== undefined) ?? [];
  if (alone !== undefined) throw new CommandLineError(`${alone} is for --prometheus, which is missing`);
}

/** What the header `Authorization` holds, each time it is asked; null where nothing was given. */
function authorizationOf(flags: WatcherFlags, cwd: string): (() => Promise<string>) | null {
  const { prometheusUser: user, prometheusPasswordFile: passwordFile, prometheusTokenFile: tokenFile } = flags;
  if (tokenFile !== undefined) {
    if (user !== undefined || passwordFile !== undefined)
      throw new CommandLineError('--prometheus-token-file stands for user and password: give the one or the others');
    const token = secretFileOf(resolve(cwd, tokenFile), 'token of Prometheus');
    return async () => {
      const text = await token();
      // What no header can hold would be quoted by whoever refuses it.
      if (!/^[\x21-\x7e]+$/.test(text)) throw new SecretError(`the file ${tokenFile} holds what is no token`);
      return `Bearer ${text}`;
    };
  }
  if (user === undefined && passwordFile === undefined) return null;
  if (user === undefined || passwordFile === undefined)
    throw new CommandLineError('--prometheus-user and --prometheus-password-file go together, and one is missing');
  if (user === '' || user.includes(':')) throw new CommandLineError('--prometheus-user must be a name without a colon');
  const password = secretFileOf(resolve(cwd, passwordFile), 'password of Prometheus');
  return async () => `Basic ${Buffer.from(`${user}:${await password()}`, 'utf8').toString('base64')}`;
}
