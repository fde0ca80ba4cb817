import { DAEMON_CHECKS, deafSince, isConnectedByEvidence, judgeBroken } from './app-judgement.js';
import { fail, ok, Round, skipAll, warn } from './check.js';
import { CONSOLE_BESIDE_DAEMON, CONSOLE_CHECKS } from './console-checks.js';
import { askDaemon } from './daemon-answer.js';
import { judgeDaemon, judgeProbes } from './daemon-judgement.js';
import { diagnosisOf } from './diagnosis.js';
import { JOURNAL_CHECK } from './journal-check.js';
import { METRICS_CHECK } from './metrics-check.js';
import { ONLINE_BESIDE_DAEMON } from './online-checks.js';
import { GROUND_CHECKS, PROBE_CHECKS } from './probe-checks.js';
import { PROMETHEUS_CHECKS } from './prometheus-checks.js';
import { behindMs, CHECKS, longestWayMs, rankOf } from './table.js';
import { Visit } from './visit.js';
/** Nobody knows the app that was asked for. */
export class UnknownAppError extends Error {
    name = 'UnknownAppError';
    known;
    constructor(app, known) {
        super(`there is no app ${app}; known are ${known.join(', ') || 'none'}`);
        this.known = known;
    }
}
/**
 * Asks a running daemon first, and judges its living connection by the age of its evidence. Only where nobody listens,
 * or the daemon does not run the app, it goes the way of a connection itself. The way to the platform, the journal and the
 * monitoring are looked at either way.
 * @throws UnknownAppError
 */
