import { backoffMs, type Verdict } from '../ports/index.js';
import { TOKEN_FAILURES, type TokenFailureCode } from './failure.js';
import { type HeldToken, holdToken, isUsable } from './held.js';
import type { TokenPolicy } from './policy.js';
import type { TokenReport } from './report.js';

/**
 * The tenant token of one app. There is no state "failed": only `stop` ends the asking. At most one request is in
 * flight, and a token in hand is served in every state for as long as it is valid.
 */
export type Token =
  | { readonly state: 'stopped'; readonly past: Past }
  | {
      readonly state: 'fetching';
      readonly past: Past;
      readonly held: HeldToken | null;
      readonly trouble: Trouble | null;
      readonly deadlineAt: number;
    }
  /** The next request is due at `fetchAt`: to renew the token in hand, or to try again. */
  | {
      readonly state: 'waiting';
      readonly past: Past;
      readonly held: HeldToken | null;
      readonly trouble: Trouble | null;
      readonly fetchAt: number;
      /** The wait was cut short by an API answer that called the token invalid. */
      readonly isForced: boolean;
    };

export type TokenState = Token['state'];
export const TOKEN_STATES = ['stopped', 'fetching', 'waiting'] as const satisfies readonly TokenState[];

/** What outlives every state, so that no way around it is a way around the limits. */
export interface Past {
  /** Number of the latest request. A late word from an earlier one is told by it. */
  readonly flight: number;
  /** When the latest request started. */
  readonly sentAt: number;
  /** No request starts before this: the least interval, or what the platform's rate limit said. */
  readonly earliestAt: number;
  /** Requests in a row that API answers forced. */
  readonly forcedCount: number;
  /** The next forced request may start then. */
  readonly forcedFrom: number;
  /** The last value the platform gave, to tell a new token from the same one again. */
  readonly lastValue: string | null;
}

/** Failures since the last token. */
export interface Trouble {
  readonly failures: number;
  /** What the latest failure asks for, and how many in a row asked for that. */
  readonly verdict: Verdict;
  readonly streak: number;
}

/** What a request ended with. `retryAfterMs` is the platform's own wish, null if it named none. */
export type TokenGrant = { readonly token: string; readonly lifetimeMs: number };
export type TokenFailure = {
  readonly failure: TokenFailureCode;
  readonly detail: string;
  readonly retryAfterMs: number | null;
};

export type TokenInput =
  | { readonly type: 'start' | 'stop' | 'tick' }
  | ({ readonly type: 'fetched'; readonly flight: number } & TokenGrant)
  | ({ readonly type: 'failed'; readonly flight: number } & TokenFailure)
  /** An API answer called this token invalid, with this code. */
  | { readonly type: 'invalidated'; readonly token: string; readonly code: number }
  /** A caller waits for a token. */
  | { readonly type: 'wanted' }
  /** Evidence that asking again is worth it now: the platform was reached, the secret was replaced, a human says so. */
  | { readonly type: 'nudged' };

export type TokenEffect =
  | { readonly do: 'fetch'; readonly flight: number }
  | { readonly do: 'abort' }
  | { readonly do: 'report'; readonly report: TokenReport };

/** Monotonic milliseconds, and one draw in [0, 1). */
export interface TokenWorld {
  readonly now: number;
  readonly random: number;
}

export interface TokenStep {
  readonly next: Token;
  readonly effects: readonly TokenEffect[];
}

type Fetching = Extract<Token, { state: 'fetching' }>;
type Waiting = Extract<Token, { state: 'waiting' }>;

export function newToken(): Token {
  const never = Number.NEGATIVE_INFINITY;
  const past = { flight: 0, sentAt: never, earliestAt: never, forcedCount: 0, forcedFrom: never, lastValue: null };
  return { state: 'stopped', past };
}

/** The value to serve now, or null. */
export function servedValue(token: Token, now: number): string | null {
  return token.state !== 'stopped' && isUsable(token.held, now) ? token.held.value : null;
}

/** When {@link step} is owed a tick, or null. One timer serves the whole machine. */
export function wakeAt(token: Token): number | null {
  if (token.state === 'stopped') return null;
  return token.state === 'fetching' ? token.deadlineAt : token.fetchAt;
}

/** The next Token and what its keeper must do about it. Pure: same arguments, same answer. */
export function step(token: Token, input: TokenInput, world: TokenWorld, policy: TokenPolicy): TokenStep {
  if (token.state === 'stopped') return input.type === 'start' ? begin(token.past, world, policy) : stay(token);
  if (input.type === 'stop') {
    const next: Token = { state: 'stopped', past: { ...token.past, lastValue: null } };
    return { next, effects: token.state === 'fetching' ? [{ do: 'abort' }] : [] };
  }
  return token.state === 'fetching'
    ? whileFetching(token, input, world, policy)
    : whileWaiting(token, input, world, policy);
}

