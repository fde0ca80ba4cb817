import type { JournalSurvey } from '../connector-journal-survey.js';
import { type Clock, type Http, StoreError } from '../ports/index.js';
import { DAEMON_CHECKS, deafSince, isConnectedByEvidence, isUnstarted, judgeBroken } from './app-judgement.js';
import { type CheckResult, fail, inTime, ok, Round, skipAll, warn } from './check.js';
import { CONSOLE_BESIDE_DAEMON, CONSOLE_CHECKS } from './console-checks.js';
import { askDaemon, type DaemonAnswer } from './daemon-answer.js';
import { judgeDaemon, judgeProbes, judgeReload } from './daemon-judgement.js';
import type { DaemonStatus } from './daemon-status.js';
import { type AppDiagnosis, type Diagnosis, diagnosisOf } from './diagnosis.js';
import { GATEWAY_BESIDE_DAEMON } from './gateway-check.js';
import { JOURNAL_CHECK } from './journal-check.js';
import { METRICS_CHECK } from './metrics-check.js';
import { ONLINE_BESIDE_DAEMON } from './online-checks.js';
import { GROUND_CHECKS, PROBE_CHECKS } from './probe-checks.js';
import { PROMETHEUS_CHECKS, type Watcher } from './prometheus-checks.js';
import { behindMs, CHECKS, type CheckName, longestWayMs, rankOf } from './table.js';
import { type ProbedApp, Visit } from './visit.js';
import { printable } from './words.js';

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
  /** The command line that has the daemon try an app at once; null where it takes none from here. */
  readonly reconnectCommand: ((app: string) => string) | null;
  /** Whether the platform's API may be asked, which counts against the monthly quota. */
  readonly mayCall: boolean;
  /** The Prometheus that watches over it; null: none was named. */
  readonly watcher: Omit<Watcher, 'clock' | 'apps'> | null;
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

/**
 * Asks a running daemon first, and judges its living connection by the age of its evidence. Only where nobody listens,
 * or the daemon does not run the app, it goes the way of a connection itself; nor does it where a process has the app's
 * journal open, which is a connector that can only not be asked. The way to the platform, the journal and the monitoring
 * are looked at either way.
 * @throws UnknownAppError
 */
export async function examine(given: Examination): Promise<Diagnosis> {
  const examination = { ...given, apps: given.apps.map(lookedIntoOnce) };
  const { clock, timeoutMs, watcher } = examination;
  const at = new Date(clock.wallNow()).toISOString();
  const limit = { clock, endsAt: clock.now() + timeoutMs };
  const newRound = (app: string | null) => new Round(app, limit);
  const deciding = Promise.all([ask(examination), surveysOf(examination)]).then(([answer, surveys]) =>
    decide(examination, answer, surveys),
  );
  const configured = examination.apps.filter((app) => isMeant(examination, app));
  const [{ answer, run, notices }, daemon, examined, monitoring] = await Promise.all([
    deciding,
    deciding.then((decision) => examineDaemon(decision, examination, newRound(null))),
    Promise.all(configured.map((app) => examineConfigured(app, deciding, examination, newRound(app.app)))),
    watcher === null
      ? skipAll(PROMETHEUS_CHECKS, null, 'no Prometheus was named (--prometheus)')
      : newRound(null).make(PROMETHEUS_CHECKS, { ...watcher, clock, apps: appsOf(deciding) }),
  ]);
  const strangers = run.filter(({ appId }) => !configured.some((app) => app.appId === appId));
  const told = await Promise.all(strangers.map((app) => examineStranger(app, examination, newRound(app.app))));
  const apps = inOrder([...told, ...examined], run);
  return diagnosisOf({
    at,
    daemon:
      answer?.is === 'ours' ? { url: answer.url, version: answer.status.version, phase: answer.status.phase } : null,
    apps: apps.map(({ diagnosis }) => diagnosis),
    checks: [...daemon, ...apps.flatMap(({ checks }) => checks), ...monitoring],
    notices,
  });
}

/** One app, and what was found out about it. */
interface Examined {
  readonly diagnosis: AppDiagnosis;
  readonly checks: readonly CheckResult[];
}

