import { summarize } from './outage.js';
import { furthest } from './whole.js';
const NEW_MEMBER = {
    state: 'idle',
    session: null,
    underWay: null,
    wait: null,
    sockets: 0,
    isFresh: false,
};
export function newTeam(size) {
    const members = Array.from({ length: size }, () => NEW_MEMBER);
    return { members, state: 'idle', outages: 0, outage: null, lead: 0, told: null };
}
/**
 * The name of a member's attempt outside, where it is unique: with two members the odd ones are the first's. A team of
 * one calls its attempts as they are.
 */
export function nameOf(attempt, member, size) {
    return (attempt - 1) * size + member + 1;
}
/** Members that are proven. */
export function provenCount({ members }) {
    return members.filter(({ session }) => session !== null).length;
}
/** Whether a member is proven, and has been for as long as a Connection must last. */
export function hasLasting({ members }) {
    return members.some(({ session }) => session?.hasLasted);
}
/**
 * The next Team and what the outside is told. Pure: same arguments, same answer. Of a team of one it tells exactly what
 * its member does.
 */
export function tell(team, index, word, now, policy) {
    const member = team.members[index];
    if (member === undefined)
        throw new RangeError(`member must be below ${team.members.length}, got ${index}`);
    const said = word.type === 'lasted' ? word : named(word, index, team.members.length);
    const about = { index, member, now, policy, isStandby: provenBeside(team, index) };
    return withState(take(team, said, about));
}
function take(team, word, about) {
    const { index, member, now, isStandby } = about;
    const { outage } = team;
    const became = (changes) => withMember(team, index, { ...member, ...changes });
    const number = isStandby ? null : (outage?.number ?? null);
    const beside = isStandby ? { isStandby } : {};
    const telling = (next, ...reports) => ({ team: next, reports, now });
    switch (word.type) {
        case 'state_changed': {
            const isOver = word.to === 'stopped';
            // Nothing is told of an Attempt that stop() cuts off.
            return telling(became({ state: word.to, ...(isOver && NOTHING), ...(word.to !== 'waiting' && { wait: null }) }));
        }
        case 'attempt_started': {
            const counted = outage && !isStandby ? { ...outage, attempts: outage.attempts + 1 } : outage;
            return telling({ ...became({ underWay: word.attempt }), outage: counted }, { ...word, outage: number, ...beside });
        }
        case 'attempt_failed': {
            const failed = became({ underWay: null, isFresh: false });
            return telling(isStandby ? failed : withoutFreshness(failed), { ...word, outage: number, ...beside });
        }
        case 'attempt_abandoned':
            return telling(became({ underWay: null }), word);
        case 'connected': {
            const session = { attempt: word.attempt, connectedAt: now, hasLasted: false };
            const ends = isStandby || word.replaces !== undefined || outage === null ? null : summarize(outage, now);
            return telling(became({ session, underWay: null }), { ...word, outage: ends, ...beside });
        }
        case 'lasted':
        case 'outage_ended':
            return { ...lasted(team, about), now };
        case 'disconnected':
            return { ...lost(team, word, about), now };
        case 'waiting': {
            const wait = { saidAt: now, retryAt: now + word.retryInMs, report: word };
            return telling(became({ wait }));
        }
        case 'sockets': {
            const next = became({ sockets: word.open });
            return telling(next, { ...word, open: next.members.reduce((sum, { sockets }) => sum + sockets, 0) });
        }
        case 'outage_started':
            return telling(team); // its own; the app's begins with the loss of its last member
        default:
            return telling(team, word);
    }
}
const NOTHING = { session: null, underWay: null, isFresh: false };
/** A Session has lasted: that ends the Outage. */
function lasted(team, { index, member }) {
    const { session } = member;
    if (session === null || session.hasLasted)
        return { team, reports: [] };
    const next = withMember(team, index, { ...member, session: { ...session, hasLasted: true } });
    if (team.outage === null)
        return { team: next, reports: [] };
    const outage = summarize(team.outage, session.connectedAt);
    return { team: { ...next, outage: null }, reports: [{ type: 'outage_ended', outage }] };
}
/** A Session ended. Only if it was the last one that was proven, that is an Outage. */
function lost(team, word, about) {
    const { index, member, now, policy, isStandby } = about;
    const { session } = member;
    const beside = isStandby ? { isStandby } : {};
    // The end of a socket that was replaced meanwhile says nothing about its successor.
    if (session?.attempt !== word.attempt)
        return { team, reports: [{ ...word, outage: null, ...beside }] };
    if (word.failure.code === 'local_stop') {
        return {
            team: withMember(team, index, { ...member, session: null }),
            reports: [{ ...word, outage: null, ...beside }],
        };
    }
    // The word that ends a Session may come before anybody saw that it had lasted.
    const isLasting = session.hasLasted || now - session.connectedAt >= policy.stableAfterMs;
    const settled = isLasting ? lasted(team, about) : { team, reports: [] };
    const left = withMember(settled.team, index, { ...member, session: null, isFresh: isLasting });
    if (isStandby)
        return { team: left, reports: [...settled.reports, { ...word, outage: null, ...beside }] };
    const cause = word.failure.code;
    const outage = left.outage ?? newOutage(left, cause, now);
    const isNew = left.outage === null;
    const led = { ...left, outage, outages: outage.number, lead: leadAfter(left, index) };
    const next = isLasting ? led : withoutFreshness(led);
    return {
        team: next,
        reports: [
            ...settled.reports,
            { ...word, outage: outage.number },
            ...(isNew ? [{ type: 'outage_started', outage: outage.number, cause }] : []),
        ],
    };
}
/** Attempts that are under way already count in the Outage that begins. */
function newOutage({ members, outages }, cause, now) {
    const attempts = members.filter(({ underWay }) => underWay !== null).length;
    return { number: outages + 1, cause, startedAt: now, attempts };
}
/**
 * Who tries next: the member that was lost, as one alone would, unless another one waits for its quick retry. Never one
 * whose attempts have failed: the app would try at the pace of all of its members together.
 */
