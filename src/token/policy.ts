import { type Backoff, checkBackoff } from '../ports/index.js';

/** How the tenant token is kept. Milliseconds throughout. */
export interface TokenPolicy {
  /** How long before its expiry a token is renewed; for short tokens at most half of their lifetime. */
  readonly refreshMarginMs: number;
  /** Least time between the starts of two token requests, whatever asks for them. */
  readonly fetchIntervalMs: number;
  /** Limit for one token request, reading the secret included. */
  readonly fetchTimeoutMs: number;
  /** While there is no token and somebody waits for one, a `retry` failure is retried at least this often. */
  readonly wantedIntervalMs: number;
  /** How long a caller waits for a token unless it says otherwise. */
  readonly callerTimeoutMs: number;
  /** Callers that may wait at the same time; further ones are refused. */
  readonly waitingLimit: number;
  /** Waits after failures that mend themselves. */
  readonly retry: Backoff;
  /** Waits after failures that need a human: the slow lane. Still for ever. */
  readonly operator: Backoff;
  /** Waits between requests that API answers forced by calling the token invalid. */
  readonly invalidation: Backoff;
}

export type TokenOptions = { readonly [Name in keyof TokenPolicy]?: TokenPolicy[Name] };

/** The limits and waits that hold where the option says nothing. */
export const TOKEN_DEFAULTS: TokenPolicy = Object.freeze({
  // The platform returns the same token while 30 minutes or more are left, a new one below (docs/protocol.md, 7.1).
  // Asking with 20 left gets a new one for certain, and leaves 20 minutes of retries before the old one ends.
  refreshMarginMs: 20 * 60_000,
  // With a broken `expire` of a second or less this is the whole cost: one request a second, never one per call.
  fetchIntervalMs: 1_000,
  // 10 s for the request (fetch.ts), 5 s for the secret (adapters/secret.ts), and room for a late event loop.
  fetchTimeoutMs: 20_000,
  // As long as a caller waits: each caller sees at least one attempt, and an outage costs six requests a minute.
  wantedIntervalMs: 10_000,
  callerTimeoutMs: 10_000,
  waitingLimit: 10_000,
  retry: Object.freeze({ initialMs: 1_000, maxMs: 60_000, factor: 2, jitter: 'full' }),
  // A fixed secret is picked up within 5 minutes; `nudge` asks at once.
  operator: Object.freeze({ initialMs: 30_000, maxMs: 300_000, factor: 2, jitter: 'equal' }),
  // The first is forced at once. An API that calls every token invalid costs one request a minute in the end.
  invalidation: Object.freeze({ initialMs: 1_000, maxMs: 60_000, factor: 2, jitter: 'none' }),
});

// From 30 minutes on the platform would only return the token we have; the jitter takes up to a twentieth more.
const WIDEST_MARGIN_MS = 28 * 60_000;
// Longer than a day overflows nothing, but is a slip of the unit.
const LONGEST_MS = 86_400_000;

/**
 * The {@link TOKEN_DEFAULTS} with the given options over them.
 * @throws RangeError naming option, bound and value.
 */
export function resolveTokenPolicy(options: TokenOptions = {}): TokenPolicy {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const policy: TokenPolicy = Object.freeze({ ...TOKEN_DEFAULTS, ...given });
  inRange('refreshMarginMs', policy.refreshMarginMs, 0, WIDEST_MARGIN_MS);
  inRange('fetchIntervalMs', policy.fetchIntervalMs, 1_000, LONGEST_MS);
  inRange('fetchTimeoutMs', policy.fetchTimeoutMs, 1, LONGEST_MS);
  inRange('wantedIntervalMs', policy.wantedIntervalMs, policy.fetchIntervalMs, LONGEST_MS);
  inRange('callerTimeoutMs', policy.callerTimeoutMs, 1, LONGEST_MS);
  inRange('waitingLimit', policy.waitingLimit, 1, 1_000_000);
  checkBackoff('retry', policy.retry);
  checkBackoff('operator', policy.operator);
  checkBackoff('invalidation', policy.invalidation);
  return policy;
}

function inRange(name: string, value: number, min: number, max: number): void {
  // A text that reads like a number would pass for one, and be joined where it should be added.
  if (typeof value === 'number' && value >= min && value <= max) return;
  throw new RangeError(
    `${name} must be from ${min} to ${max}, got ${typeof value === 'number' ? value : JSON.stringify(value)}`,
  );
}