type Ours = Extract<DaemonAnswer, { is: 'ours' }>;
type RunApp = DaemonStatus['apps'][number];

/** What follows from what the daemon said, or that none did. */
interface Decision {
  /** Null: its address is not known. */
  readonly answer: DaemonAnswer | null;
  /** The apps that are meant and that it runs. */
  readonly run: readonly RunApp[];
  readonly surveys: Surveys;
  readonly notices: readonly string[];
}

/** Of the time, what is not kept for those who wait for the daemon's answer. In milliseconds. */
function askingMs({ timeoutMs }: Examination): number {
  const share = 1 - behindMs(CHECKS, 'daemon') / longestWayMs(CHECKS);
  return Math.max(1, Math.floor(timeoutMs * share));
}

async function ask(examination: Examination): Promise<DaemonAnswer | null> {
  const { clock, http, daemonUrl } = examination;
  return daemonUrl === null ? null : askDaemon(http, clock, daemonUrl, askingMs(examination));
}

/** The journals of the apps that are meant, by the app's name. */
type Surveys = ReadonlyMap<string, JournalSurvey>;

/** The same app; its journal is opened once, for whoever asks. */
function lookedIntoOnce(app: ProbedApp): ProbedApp {
  const { lookIntoJournal: look } = app;
  if (look === null) return app;
  let looking: ReturnType<typeof look> | null = null;
  return {
    ...app,
    lookIntoJournal: () => {
      looking ??= look();
      return looking;
    },
  };
}

/** A journal that cannot be looked into, or not in time, says nothing here: its own check tells. */
async function surveysOf(examination: Examination): Promise<Surveys> {
  const { clock, apps } = examination;
  const limitMs = askingMs(examination);
  const surveys = new Map<string, JournalSurvey>();
  const look = async ({ app, lookIntoJournal }: ProbedApp): Promise<void> => {
    if (lookIntoJournal === null) return;
    try {
      const late = () => new StoreError('failed', 'it took too long');
      surveys.set(app, await inTime(clock, lookIntoJournal(), limitMs, late));
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
    }
  };
  await Promise.all(apps.filter((app) => isMeant(examination, app)).map(look));
  return surveys;
}

function decide(examination: Examination, answer: DaemonAnswer | null, surveys: Surveys): Decision {
  const run = answer?.is === 'ours' ? answer.status.apps.filter((app) => isMeant(examination, app)) : [];
  const configured = examination.apps.filter((app) => isMeant(examination, app));
  refuseUnknown(examination, answer, run.length + configured.length);
  const strange = configured.filter(({ appId }) => !run.some((app) => app.appId === appId));
  const probed = strange.filter(({ app }) => holderOf(surveys, app) === null);
  if (probed.length === 0 || isBarred(answer)) return { answer, run, surveys, notices: [] };
  const names = probed.map(({ app }) => app).join(', ');
  const notice = `Unless a step before it fails, a connection of its own is opened for ${names}, for a few seconds. Like any other it joins the platform's rotation: events that come to it are not acknowledged, so that the platform delivers them again.`;
  examination.onNotice?.(notice);
  return { answer, run, surveys, notices: [notice] };
}

/** Who has the journal of an app open; null for nobody that is known. */
function holderOf(surveys: Surveys, app: string): string | null {
  const owner = surveys.get(app)?.owner ?? null;
  return owner === null ? null : printable(owner);
}

/** A journal that was made and that nobody has open: a connector ran here, and does not now. Null: there is none. */
function deserted(surveys: Surveys): string | null {
  return [...surveys.values()].find(({ contents, owner }) => contents !== null && owner === null)?.directory ?? null;
}

/** Whether something listens that may hold connections: none is added beside it. */
function isBarred(answer: DaemonAnswer | null): boolean {
  return answer !== null && answer.is !== 'ours' && answer.is !== 'absent';
}