export async function examine(examination) {
    const { clock, timeoutMs, watcher } = examination;
    const at = new Date(clock.wallNow()).toISOString();
    const limit = { clock, endsAt: clock.now() + timeoutMs };
    const newRound = (app) => new Round(app, limit);
    const deciding = ask(examination).then((answer) => decide(examination, answer));
    const configured = examination.apps.filter((app) => isMeant(examination, app));
    const [{ answer, run, notices }, daemon, examined, monitoring] = await Promise.all([
        deciding,
        deciding.then((decision) => examineDaemon(decision, examination, newRound(null))),
        Promise.all(configured.map((app) => examineConfigured(app, deciding, examination, newRound(app.app)))),
        watcher === null
            ? skipAll(PROMETHEUS_CHECKS, null, 'no Prometheus was named (--prometheus)')
            : newRound(null).make(PROMETHEUS_CHECKS, { ...watcher, clock }),
    ]);
    const strangers = run.filter(({ appId }) => !configured.some((app) => app.appId === appId));
    const told = await Promise.all(strangers.map((app) => examineStranger(app, examination, newRound(app.app))));
    const apps = inOrder([...told, ...examined], run);
    return diagnosisOf({
        at,
        daemon: answer?.is === 'ours' ? { url: answer.url, version: answer.status.version, phase: answer.status.phase } : null,
        apps: apps.map(({ diagnosis }) => diagnosis),
        checks: [...daemon, ...apps.flatMap(({ checks }) => checks), ...monitoring],
        notices,
    });
}
/** Takes no more of the time than what is not kept for those who wait for it. */
async function ask({ clock, http, daemonUrl, timeoutMs }) {
    if (daemonUrl === null)
        return null;
    const share = 1 - behindMs(CHECKS, 'daemon') / longestWayMs(CHECKS);
    return askDaemon(http, clock, daemonUrl, Math.max(1, Math.floor(timeoutMs * share)));
}
function decide(examination, answer) {
    const run = answer?.is === 'ours' ? answer.status.apps.filter((app) => isMeant(examination, app)) : [];
    const configured = examination.apps.filter((app) => isMeant(examination, app));
    refuseUnknown(examination, answer, run.length + configured.length);
    const probed = configured.filter(({ appId }) => !run.some((app) => app.appId === appId));
    if (probed.length === 0 || isBarred(answer))
        return { answer, run, notices: [] };
    const names = probed.map(({ app }) => app).join(', ');
    const notice = `For a few seconds a connection of its own is opened for ${names}. Like any other it joins the platform's rotation: events that come to it are not acknowledged, so that the platform delivers them again.`;
    examination.onNotice?.(notice);
    return { answer, run, notices: [notice] };
}
/** Whether something listens that may hold connections: none is added beside it. */
function isBarred(answer) {
    return answer?.is === 'mute' || answer?.is === 'foreign' || answer?.is === 'unreachable';
}
async function examineDaemon({ answer }, { isDaemonExpected, http, clock }, round) {
    const first = answer === null ? unknownAddress() : judgeDaemon(answer, isDaemonExpected);
    if (answer?.is !== 'ours')
        return [first, ...skipAll([{ name: 'probes' }, METRICS_CHECK], null, 'no daemon answered')];
    const scraped = { url: answer.url, http, clock, status: answer.status };
    return [first, judgeProbes(answer), ...(await round.make([METRICS_CHECK], scraped))];
}
/** An app that the daemon runs, and of which there is no configuration here. */
async function examineStranger(status, examination, round) {
    const judged = await judgeRun(status, examination, round);
    const known = new Set(judged.checks.map(({ name }) => name));
    const rest = namesOf('app').filter((name) => !known.has(name));
    const skipped = skipAll(rest.map((name) => ({ name })), status.app, 'its configuration is not known here (--config)');
    return { ...judged, checks: sorted([...judged.checks, ...skipped]) };
}
/** An app of the configuration: its way out is looked at while the daemon is asked, and then whatever is left to ask. */
async function examineConfigured(app, deciding, examination, round) {
    const visit = new Visit(app, examination.clock, { mayCall: examination.mayCall });
    try {
        const [ground, { diagnosis, checks }] = await Promise.all([
            round.make(GROUND_CHECKS, visit),
            deciding.then((decision) => proceed(app, decision, examination, round, visit)),
        ]);
        // The same app may go by another name in the daemon.
        const named = [...checks, ...ground].map((check) => ({ ...check, app: diagnosis.app }));
        return { diagnosis, checks: sorted(named) };
    }
    finally {
        await visit.leave();
    }
}
async function proceed(app, { answer, run }, examination, round, visit) {
    const status = run.find(({ appId }) => appId === app.appId);
    if (status !== undefined)
        return besideDaemon(status, examination, round, visit);
    const untold = skipAll(DAEMON_CHECKS.slice(0, -1), app.app, 'no daemon runs it that was found here');
    if (answer !== null && isBarred(answer)) {
        const reason = `a connector may run at ${answer.url} all the same; no second connection is opened beside it`;
        const barred = skipAll([{ name: 'run here' }, ...PROBE_CHECKS, ...CONSOLE_CHECKS], app.app, reason);
        const journal = await round.make([JOURNAL_CHECK], visit);
        return { diagnosis: diagnosisFor(app, 'none'), checks: [...untold, ...barred, ...journal] };
    }
    const probed = await round.make([...PROBE_CHECKS, ...CONSOLE_CHECKS, JOURNAL_CHECK], visit);
    const here = answer?.is === 'ours' ? notRunHere(app, answer) : skipAll([{ name: 'run here' }], app.app, 'no daemon answered');
    return { diagnosis: diagnosisFor(app, 'probe'), checks: [...untold, ...[here].flat(), ...probed] };
}
const NO_SECOND = [
    'discovery',
    'handshake',
    'first pong',
    'online during',
    'events left alone',
    'online after',
];
async function besideDaemon(status, examination, round, visit) {
    const { app } = status;
    if (!('error' in status))
        visit.status = status;
    const [judged, asked] = await Promise.all([
        judgeRun(status, examination, round),
        round.make('error' in status
            ? [JOURNAL_CHECK, ...CONSOLE_BESIDE_DAEMON]
            : [JOURNAL_CHECK, ONLINE_BESIDE_DAEMON, ...CONSOLE_BESIDE_DAEMON], visit),
    ]);
    const second = 'the daemon holds the connection; no second one is opened beside it';
    return {
        ...judged,
        checks: [
            ...judged.checks,
            ...asked,
            ...skipAll(NO_SECOND.map((name) => ({ name })), app, second),
        ],
    };
}
async function judgeRun(status, { isReconnectable, daemonUrl }, round) {
    const { app, appId } = status;
    if ('error' in status) {
        const diagnosis = { app, appId, source: 'daemon', isDeaf: null, deafSince: null };
        const untold = skipAll([...DAEMON_CHECKS, { name: 'online' }], app, 'its status cannot be read');
        return { diagnosis, checks: [judgeBroken(status), ...untold] };
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
        checks: [
            { app, name: 'run here', ...ok('the daemon runs it') },
            ...(await round.make(DAEMON_CHECKS, { status, reconnectUrl })),
        ],
    };
}
function diagnosisFor({ app, appId }, source) {
    return { app, appId, source, isDeaf: null, deafSince: null };
}
function notRunHere({ app, appId }, { url, status }) {
    const names = status.apps.map((each) => each.app).join(', ') || 'none';
    const evidence = `the daemon at ${url} does not run it (${appId}); it runs ${names}`;
    const advice = 'Add it to that configuration and send the daemon a SIGHUP, or name the one that runs it with --url.';
    return { app, name: 'run here', ...fail(evidence, advice) };
}
function unknownAddress() {
    const evidence = 'not asked: with port 0 its address is known only to whoever started it';
    return { app: null, name: 'daemon', ...warn(evidence, 'Name it with --url; the daemon logs it when it starts.') };
}
function namesOf(section) {
    return Object.keys(CHECKS).filter((name) => CHECKS[name].section === section);
}
function sorted(checks) {
    return [...checks].sort((a, b) => rankOf(a.name) - rankOf(b.name));
}
/** Those of the daemon first, in its order; then the others in that of the configuration. */
function inOrder(examined, run) {
    const rank = ({ diagnosis }) => {
        const index = run.findIndex(({ appId }) => appId === diagnosis.appId);
        return index < 0 ? run.length : index;
    };
    return [...examined].sort((a, b) => rank(a) - rank(b));
}
/** For a URL between single quotes: `encodeURIComponent` leaves those as they are. */
function inShellQuotes(text) {
    return encodeURIComponent(text).replaceAll("'", '%27');
}
function isMeant({ only }, { app, appId }) {
    return only === null || app === only || appId === only;
}
function refuseUnknown({ only, apps }, answer, count) {
    if (only === null || count > 0)
        return;
    // Whoever does not answer may well know it: that is the failure to be told, and no mistake of the command line.
    if (apps.length === 0 && answer?.is !== 'ours')
        return;
    const running = answer?.is === 'ours' ? answer.status.apps : [];
    throw new UnknownAppError(only, [...new Set([...apps, ...running].map(({ app }) => app))]);
}
