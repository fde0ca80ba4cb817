import { backoffMs } from '../ports/index.js';
import { TOKEN_FAILURES } from './failure.js';
import { holdToken, isUsable } from './held.js';
export const TOKEN_STATES = ['stopped', 'fetching', 'waiting'];
export function newToken() {
    const never = Number.NEGATIVE_INFINITY;
    const past = { flight: 0, sentAt: never, earliestAt: never, forcedCount: 0, forcedFrom: never, lastValue: null };
    return { state: 'stopped', past };
}
/** The value to serve now, or null. */
export function servedValue(token, now) {
    return token.state !== 'stopped' && isUsable(token.held, now) ? token.held.value : null;
}
/** When {@link step} is owed a tick, or null. One timer serves the whole machine. */
export function wakeAt(token) {
    if (token.state === 'stopped')
        return null;
    return token.state === 'fetching' ? token.deadlineAt : token.fetchAt;
}
/** The next Token and what its keeper must do about it. Pure: same arguments, same answer. */
export function step(token, input, world, policy) {
    if (token.state === 'stopped')
        return input.type === 'start' ? begin(token.past, world, policy) : stay(token);
    if (input.type === 'stop') {
        const next = { state: 'stopped', past: { ...token.past, lastValue: null } };
        return { next, effects: token.state === 'fetching' ? [{ do: 'abort' }] : [] };
    }
    return token.state === 'fetching'
        ? whileFetching(token, input, world, policy)
        : whileWaiting(token, input, world, policy);
}
function whileFetching(token, input, world, policy) {
    switch (input.type) {
        case 'fetched':
            return input.flight === token.past.flight ? gain(token, input, world, policy) : stay(token);
        case 'failed':
            return input.flight === token.past.flight ? fail(token, input, world, policy) : stay(token);
        case 'tick': {
            if (world.now < token.deadlineAt)
                return stay(token);
            const detail = `no answer within ${policy.fetchTimeoutMs} ms, the reading of the secret included`;
            const failed = fail(token, { failure: 'token_timeout', detail, retryAfterMs: null }, world, policy);
            return { next: failed.next, effects: [{ do: 'abort' }, ...failed.effects] };
        }
        case 'invalidated': {
            if (input.token !== token.held?.value)
                return stay(token);
            const effects = [invalidated(input.code)];
            // The request in flight is the forced one: a second would break the single flight.
            return token.past.forcedFrom <= world.now
                ? { next: { ...token, held: null, past: spendForced(token.past, world, policy) }, effects }
                : { next: token, effects };
        }
        default:
            return stay(token);
    }
}
function whileWaiting(token, input, world, policy) {
    const { past, trouble } = token;
    switch (input.type) {
        case 'tick':
            return fetchIfDue(token, world, policy);
        case 'wanted':
            // Callers can't hurry what waits for a human; and with a token in hand there is nothing to hurry.
            if (isUsable(token.held, world.now) || trouble?.verdict === 'operator')
                return stay(token);
            return hurry(token, past.sentAt + policy.wantedIntervalMs, world, policy);
        case 'nudged':
            // Without trouble the next request is the renewal, and a nudge says nothing about that.
            return trouble === null ? stay(token) : hurry(token, world.now, world, policy);
        case 'invalidated': {
            if (input.token !== token.held?.value)
                return stay(token);
            // Called invalid again so soon after a forced request, the token is hardly at fault: another kind of token may be
            // needed there. It stays in use, and is renewed when that is allowed, so that one API can't starve all others.
            const isAllowed = past.forcedFrom <= world.now;
            const doubted = { ...token, held: isAllowed ? null : token.held, isForced: true };
            const { next, effects } = hurry(doubted, past.forcedFrom, world, policy);
            return { next, effects: [invalidated(input.code), ...effects] };
        }
        default:
            return stay(token);
    }
}
function begin(past, world, policy) {
    const waiting = {
        state: 'waiting',
        past,
        held: null,
        trouble: null,
        fetchAt: Math.max(world.now, past.earliestAt),
        isForced: false,
    };
    return fetchIfDue(waiting, world, policy);
}
/** Moves the next request forward to `at`, never backward and never under the limits. */
function hurry(token, at, world, policy) {
    const fetchAt = Math.min(token.fetchAt, Math.max(at, token.past.earliestAt));
    return fetchIfDue(fetchAt === token.fetchAt ? token : { ...token, fetchAt }, world, policy);
}
function fetchIfDue(token, world, policy) {
    if (world.now < token.fetchAt)
        return stay(token);
    const paid = token.isForced ? spendForced(token.past, world, policy) : token.past;
    const flight = paid.flight + 1;
    const next = {
        state: 'fetching',
        past: { ...paid, flight, sentAt: world.now, earliestAt: world.now + policy.fetchIntervalMs },
        held: token.held,
        trouble: token.trouble,
        deadlineAt: world.now + policy.fetchTimeoutMs,
    };
    return { next, effects: [report({ type: 'refresh_started', tokenType: 'tenant' }), { do: 'fetch', flight }] };
}
/** Accounts for one request that an API answer forced. A quiet while earns a fresh count. */
function spendForced(past, world, policy) {
    const isFresh = past.forcedFrom + policy.invalidation.maxMs <= world.now;
    const forcedCount = isFresh ? 1 : past.forcedCount + 1;
    const waitMs = backoffMs(policy.invalidation, forcedCount, world.random);
    return { ...past, forcedCount, forcedFrom: world.now + Math.max(waitMs, policy.fetchIntervalMs) };
}
// The platform gives all processes of an app the same token, so all of them would renew it in the same moment.
const SPREAD_SHARE = 0.05;
function gain(token, grant, world, policy) {
    const { past } = token;
    const held = holdToken(grant.token, past.sentAt, grant.lifetimeMs, policy.refreshMarginMs);
    const renewAt = held.expiresAt - held.marginMs * (1 + SPREAD_SHARE * world.random);
    const next = {
        state: 'waiting',
        past: { ...past, lastValue: grant.token },
        held,
        trouble: null,
        fetchAt: Math.max(renewAt, past.earliestAt),
        isForced: false,
    };
    const refreshed = report({
        type: 'refreshed',
        tokenType: 'tenant',
        durationMs: world.now - past.sentAt,
        expiresInMs: Math.max(0, held.expiresAt - world.now),
        marginMs: held.marginMs,
        isNew: grant.token !== past.lastValue,
        failuresBefore: token.trouble?.failures ?? 0,
    });
    return { next, effects: [refreshed] };
}
function fail(token, failed, world, policy) {
    const { verdict } = TOKEN_FAILURES[failed.failure];
    const streak = token.trouble?.verdict === verdict ? token.trouble.streak + 1 : 1;
    const ownMs = backoffMs(verdict === 'operator' ? policy.operator : policy.retry, streak, world.random);
    const limitedUntil = world.now + (failed.retryAfterMs ?? 0);
    const earliestAt = Math.max(token.past.earliestAt, limitedUntil);
    const next = {
        state: 'waiting',
        past: { ...token.past, earliestAt },
        held: token.held,
        trouble: { failures: (token.trouble?.failures ?? 0) + 1, verdict, streak },
        fetchAt: Math.max(world.now + ownMs, earliestAt),
        isForced: false,
    };
    const refreshFailed = report({
        type: 'refresh_failed',
        tokenType: 'tenant',
        durationMs: world.now - token.past.sentAt,
        failure: failed.failure,
        verdict,
        detail: failed.detail,
        retryInMs: next.fetchAt - world.now,
        validForMs: Math.max(0, (token.held?.expiresAt ?? world.now) - world.now),
    });
    return { next, effects: [refreshFailed] };
}
function stay(token) {
    return { next: token, effects: [] };
}
function report(what) {
    return { do: 'report', report: what };
}
function invalidated(code) {
    return report({ type: 'invalidated', tokenType: 'tenant', code });
}