async function examineDaemon(
  { answer, surveys }: Decision,
  { isDaemonExpected, http, clock }: Examination,
  round: Round,
): Promise<readonly CheckResult[]> {
  const first = answer === null ? unknownAddress() : judgeDaemon(answer, isDaemonExpected, deserted(surveys));
  if (answer?.is !== 'ours')
    return [first, ...skipAll([{ name: 'probes' }, { name: 'reload' }, METRICS_CHECK], null, 'no daemon answered')];
  const scraped = { url: answer.url, http, clock, status: answer.status };
  return [first, judgeProbes(answer), judgeReload(answer), ...(await round.make([METRICS_CHECK], scraped))];
}

/** What the monitoring should know of; an examination that ends in a mistake is nothing to wait for. */
function appsOf(deciding: Promise<Decision>): Promise<readonly string[]> {
  return deciding.then(
    ({ run }) => run.filter((status) => !('error' in status)).map(({ app }) => app),
    () => [],
  );
}

/** An app that the daemon runs, and of which there is no configuration here. */
async function examineStranger(status: RunApp, examination: Examination, round: Round): Promise<Examined> {
  const judged = await judgeRun(status, examination, round);
  const known = new Set(judged.checks.map(({ name }) => name));
  const rest = namesOf('app').filter((name) => !known.has(name));
  const skipped = skipAll(
    rest.map((name) => ({ name })),
    status.app,
    'its configuration is not known here (--config)',
  );
  return { ...judged, checks: sorted([...judged.checks, ...skipped]) };
}

/** An app of the configuration: its way out is looked at while the daemon is asked, and then whatever is left to ask. */
async function examineConfigured(
  app: ProbedApp,
  deciding: Promise<Decision>,
  examination: Examination,
  round: Round,
): Promise<Examined> {
  const visit = new Visit(app, examination.clock, { mayCall: examination.mayCall });
  try {
    const [ground, { diagnosis, checks }] = await Promise.all([
      round.make(GROUND_CHECKS, visit),
      deciding.then((decision) => proceed(app, decision, examination, round, visit)),
    ]);
    // The same app may go by another name in the daemon.
    const named = [...checks, ...ground].map((check) => ({ ...check, app: diagnosis.app }));
    return { diagnosis, checks: sorted(named) };
  } finally {
    await visit.leave();
  }
}

async function proceed(
  app: ProbedApp,
  { answer, run, surveys }: Decision,
  examination: Examination,
  round: Round,
  visit: Visit,
): Promise<Examined> {
  const status = run.find(({ appId }) => appId === app.appId);
  if (status !== undefined) return besideDaemon(status, examination, round, visit);
  const untold = skipAll(DAEMON_CHECKS.slice(0, -1), app.app, 'no daemon runs it that was found here');
  if (answer !== null && isBarred(answer)) {
    const reason = `a connector may run at ${answer.url} all the same; no second connection is opened beside it`;
    const barred = skipAll([{ name: 'run here' }, ...PROBE_CHECKS, ...CONSOLE_CHECKS], app.app, reason);
    const journal = await round.make([JOURNAL_CHECK], visit);
    return { diagnosis: diagnosisFor(app, 'none'), checks: [...untold, ...barred, ...journal] };
  }
  const holder = holderOf(surveys, app.app);
  if (holder !== null) {
    const reason = `${holder} may be connected; no second connection is opened beside it`;
    const barred = skipAll([...PROBE_CHECKS, ...CONSOLE_CHECKS], app.app, reason);
    const journal = await round.make([JOURNAL_CHECK], visit);
    return {
      diagnosis: diagnosisFor(app, 'none'),
      checks: [...untold, runElsewhere(app, holder), ...barred, ...journal],
    };
  }
  const probed = await round.make([...PROBE_CHECKS, ...CONSOLE_CHECKS, JOURNAL_CHECK], visit);
  const here =
    answer?.is === 'ours' ? notRunHere(app, answer) : skipAll([{ name: 'run here' }], app.app, 'no daemon answered');
  return { diagnosis: diagnosisFor(app, 'probe'), checks: [...untold, ...[here].flat(), ...probed] };
}

const NO_SECOND: readonly CheckName[] = [
  'discovery',
  'handshake',
  'first pong',
  'online during',
  'events left alone',
  'online after',
];

