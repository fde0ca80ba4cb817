import type { Cache } from '@larksuiteoapi/node-sdk';
import type { TokenKeeper } from './keeper.js';

/** What the SDK's parts need of the keeper. */
export type TokenSource = Pick<TokenKeeper, 'current' | 'invalidate'>;

export interface SdkCacheOptions {
  readonly appId: string;
  /** The SDK's own symbol for the tenant token, `CTenantAccessToken`. */
  readonly tenantKey: symbol;
  readonly keeper: TokenSource;
  /** Told of every token handed out, before the call that uses it. */
  readonly served: (token: string) => void;
  /** Milliseconds since the Unix epoch, in which the SDK states expiries. Default `Date.now`. */
  readonly wallNow?: () => number;
}

interface Entry {
  readonly value: unknown;
  readonly expiresAt: number;
}

// What else the SDK keeps is a few bytes per user: user tokens, app tickets.
const ENTRIES_LIMIT = 10_000;

/**
 * The SDK's cache, which answers for our app's tenant token with the keeper's. That answer is never empty, so the SDK
 * never asks the platform for a token itself; without a token the call fails with the keeper's TokenError. Everything
 * else is kept in memory until it expires, the oldest going first when there is too much.
 */
export function sdkCache(options: SdkCacheOptions): Cache {
  const { appId, tenantKey, keeper, served, wallNow = Date.now } = options;
  const entries = new Map<string, Entry>();
  const isKept = (key: unknown, namespace: string | undefined): boolean => key === tenantKey && namespace === appId;
  return {
    async get(key, { namespace } = {}) {
      if (isKept(key, namespace)) {
        const token = await keeper.current();
        served(token);
        return token;
      }
      const id = idOf(key, namespace);
      const entry = entries.get(id);
      if (entry === undefined) return undefined;
      if (wallNow() < entry.expiresAt) return entry.value;
      entries.delete(id);
      return undefined;
    },
    async set(key, value: unknown, expire, { namespace } = {}) {
      // The keeper alone decides about our token.
      if (isKept(key, namespace)) return true;
      const id = idOf(key, namespace);
      // Re-inserted, so that the map's order is the order of writing.
      entries.delete(id);
      entries.set(id, { value, expiresAt: expire ?? Number.POSITIVE_INFINITY });
      if (entries.size > ENTRIES_LIMIT) for (const oldest of entries.keys()) return entries.delete(oldest);
      return true;
    },
  };
}

function idOf(key: unknown, namespace = ''): string {
  // A symbol is told from a string of the same text.
  return `${namespace}/${typeof key}/${String(key)}`;
}
