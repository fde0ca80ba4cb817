import { ROUTES, readOnlineCount } from '../catchup/index.js';
import { callApi, whyNot } from './api-call.js';
import { fail, ok, skip, warn } from './check.js';
import { printable, span } from './words.js';
/** Without a daemon: what the platform counts before the probe connection, with it, and after it. */
export const ONLINE_CHECKS = [
    { name: 'online', look: onlineBefore },
    { name: 'online during', look: onlineDuring },
    { name: 'online after', look: onlineAfter },
];
/** Beside a daemon: whether what the platform counts are the daemon's own. */
export const ONLINE_BESIDE_DAEMON = {
    name: 'online',
    needs: ['configuration', 'TLS'],
    look: onlineBeside,
};
/** Of the 50 that the documentation allows per app; what is left is for a deployment to roll. */
const NEAR_THE_LIMIT = 45;
/** The daemon asks by itself, if it may; so fresh an answer needs no second question. */
const FRESH_VIEW_MS = 20 * 60_000;
export const SPARED = 'the API was not asked (--no-api)';
const UNCOUNTED_ADVICE = 'Events are received without it. Ask again; if it stays so, look at the failure.';
const FOREIGN_ADVICE = 'The platform gives each event to one connection by chance: that other client takes its part (F07). It may be a connector elsewhere, an old container, or a developer at home; it cannot be told from here or closed. Stop it, or give it an app of its own.';
async function counted(visit, limitMs) {
    const startedAt = visit.clock.now();
    const answer = await callApi(visit, ROUTES.view, {}, limitMs);
    const tookMs = visit.clock.now() - startedAt;
    if (!answer.ok)
        return { why: printable(whyNot(answer)) };
    const count = readOnlineCount(answer.data);
    return count === null ? { why: 'the answer has no count' } : { count, tookMs };
}
async function onlineBefore(visit, limitMs) {
    if (!visit.mayCall)
        return skip(SPARED);
    const seen = await counted(visit, limitMs);
    if ('why' in seen)
        return warn(`the platform did not tell its count: ${seen.why}`, UNCOUNTED_ADVICE);
    visit.online.before = seen.count;
    return judgeBefore(seen.count, seen.tookMs);
}
/** Where no daemon runs it nobody should be there. Pure. */
export function judgeBefore(count, tookMs) {
    if (count === 0)
        return ok('the platform counts no connection of this app', { tookMs });
    const told = `the platform counts ${countOf(count)} of this app, and none of them is a daemon's that was found here`;
    const near = count >= NEAR_THE_LIMIT ? ' At most 50 may be online: the next ones are refused (F06).' : '';
    return warn(told, `${FOREIGN_ADVICE}${near}`, { tookMs });
}
async function onlineDuring(visit, limitMs) {
    const { before } = visit.online;
    if (before === null)
        return skip(visit.mayCall ? 'there is no count from before to compare with' : SPARED);
    const seen = await counted(visit, limitMs);
    if ('why' in seen)
        return warn(`the platform did not tell its count: ${seen.why}`, UNCOUNTED_ADVICE);
    visit.online.during = seen.count;
    return judgeDuring(before, seen.count, seen.tookMs);
}
/** The probe should be one more. Pure. */
export function judgeDuring(before, count, tookMs) {
    const told = `with the probe connection it counts ${count}, ${before} before`;
    if (count > before)
        return ok(told, { tookMs });
    return warn(`${told}: it does not count one that answers its pings`, 'Its count may lag, or another client left meanwhile. If a daemon shows the same, it is connected and deaf (F04): see the runbook FeishuWsZombie.', { tookMs });
}
async function onlineAfter(visit, limitMs) {
    const { before } = visit.online;
    if (before === null)
        return skip(visit.mayCall ? 'there is no count from before to compare with' : SPARED);
    const seen = await counted(visit, limitMs);
    if ('why' in seen)
        return warn(`the platform did not tell its count: ${seen.why}`, UNCOUNTED_ADVICE);
    return judgeAfter(before, seen.count, seen.tookMs);
}
/** Pure. */
export function judgeAfter(before, count, tookMs) {
    if (count <= before)
        return ok(`after the probe connection it counts ${count}, ${before} before`, { tookMs });
    return ok(`after the probe connection it counts ${count}, ${before} before: it forgets a closed one only after a while (F08)`, { tookMs });
}
async function onlineBeside(visit, limitMs) {
    const { status } = visit;
    if (status === null)
        throw new TypeError('no daemon runs it');
    const { serverView: view } = status;
    if (view && view.seen !== null && view.ageMs !== null && view.ageMs < FRESH_VIEW_MS) {
        const asked = `asked by the daemon ${span(view.ageMs)} ago`;
        return { ...judgeBeside(view.seen, view.expected ?? ownOf(status), asked), ageMs: Math.round(view.ageMs) };
    }
    if (!visit.mayCall)
        return skip(SPARED);
    const seen = await counted(visit, limitMs);
    if ('why' in seen)
        return warn(`the platform did not tell its count: ${seen.why}`, UNCOUNTED_ADVICE);
    const expected = view?.expected ?? ownOf(status);
    return {
        ...judgeBeside(seen.count, expected, `asked now, in ${span(seen.tookMs)}`),
        tookMs: Math.round(seen.tookMs),
    };
}
function ownOf({ connections, connected }) {
    return connections?.proven ?? (connected.is ? 1 : 0);
}
/** What the platform counts against what the daemon has. Pure. */
export function judgeBeside(count, expected, asked) {
    const told = `the platform counts ${countOf(count)} of this app, ${expected} expected (${asked})`;
    if (count < expected) {
        return fail(`${told}: it does not see what the daemon holds for connected`, 'Connected, and deaf all the same (F04). Ask again in a minute: its count may lag behind a reconnect. The runbook is FeishuWsZombie.');
    }
    if (count === expected)
        return ok(told);
    const near = count >= NEAR_THE_LIMIT ? ' At most 50 may be online (F06).' : '';
    return warn(`${told}: somebody else is connected as this app, or one that ended lately is still counted`, `Ask again in a few minutes. ${FOREIGN_ADVICE}${near}`);
}
function countOf(count) {
    return `${count} ${count === 1 ? 'connection' : 'connections'}`;
}