async function besideDaemon(status: RunApp, examination: Examination, round: Round, visit: Visit): Promise<Examined> {
  const { app } = status;
  if (!('error' in status)) visit.status = status;
  const [judged, asked] = await Promise.all([
    judgeRun(status, examination, round),
    round.make(
      'error' in status
        ? [JOURNAL_CHECK, ...CONSOLE_BESIDE_DAEMON]
        : [GATEWAY_BESIDE_DAEMON, JOURNAL_CHECK, ONLINE_BESIDE_DAEMON, ...CONSOLE_BESIDE_DAEMON],
      visit,
    ),
  ]);
  const second = 'the daemon holds the connection; no second one is opened beside it';
  return {
    ...judged,
    checks: [
      ...judged.checks,
      ...asked,
      ...skipAll(
        NO_SECOND.map((name) => ({ name })),
        app,
        second,
      ),
    ],
  };
}

async function judgeRun(status: RunApp, { reconnectCommand }: Examination, round: Round): Promise<Examined> {
  const { app, appId } = status;
  if ('error' in status) {
    // What never started hears nothing; of what cannot say how it is nobody knows.
    const isDeaf = isUnstarted(status) ? true : null;
    const diagnosis = { app, appId, source: 'daemon', isDeaf, deafSince: null } as const;
    const untold = skipAll(
      [...DAEMON_CHECKS, { name: 'gateway' }, { name: 'online' }],
      app,
      'its status cannot be read',
    );
    return { diagnosis, checks: [judgeBroken(status), ...untold] };
  }
  const since = deafSince(status);
  return {
    diagnosis: {
      app,
      appId,
      source: 'daemon',
      isDeaf: !isConnectedByEvidence(status) || status.receiving.isDeaf === true,
      deafSince: since === null ? null : new Date(since).toISOString(),
    },
    checks: [
      { app, name: 'run here', ...ok('the daemon runs it') },
      ...(await round.make(DAEMON_CHECKS, { status, reconnectCommand: reconnectCommand?.(app) ?? null })),
    ],
  };
}

function diagnosisFor({ app, appId }: ProbedApp, source: 'probe' | 'none'): AppDiagnosis {
  return { app, appId, source, isDeaf: null, deafSince: null };
}

function notRunHere({ app, appId }: ProbedApp, { url, status }: Ours): CheckResult {
  const names = status.apps.map((each) => each.app).join(', ') || 'none';
  const evidence = `the daemon at ${url} does not run it (${appId}); it runs ${names}`;
  const advice = 'Add it to that configuration and send the daemon a SIGHUP, or name the one that runs it with --url.';
  return { app, name: 'run here', ...fail(evidence, advice) };
}

/** Somebody runs it who cannot be asked: that it is connected is nothing to be said on trust (F27). */
function runElsewhere({ app }: ProbedApp, holder: string): CheckResult {
  const evidence = `${holder} has its journal open and answers nowhere that is known here: whether it is connected cannot be told`;
  const advice = `Name its address with --url (the daemon logs it when it starts), or its own configuration with --config. If it should not run, end that process.`;
  return { app, name: 'run here', ...fail(evidence, advice) };
}

function unknownAddress(): CheckResult {
  const evidence = 'not asked: with port 0 its address is known only to whoever started it';
  return { app: null, name: 'daemon', ...warn(evidence, 'Name it with --url; the daemon logs it when it starts.') };
}

function namesOf(section: 'app'): readonly CheckName[] {
  return (Object.keys(CHECKS) as CheckName[]).filter((name) => CHECKS[name].section === section);
}

function sorted(checks: readonly CheckResult[]): CheckResult[] {
  return [...checks].sort((a, b) => rankOf(a.name) - rankOf(b.name));
}

/** Those of the daemon first, in its order; then the others in that of the configuration. */
function inOrder(examined: readonly Examined[], run: readonly RunApp[]): Examined[] {
  const rank = ({ diagnosis }: Examined) => {
    const index = run.findIndex(({ appId }) => appId === diagnosis.appId);
    return index < 0 ? run.length : index;
  };
  return [...examined].sort((a, b) => rank(a) - rank(b));
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
