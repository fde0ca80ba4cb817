import { span } from '../../doctor/index.js';
const GREEN = 32;
const RED = 31;
const BOLD = 1;
/** A reading for people: the daemon, then each app with what is known of it. */
export function statusLines(reading, isColoured) {
    const paint = (colour, text) => (isColoured ? `\u001b[${colour}m${text}\u001b[0m` : text);
    return [headLine(reading, paint), ...reading.apps.map((app) => appLines(app, paint))].join('\n\n');
}
function headLine({ url, daemon, problem, apps }, paint) {
    if (problem !== null)
        return paint(RED, problemLine(url, problem));
    const told = daemon && `feishu-connector ${daemon.version} at ${url}: ${daemon.phase}, up ${span(daemon.uptimeMs)}`;
    return apps.length === 0 ? `${told}\n\n${paint(RED, 'no such app runs')}` : `${told}`;
}
const PROBLEMS = {
    absent: 'nobody listens at',
    mute: 'no answer in time from',
    foreign: 'what answers is no feishu-connector:',
    unreachable: 'there is no way to',
};
function problemLine(url, { is, detail }) {
    return `${PROBLEMS[is]} ${url} (${detail})`;
}
function appLines({ app, appId, alive, connected, receiving, status, error }, paint) {
    const name = app === appId ? app : `${app} (${appId})`;
    if (status === null)
        return `${paint(BOLD, name)}\n  ${paint(RED, `its status cannot be read: ${error}`)}`;
    const fact = ({ is, evidence, ageMs }) => {
        const word = is ? paint(GREEN, 'yes') : paint(RED, 'no ');
        return `${word}  ${evidence}${ageMs === null ? '' : `; ${span(ageMs)} ago`}`;
    };
    const rows = [
        ['alive', fact(alive)],
        ['connected', `${fact(connected)} (${connected.state})`],
        ['receiving', fact(receiving)],
        ['events', eventWords(status)],
        ['outage', outageWords(status)],
        ['attempts', attemptWords(status)],
        ['token', tokenWords(status)],
        ['deliveries', deliveryWords(status)],
        ...(status.sink ? [['sink', `${status.sink.kind}: ${status.sink.state}; ${status.sink.evidence}`]] : []),
    ];
    const width = Math.max(...rows.map(([title]) => title.length));
    return [paint(BOLD, name), ...rows.map(([title, words]) => `  ${title.padEnd(width)}  ${words}`)].join('\n');
}
function eventWords({ receiving: { lastEventAt, eventsReceived }, at }) {
    const last = lastEventAt === null ? 'none yet' : `the last one ${span(at - lastEventAt)} ago`;
    return `${eventsReceived} since start; ${last}`;
}
function outageWords({ outage, at }) {
    if (outage === null)
        return 'none goes on';
    const { number, startedAt, cause, attempts } = outage;
    return `number ${number}, for ${span(at - startedAt)}, caused by ${cause}, attempts in it: ${attempts}`;
}
function attemptWords({ attempts: { count, nextAt, isUnderWay }, connections, lastFailure, at }) {
    return [
        `${count} since start`,
        ...(connections ? [`${connections.proven} of ${connections.wanted} connections proven`] : []),
        ...(isUnderWay ? ['one is under way'] : nextAt === null ? [] : [`the next one in ${span(nextAt - at)}`]),
        ...(lastFailure
            ? [`latest failure ${lastFailure.code} ${span(at - lastFailure.at)} ago: ${lastFailure.detail}`]
            : []),
    ].join('; ');
}
function tokenWords({ token: { isValid, expiresAt, lastFailure }, at }) {
    const held = isValid && expiresAt !== null && expiresAt > at ? `valid for ${span(expiresAt - at)}` : 'none';
    if (lastFailure === null)
        return held;
    return `${held}; latest failure ${lastFailure.code} ${span(at - lastFailure.at)} ago: ${lastFailure.detail}`;
}
function deliveryWords({ delivery: { pending, capacity, oldestPendingAt, deadLetters, journal }, at, }) {
    return [
        `${pending} of ${capacity} pending`,
        ...(oldestPendingAt === null ? [] : [`the oldest for ${span(at - oldestPendingAt)}`]),
        ...(deadLetters === undefined || !journal ? [] : [`dead letters: ${deadLetters}`]),
        ...(journal ? [`journal ${journal.isOpen ? 'open' : 'not open'}`] : []),
    ].join('; ');
}
/** What of a reading counts as a change, by whom it concerns; the empty name is the daemon itself. */
export function standingsOf({ url, daemon, problem, apps }) {
    if (problem !== null)
        return new Map([['', problemLine(url, problem)]]);
    const itself = `feishu-connector ${daemon?.version} at ${url}: ${daemon?.phase}${apps.length === 0 ? ', no such app runs' : ''}`;
    return new Map([['', itself], ...apps.map((app) => [app.app, standingOf(app)])]);
}
function standingOf({ alive, connected, receiving, status, error }) {
    if (status === null)
        return `its status cannot be read: ${error}`;
    const words = ({ is }) => (is ? 'yes' : 'no');
    const facts = `alive ${words(alive)}, connected ${words(connected)}, receiving ${words(receiving)}`;
    if (connected.is)
        return facts;
    const { outage, lastFailure } = status;
    const why = lastFailure === null ? '' : `, latest failure ${lastFailure.code}`;
    return `${facts}${outage === null ? '' : `, outage ${outage.number} by ${outage.cause}`}${why}`;
}
