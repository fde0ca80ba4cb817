import { type CheckResult, RESULTS, type Result } from './check.js';

/** What became of one app. */
export interface AppDiagnosis {
  readonly app: string;
  readonly appId: string;
  /** Who knew: the daemon that runs it, a probe of our own, or nobody. */
  readonly source: 'daemon' | 'probe' | 'none';
  /** Whether no event can reach it now; null where no connector that runs it was found. */
  readonly isDeaf: boolean | null;
  /** ISO time of the last thing that was heard; null if it is not deaf, never heard anything, or is not known. */
  readonly deafSince: string | null;
}

/** Counts up when a field of {@link Diagnosis} goes or changes its meaning; further fields change nothing. */
export const DIAGNOSIS_VERSION = 1;

/** Everything that `doctor --json` writes. */
export interface Diagnosis {
  /** {@link DIAGNOSIS_VERSION}. */
  readonly schemaVersion: number;
  /** ISO time. */
  readonly at: string;
  /** Whether no check failed; warnings are allowed. The exit code is 0 then, and 1 otherwise. */
  readonly isHealthy: boolean;
  /** For people, in one line. */
  readonly verdict: string;
  /** The daemon that answered; null if none did. */
  readonly daemon: { readonly url: string; readonly version: string; readonly phase: string } | null;
  readonly apps: readonly AppDiagnosis[];
  /** How many checks ended which way. */
  readonly counts: Readonly<Record<Result, number>>;
  /** The daemon's first, then each app's in the order of the table, and what watches over them last. */
  readonly checks: readonly CheckResult[];
  /** What the looking itself did to the world. */
  readonly notices: readonly string[];
}

/** Adds the verdict to what was found. Pure. */
export function diagnosisOf(found: Omit<Diagnosis, 'schemaVersion' | 'isHealthy' | 'verdict' | 'counts'>): Diagnosis {
  const { at, daemon, apps, checks, notices } = found;
  const counts = Object.fromEntries(
    RESULTS.map((result) => [result, checks.filter((check) => check.result === result).length]),
  ) as Record<Result, number>;
  const isHealthy = counts.fail === 0 && checks.length > 0;
  const verdict = isHealthy ? goodWords(found, counts) : badWords(found);
  return { schemaVersion: DIAGNOSIS_VERSION, at, isHealthy, verdict, daemon, apps, counts, checks, notices };
}

type Found = Pick<Diagnosis, 'apps' | 'checks'>;

function badWords({ apps, checks }: Found): string {
  const deaf = apps.filter(({ isDeaf }) => isDeaf === true);
  const words = deaf.map(({ app, deafSince }) => (deafSince === null ? app : `${app} since ${deafSince}`));
  // Of a deaf app the rest follows from that.
  const rest = checks.filter(({ result, app }) => result === 'fail' && !deaf.some((each) => each.app === app));
  const others = othersOf(rest);
  return [
    ...(words.length > 0 ? [`DEAF: ${words.join(', ')}.`] : []),
    ...(others.length > 0 ? [`FAILED: ${others.join('; ')}.`] : []),
    ...(words.length + others.length === 0 ? ['FAILED: there was nothing to look at.'] : []),
  ].join(' ');
}

/** What is of no app first; then what the same checks fail of, together: a platform that is down takes every app along. */
function othersOf(failed: readonly CheckResult[]): readonly string[] {
  const none = failed.filter(({ app }) => app === null).map(({ name }) => name);
  const namesByApp = new Map<string, string[]>();
  for (const { app, name } of failed) if (app !== null) namesByApp.set(app, [...(namesByApp.get(app) ?? []), name]);
  const appsByNames = new Map<string, string[]>();
  for (const [app, names] of namesByApp) {
    const told = names.join(', ');
    appsByNames.set(told, [...(appsByNames.get(told) ?? []), app]);
  }
  return [
    ...(none.length > 0 ? [none.join(', ')] : []),
    ...[...appsByNames].map(([names, apps]) => `${names} of ${apps.join(', ')}`),
  ];
}

function goodWords({ apps }: Found, { warn }: Readonly<Record<Result, number>>): string {
  const warnings = warn === 0 ? '' : `, with ${warn} ${warn === 1 ? 'warning' : 'warnings'}`;
  const names = (source: AppDiagnosis['source']) => apps.filter((each) => each.source === source).map(({ app }) => app);
  const [connected, probed] = [names('daemon'), names('probe')];
  // A probe says what a connector would find, and nothing of one that runs: a bot that nobody runs is not in good health.
  if (connected.length === 0) return `No connector was found. ${probed.join(', ')} can connect${warnings}.`;
  const able = probed.length === 0 ? '' : `; ${probed.join(', ')} can connect, but no connector was found that does`;
  return `Healthy: ${connected.join(', ')} connected${able}${warnings}.`;
}