function leadAfter({ members }, lost) {
    let lead = lost;
    let earliestAt = Number.POSITIVE_INFINITY;
    for (const [index, { wait, isFresh }] of members.entries()) {
        if (members[lost]?.isFresh || !isFresh || wait === null || wait.retryAt >= earliestAt)
            continue;
        lead = index;
        earliestAt = wait.retryAt;
    }
    return lead;
}
/** An Attempt in vain or a short Session counts for all: what one of them earned is not earned ten times. */
function withoutFreshness(team) {
    return { ...team, members: team.members.map((member) => (member.isFresh ? { ...member, isFresh: false } : member)) };
}
/** Tells what the word changed about the whole: its state, and its next Attempt. */
function withState({ team, reports, now }) {
    const state = furthest(team.members.map((member) => member.state));
    const isStopped = state === 'stopped' && team.state !== 'stopped';
    const wait = state === 'waiting' ? (team.members[team.lead]?.wait ?? null) : null;
    const news = state === team.state ? [] : [{ type: 'state_changed', from: team.state, to: state }];
    // An Outage that is stopped has no end of its own.
    const outage = isStopped ? null : team.outage;
    if (wait !== null && wait !== team.told) {
        const retryInMs = wait.saidAt === now ? wait.report.retryInMs : Math.max(0, wait.retryAt - now);
        news.push({ ...wait.report, retryInMs, outage: outage?.number ?? null });
    }
    return { team: { ...team, state, outage, told: wait }, reports: [...reports, ...news] };
}
function provenBeside({ members }, index) {
    return members.some(({ session }, other) => other !== index && session !== null);
}
function withMember(team, index, member) {
    return { ...team, members: team.members.with(index, member) };
}
function named(report, member, size) {
    if (size === 1 || !('attempt' in report))
        return report;
    const attempt = nameOf(report.attempt, member, size);
    if (report.type !== 'connected' || report.replaces === undefined)
        return { ...report, attempt };
    return { ...report, attempt, replaces: nameOf(report.replaces, member, size) };
}