function whileFetching(token: Fetching, input: TokenInput, world: TokenWorld, policy: TokenPolicy): TokenStep {
  switch (input.type) {
    case 'fetched':
      return input.flight === token.past.flight ? gain(token, input, world, policy) : stay(token);
    case 'failed':
      return input.flight === token.past.flight ? fail(token, input, world, policy) : stay(token);
    case 'tick': {
      if (world.now < token.deadlineAt) return stay(token);
      const detail = `no answer within ${policy.fetchTimeoutMs} ms, the reading of the secret included`;
      const failed = fail(token, { failure: 'token_timeout', detail, retryAfterMs: null }, world, policy);
      return { next: failed.next, effects: [{ do: 'abort' }, ...failed.effects] };
    }
    case 'invalidated': {
      if (input.token !== token.held?.value) return stay(token);
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

function whileWaiting(token: Waiting, input: TokenInput, world: TokenWorld, policy: TokenPolicy): TokenStep {
  const { past, trouble } = token;
  switch (input.type) {
    case 'tick':
      return fetchIfDue(token, world, policy);
    case 'wanted':
      // Callers can't hurry what waits for a human; and with a token in hand there is nothing to hurry.
      if (isUsable(token.held, world.now) || trouble?.verdict === 'operator') return stay(token);
      return hurry(token, past.sentAt + policy.wantedIntervalMs, world, policy);
    case 'nudged':
      // Without trouble the next request is the renewal, and a nudge says nothing about that.
      return trouble === null ? stay(token) : hurry(token, world.now, world, policy);
    case 'invalidated': {
      if (input.token !== token.held?.value) return stay(token);
      // Called invalid again so soon after a forced request, the token is hardly at fault: another kind of token may be
      // needed there. It stays in use, and is renewed when that is allowed, so that one API can't starve all others.
      const isAllowed = past.forcedFrom <= world.now;
      const doubted: Waiting = { ...token, held: isAllowed ? null : token.held, isForced: true };
      const { next, effects } = hurry(doubted, past.forcedFrom, world, policy);
      return { next, effects: [invalidated(input.code), ...effects] };
    }
    default:
      return stay(token);
  }
}

function begin(past: Past, world: TokenWorld, policy: TokenPolicy): TokenStep {
  const waiting: Waiting = {
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
function hurry(token: Waiting, at: number, world: TokenWorld, policy: TokenPolicy): TokenStep {
  const fetchAt = Math.min(token.fetchAt, Math.max(at, token.past.earliestAt));
  return fetchIfDue(fetchAt === token.fetchAt ? token : { ...token, fetchAt }, world, policy);
}

function fetchIfDue(token: Waiting, world: TokenWorld, policy: TokenPolicy): TokenStep {
  if (world.now < token.fetchAt) return stay(token);
  const paid = token.isForced ? spendForced(token.past, world, policy) : token.past;
  const flight = paid.flight + 1;
  const next: Fetching = {
    state: 'fetching',
    past: { ...paid, flight, sentAt: world.now, earliestAt: world.now + policy.fetchIntervalMs },
    held: token.held,
    trouble: token.trouble,
    deadlineAt: world.now + policy.fetchTimeoutMs,
  };
  return { next, effects: [report({ type: 'refresh_started', tokenType: 'tenant' }), { do: 'fetch', flight }] };
}

/** Accounts for one request that an API answer forced. A quiet while earns a fresh count. */
function spendForced(past: Past, world: TokenWorld, policy: TokenPolicy): Past {
  const isFresh = past.forcedFrom + policy.invalidation.maxMs <= world.now;
  const forcedCount = isFresh ? 1 : past.forcedCount + 1;
  const waitMs = backoffMs(policy.invalidation, forcedCount, world.random);
  return { ...past, forcedCount, forcedFrom: world.now + Math.max(waitMs, policy.fetchIntervalMs) };
}

// The platform gives all processes of an app the same token, so all of them would renew it in the same moment.
const SPREAD_SHARE = 0.05;

function gain(token: Fetching, grant: TokenGrant, world: TokenWorld, policy: TokenPolicy): TokenStep {
  const { past } = token;
  const held = holdToken(grant.token, past.sentAt, grant.lifetimeMs, policy.refreshMarginMs);
  const renewAt = held.expiresAt - held.marginMs * (1 + SPREAD_SHARE * world.random);
  const next: Waiting = {
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

function fail(token: Fetching, failed: TokenFailure, world: TokenWorld, policy: TokenPolicy): TokenStep {
  const { verdict } = TOKEN_FAILURES[failed.failure];
  const streak = token.trouble?.verdict === verdict ? token.trouble.streak + 1 : 1;
  const ownMs = backoffMs(verdict === 'operator' ? policy.operator : policy.retry, streak, world.random);
  const limitedUntil = world.now + (failed.retryAfterMs ?? 0);
  const earliestAt = Math.max(token.past.earliestAt, limitedUntil);
  const next: Waiting = {
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

function stay(token: Token): TokenStep {
  return { next: token, effects: [] };
}

function report(what: TokenReport): TokenEffect {
  return { do: 'report', report: what };
}

function invalidated(code: number): TokenEffect {
  return report({ type: 'invalidated', tokenType: 'tenant', code });
}
