import type { Clock, Http } from '../ports/index.js';
import { DAEMON_CHECKS, deafSince, isConnectedByEvidence, judgeBroken } from './app-judgement.js';
import { type CheckResult, fail, runChecks, skipAll, warn } from './check.js';
import { askDaemon, type DaemonAnswer } from './daemon-answer.js';
import { judgeDaemon, judgeProbes } from './daemon-judgement.js';
import type { DaemonStatus } from './daemon-status.js';
import { type AppDiagnosis, type Diagnosis, diagnosisOf } from './diagnosis.js';
import { PROBE_CHECKS } from './probe-checks.js';
import { CLOSE_TIMEOUT_MS } from './probe-socket.js';
import { type ProbedApp, Visit } from './visit.js';

/** What is to be examined, and with what. */
export interface Examination {
  /** The apps of the configuration; empty if there is none. */
  readonly apps: readonly ProbedApp[];
  /** The name or id of the one app that is meant; null for all. */
  readonly only: string | null;
  /** Base URL of the daemon's HTTP surface, without a trailing slash; null if it cannot be known. */
  readonly daemonUrl: string | null;
  /** Whether the URL was named for this: nobody there is a failure then, and a warning otherwise. */
  readonly isDaemonExpected: boolean;
  /** Whether the daemon takes `POST /reconnect` from here. */
  readonly isReconnectable: boolean;
  /** For everything, closing included, in milliseconds. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** The way to the daemon. */
  readonly http: Http;
  /** Told before something is done that the world notices. */
  readonly onNotice?: (notice: string) => void;
}

/** Nobody knows the app that was asked for. */
export class UnknownAppError extends Error {
  override readonly name = 'UnknownAppError';
  readonly known: readonly string[];

  constructor(app: string, known: readonly string[]) {
    super(`there is no app ${app}; known are ${known.join(', ') || 'none'}`);
    this.known = known;
  }
}

const LONGEST_ASKING_MS = 3_000; // a daemon answers in milliseconds; one that takes longer is what the check is about

/**
 * Asks a running daemon first, and judges its living connection by the age of its evidence. Only where nobody listens,
 * or the daemon does not run the app, it goes the way of a connection itself.
 * @throws UnknownAppError
 */
export async function examine(examination: Examination): Promise<Diagnosis> {
  const { clock, http, daemonUrl, isDaemonExpected, timeoutMs } = examination;
  const at = new Date(clock.wallNow()).toISOString();
  const endsAt = clock.now() + timeoutMs - Math.min(CLOSE_TIMEOUT_MS, timeoutMs / 4);
  const answer =
    daemonUrl === null
      ? null
      : await askDaemon(http, clock, daemonUrl, Math.min(LONGEST_ASKING_MS, Math.ceil(timeoutMs / 3)));
  const run = answer?.is === 'ours' ? answer.status.apps.filter((app) => isMeant(examination, app)) : [];
  const configured = examination.apps.filter((app) => isMeant(examination, app));
  refuseUnknown(examination, answer, run.length + configured.length);

  const judged = await Promise.all(run.map((app) => judgeApp(app, examination, endsAt)));
  const missing = configured.filter(({ appId }) => !run.some((app) => app.appId === appId));
  const probed = await goThemselves(missing, answer, examination, endsAt);
  return diagnosisOf({
    at,
    daemon:
      answer?.is === 'ours' ? { url: answer.url, version: answer.status.version, phase: answer.status.phase } : null,
    apps: [...judged, ...probed.apps].map(({ diagnosis }) => diagnosis),
    checks: [
      ...(answer === null ? [unknownAddress()] : [judgeDaemon(answer, isDaemonExpected)]),
      ...(answer?.is === 'ours' ? [judgeProbes(answer)] : []),
      ...[...judged, ...probed.apps].flatMap(({ checks }) => checks),
    ],
    notices: probed.notices,
  });
}

/** One app, and what was found out about it. */
interface Examined {
  readonly diagnosis: AppDiagnosis;
  readonly checks: readonly CheckResult[];
}

