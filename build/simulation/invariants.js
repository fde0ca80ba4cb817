import { UNHANDLED_TYPE } from './crowd.js';
import { CALL_BUDGET, LIMITS, NO_BUDGET, STANDBY_BUDGET } from './limits.js';
/** Rounding, and what a chain of timers of the same instant may differ by. */
const SLACK_MS = 5;
export const INVARIANTS = {
    triesOrIsConnected: {
        says: 'While it runs without a connection, an attempt is under way or scheduled within the longest wait, and its time is told.',
        check: triesOrIsConnected,
    },
    exportsTheNextAttempt: {
        says: 'Metric and status say of the next attempt the moment that was reported.',
        check: exportsTheNextAttempt,
    },
    opensNoMoreThanWanted: {
        says: 'There is at most one open socket for each wanted connection, and one more only while it is being replaced.',
        check: opensNoMoreThanWanted,
    },
    claimsWhatWasProven: {
        says: 'A connection is claimed only if the platform opened that very one and answered on it.',
        check: claimsWhatWasProven,
    },
    isNotReadyWhileDeaf: {
        says: 'It is not ready while the platform has been unable to reach it on the claimed connection for longer than the silence limit.',
        check: isNotReadyWhileDeaf,
    },
    keepsItsCallBudget: {
        says: 'Calls with credentials, probes and looks at hosts stay within their budgets of a minute and of an hour.',
        check: keepsItsCallBudget,
    },
    recoversInTime: {
        says: 'Once nothing harms connections any more, it is connected within the recovery limit, and the outage is over when that was stable.',
        check: recoversInTime,
    },
    bringsBackItsStandbys: {
        says: 'Once nothing harms connections any more, all that are wanted are proven: the lead first, then the others in their turns.',
        check: bringsBackItsStandbys,
    },
    renewsItsToken: {
        says: 'Once nothing harms the token endpoint any more, it holds a valid token within the longest wait and the deadline.',
        check: renewsItsToken,
    },
    stopsInTime: {
        says: 'stop() ends within the time to drain and the time to close.',
        check: stopsInTime,
    },
    leavesNothingBehind: {
        says: 'After stop() there is no timer, no request, no socket, and soon no connection at the platform.',
        check: leavesNothingBehind,
    },
    handlesOnce: {
        says: 'No handler is started for an event that was handled already, nor beside a run that is within its deadlines.',
        check: handlesOnce,
    },
    acknowledgesWhatWasHandled: {
        says: 'No event is acknowledged with 200 before its handler succeeded.',
        check: acknowledgesWhatWasHandled,
    },
    losesNoEvent: {
        says: 'Every event that was delivered in calm weather is acknowledged, one way or the other.',
        check: losesNoEvent,
    },
    cutsNoHealthyLink: {
        says: 'No connection is suspected or ended by us while nothing harms it.',
        check: cutsNoHealthyLink,
    },
};
export const INVARIANT_NAMES = Object.keys(INVARIANTS);
function triesOrIsConnected({ life, status }) {
    const { connected, attempts, at } = status;
    const { state } = connected;
    if (life.phase !== 'running' || state === 'connected' || state === 'suspect')
        return null;
    if (attempts.isUnderWay)
        return null;
    if (attempts.nextAt === null)
        return `${state}, no attempt is under way, and none is scheduled`;
    if (attempts.nextAt - at > LIMITS.waitMs)
        return `the next attempt comes in ${attempts.nextAt - at} ms`;
    return null;
}
function exportsTheNextAttempt({ life, status, nextAttemptMetric, promisedAt, now, wallSteppedAt }) {
    if (nextAttemptMetric === null || life.phase !== 'running')
        return null;
    if (Math.abs((promisedAt ?? 0) - nextAttemptMetric) > SLACK_MS)
        return `the metric says ${nextAttemptMetric}, and ${promisedAt ?? 'nothing'} was reported`;
    const { nextAt } = status.attempts;
    // What was promised before somebody set the wall clock is off by as much.
    if (promisedAt === null || nextAt === null || now - wallSteppedAt <= LIMITS.waitMs)
        return null;
    return Math.abs(nextAt - promisedAt) <= SLACK_MS ? null : `the status says ${nextAt}, and ${promisedAt} was reported`;
}
function opensNoMoreThanWanted({ border, status }) {
    const { openSocketCount, socketCount } = border;
    const { state } = status.connected;
    const { wanted } = status.connections;
    const isReplacing = (state === 'connected' || state === 'suspect') && status.attempts.isUnderWay;
    const limit = isReplacing ? 2 * wanted : wanted;
    if (openSocketCount > limit)
        return `${openSocketCount} sockets are open while it is ${state}, ${limit} at most`;
    // Besides the open ones there may be some that are on their way out; hundreds of those would be a leak.
    return socketCount > 10 * wanted ? `${socketCount} sockets are not gone yet` : null;
}
function claimsWhatWasProven(witness) {
    const { status, border } = witness;
    const { is, connectionId, state } = status.connected;
    if (state !== 'connected' && state !== 'suspect' && !is)
        return null;
    if (connectionId === null)
        return 'a connection without an id is claimed';
    const passage = border.passage(connectionId);
    if (passage === null)
        return `connection ${connectionId} is claimed, and was never dialled`;
    if (passage.heardAt === null)
        return `connection ${connectionId} is claimed, and nothing ever came in on it`;
    const end = witness.farEnd(connectionId);
    if (end !== null && end.pingedAt <= end.openedAt)
        return `connection ${connectionId} is claimed, and was never pinged`;
    return null;
}
function isNotReadyWhileDeaf({ status, deafMs, linkMs }) {
    if (!status.connected.is || deafMs <= LIMITS.silenceMs + linkMs + SLACK_MS)
        return null;
    return `it says that it is connected (${status.connected.evidence}), and has been out of reach for ${deafMs} ms`;
}
function keepsItsCallBudget({ border, status }) {
    const { wanted } = status.connections;
    for (const kind of ['discovery', 'token', 'probe', 'reach']) {
        const budget = CALL_BUDGET[kind];
        const standbys = kind === 'discovery' && wanted > 1 ? STANDBY_BUDGET : NO_BUDGET;
        const perMinute = budget.perMinute + standbys.perMinute * wanted;
        const perHour = budget.perHour + standbys.perHour + standbys.perMinute * wanted;
        const { peaks } = border.calls[kind];
        if (peaks.perHour > perHour)
            return `${peaks.perHour} ${kind} calls within an hour, ${perHour} at most`;
        if (peaks.perMinute > perMinute)
            return `${peaks.perMinute} ${kind} calls within a minute, ${perMinute} at most`;
    }
    return null;
}
function recoversInTime({ life, status, connectionTrouble, now, linkMs }) {
    if (life.phase !== 'running')
        return null;
    const calmMs = Math.min(connectionTrouble.calmMs(now), now - life.startedAt);
    // An attempt needs three round trips.
    const limitMs = LIMITS.recoveryMs + 6 * linkMs;
    if (calmMs <= limitMs)
        return null;
    const { connected, outage } = status;
    if (!connected.is)
        return `nothing is wrong for ${calmMs} ms, and it is ${connected.state}: ${connected.evidence}`;
    if (outage !== null && calmMs > limitMs + LIMITS.stableAfterMs + SLACK_MS)
        return `nothing is wrong for ${calmMs} ms, and outage ${outage.number} goes on`;
    return null;
}
function bringsBackItsStandbys({ life, status, connectionTrouble, now, linkMs }) {
    const { wanted, proven } = status.connections;
    if (life.phase !== 'running' || proven >= wanted)
        return null;
    const calmMs = Math.min(connectionTrouble.calmMs(now), now - life.startedAt);
    const limitMs = LIMITS.recoveryMs + LIMITS.stableAfterMs + (wanted - 1) * LIMITS.standbyMs + 6 * linkMs;
    return calmMs <= limitMs ? null : `nothing is wrong for ${calmMs} ms, and ${proven} of ${wanted} are proven`;
}
function renewsItsToken({ life, status, tokenTrouble, now, linkMs }) {
    if (life.phase !== 'running' || status.token.isValid)
        return null;
    const calmMs = Math.min(tokenTrouble.calmMs(now), now - life.startedAt);
    return calmMs <= LIMITS.tokenMs + 2 * linkMs
        ? null
        : `nothing is wrong for ${calmMs} ms, and there is no valid token`;
}
function stopsInTime({ life, now }) {
    if (life.phase !== 'stopping' || now <= life.dueAt)
        return null;
    return `stop() takes ${now - life.since} ms so far`;
}
function leavesNothingBehind({ life, border, reachable, now, linkMs }) {
    if (life.phase !== 'stopped')
        return null;
    const { timerCount, requestCount, socketCount } = border;
    if (timerCount + requestCount + socketCount > 0)
        return `after stop() there are ${timerCount} timers, ${requestCount} requests and ${socketCount} sockets`;
    // What was sent last is still on its way for as long as the network takes.
    if (now - life.since <= LIMITS.closeMs + 2 * linkMs)
        return null;
    return reachable.length === 0 ? null : `${reachable.length} connections stand ${now - life.since} ms after stop()`;
}
function handlesOnce({ runs, life }) {
    for (const { eventId, eventType, startedAt, handledBeforeAt, besideSince } of runs) {
        if (handledBeforeAt !== null && startedAt - handledBeforeAt < LIMITS.memoryMs - SLACK_MS)
            return `event ${eventId} is handled again, ${startedAt - handledBeforeAt} ms after it was handled`;
        // A run that was on when stop() gave it up is nobody's any more.
        if (besideSince === null || besideSince <= life.stopAskedAt)
            continue;
        const deadlineMs = eventType === 'card.action.trigger' ? LIMITS.callbackMs : LIMITS.handlerMs;
        if (startedAt - besideSince < 2 * deadlineMs - SLACK_MS)
            return `event ${eventId} is handled twice at a time, the other since ${startedAt - besideSince} ms`;
    }
    return null;
}
function acknowledgesWhatWasHandled({ settled }) {
    for (const { event, hollow } of settled) {
        const [ack] = hollow;
        if (ack === undefined || event.eventType === UNHANDLED_TYPE)
            continue;
        return `event ${event.eventId} (${event.eventType}) was acknowledged at ${ack.at}, and had not been handled`;
    }
    return null;
}
function losesNoEvent({ settled }) {
    for (const { event, unanswered } of settled) {
        const [delivery] = unanswered;
        if (delivery === undefined)
            continue;
        const { eventId, eventType, state } = event;
        return `event ${eventId} (${eventType}, ${state}) was delivered at ${delivery.at}, rung ${delivery.rung}, and never answered`;
    }
    return null;
}
/** Failures that are our own doing; whoever stops or restarts the connector is meant to end its connection. */
const OURS = ['heartbeat_timeout', 'replaced', 'internal_error', 'protocol_error'];
function cutsNoHealthyLink({ losses, suspicions, linkMs }) {
    // A fault that is over may have cost an answer: that question is settled one silence limit later at the latest.
    const limitMs = LIMITS.silenceMs + 2 * linkMs;
    const loss = [...losses.filter(({ code }) => OURS.includes(code)), ...suspicions].find(({ calmMs }) => calmMs > limitMs);
    if (loss === undefined)
        return null;
    return `${loss.code}, though nothing has harmed connections for ${loss.calmMs} ms`;
}
