import { nextTurn } from './allowance.js';
import { hasLasting, provenCount } from './team.js';
/**
 * Who may try when. While no member is proven only the lead does, and while none has lasted nobody joins it: a platform
 * that lets nobody stay gets the calls of one. Then the others follow one after the other, within their
 * {@link Allowance}. Of those that are proven, the first alone seeks a successor when it becomes suspect: another one is
 * lost without harm, and comes back in its turn. Pure; a second asking tells nothing new.
 */
export function turnsOf(team, standings, allowance, now, policy) {
    const isDeaf = provenCount(team) === 0;
    const mayFollow = hasLasting(team);
    const turns = [];
    let left = allowance;
    const first = standings.findIndex(({ connection }) => 'session' in connection);
    const spend = () => {
        const turn = nextTurn(left, standings.length, now, policy);
        left = turn.left;
        return turn.at;
    };
    for (const [member, { connection, isToBegin }] of standings.entries()) {
        const { state } = connection;
        if (state === 'idle' || state === 'stopped') {
            if (mayFollow && !isToBegin)
                turns.push({ do: 'begin', member, at: spend() });
        }
        else if ('session' in connection) {
            const until = holdOfSuccession(connection.heldUntil, member === first, now);
            if (until !== null)
                turns.push({ do: 'hold', member, until });
        }
        else if (connection.state === 'waiting') {
            const until = holdOf(connection.heldUntil, { mayFollow, isNext: isDeaf && member === team.lead, now, spend });
            if (until !== null)
                turns.push({ do: 'hold', member, until });
        }
    }
    return { turns, allowance: left };
}
/** What a living connection that is held like this is told; null if nothing. */
function holdOfSuccession(heldUntil, isFirst, now) {
    if (isFirst)
        return heldUntil !== undefined && heldUntil > now ? now : null;
    return heldUntil === Number.POSITIVE_INFINITY ? null : Number.POSITIVE_INFINITY;
}
/** What a wait that is held like this is told; null if nothing. */
function holdOf(heldUntil, about) {
    const { mayFollow, isNext, now, spend } = about;
    if (isNext)
        return heldUntil !== undefined && heldUntil > now ? now : null;
    const hasTurn = heldUntil !== undefined && heldUntil !== Number.POSITIVE_INFINITY;
    if (mayFollow)
        return hasTurn ? null : spend();
    return heldUntil === Number.POSITIVE_INFINITY ? null : Number.POSITIVE_INFINITY;
}