async function judgeApp(
  status: DaemonStatus['apps'][number],
  { isReconnectable, daemonUrl, clock }: Examination,
  endsAt: number,
): Promise<Examined> {
  const { app, appId } = status;
  if ('error' in status) {
    const diagnosis = { app, appId, source: 'daemon', isDeaf: null, deafSince: null } as const;
    return { diagnosis, checks: [judgeBroken(status)] };
  }
  const reconnectUrl = isReconnectable ? `${daemonUrl}/reconnect?app=${inShellQuotes(app)}` : null;
  const since = deafSince(status);
  return {
    diagnosis: {
      app,
      appId,
      source: 'daemon',
      isDeaf: !isConnectedByEvidence(status) || status.receiving.isDeaf === true,
      deafSince: since === null ? null : new Date(since).toISOString(),
    },
    checks: await runChecks(DAEMON_CHECKS, { status, reconnectUrl }, app, { clock, endsAt }),
  };
}

/** What no daemon can tell of these apps. Where something listens that may hold their connections, none is added. */
async function goThemselves(
  apps: readonly ProbedApp[],
  answer: DaemonAnswer | null,
  { clock, onNotice }: Examination,
  endsAt: number,
): Promise<{ readonly apps: readonly Examined[]; readonly notices: readonly string[] }> {
  if (apps.length === 0) return { apps: [], notices: [] };
  if (answer?.is === 'mute' || answer?.is === 'foreign' || answer?.is === 'unreachable') {
    const reason = `a connector may run at ${answer.url} all the same; no second connection is opened beside it`;
    return {
      apps: apps.map((app) => ({
        diagnosis: diagnosisFor(app, 'none'),
        checks: skipAll(PROBE_CHECKS, app.app, reason),
      })),
      notices: [],
    };
  }
  const names = apps.map(({ app }) => app).join(', ');
  const notice = `For a few seconds a connection of its own is opened for ${names}. Like any other it joins the platform's rotation: events that come to it are not acknowledged, so that the platform delivers them again.`;
  onNotice?.(notice);
  const examined = apps.map(async (app) => {
    const absent = answer?.is === 'ours' ? [notRunHere(app, answer)] : [];
    return { diagnosis: diagnosisFor(app, 'probe'), checks: [...absent, ...(await probe(app, clock, endsAt))] };
  });
  return { apps: await Promise.all(examined), notices: [notice] };
}

async function probe(app: ProbedApp, clock: Clock, endsAt: number): Promise<CheckResult[]> {
  const visit = new Visit(app, clock);
  try {
    return await runChecks(PROBE_CHECKS, visit, app.app, { clock, endsAt });
  } finally {
    await visit.leave();
  }
}

function diagnosisFor({ app, appId }: ProbedApp, source: 'probe' | 'none'): AppDiagnosis {
  return { app, appId, source, isDeaf: null, deafSince: null };
}

function notRunHere({ app, appId }: ProbedApp, { url, status }: Extract<DaemonAnswer, { is: 'ours' }>): CheckResult {
  const names = status.apps.map((each) => each.app).join(', ') || 'none';
  const evidence = `the daemon at ${url} does not run it (${appId}); it runs ${names}`;
  const advice = 'Add it to that configuration and send the daemon a SIGHUP, or name the one that runs it with --url.';
  return { app, name: 'run here', ...fail(evidence, advice) };
}

function unknownAddress(): CheckResult {
  const evidence = 'not asked: with port 0 its address is known only to whoever started it';
  return { app: null, name: 'daemon', ...warn(evidence, 'Name it with --url; the daemon logs it when it starts.') };
}

/** For a URL between single quotes: `encodeURIComponent` leaves those as they are. */
function inShellQuotes(text: string): string {
  return encodeURIComponent(text).replaceAll("'", '%27');
}

function isMeant({ only }: Examination, { app, appId }: { readonly app: string; readonly appId: string }): boolean {
  return only === null || app === only || appId === only;
}

function refuseUnknown({ only, apps }: Examination, answer: DaemonAnswer | null, count: number): void {
  if (only === null || count > 0) return;
  // Whoever does not answer may well know it: that is the failure to be told, and no mistake of the command line.
  if (apps.length === 0 && answer?.is !== 'ours') return;
  const running = answer?.is === 'ours' ? answer.status.apps : [];
  throw new UnknownAppError(only, [...new Set([...apps, ...running].map(({ app }) => app))]);
}
