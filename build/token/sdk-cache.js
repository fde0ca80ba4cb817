// What else the SDK keeps is a few bytes per user: user tokens, app tickets.
const ENTRIES_LIMIT = 10_000;
/**
 * The SDK's cache, which answers for our app's tenant token with the keeper's. That answer is never empty, so the SDK
 * never asks the platform for a token itself; without a token the call fails with the keeper's TokenError. Everything
 * else is kept in memory until it expires, the oldest going first when there is too much.
 */
export function sdkCache(options) {
    const { appId, tenantKey, keeper, served, wallNow = Date.now } = options;
    const entries = new Map();
    const isKept = (key, namespace) => key === tenantKey && namespace === appId;
    return {
        async get(key, { namespace } = {}) {
            if (isKept(key, namespace)) {
                const token = await keeper.current();
                served(token);
                return token;
            }
            const id = idOf(key, namespace);
            const entry = entries.get(id);
            if (entry === undefined)
                return undefined;
            if (wallNow() < entry.expiresAt)
                return entry.value;
            entries.delete(id);
            return undefined;
        },
        async set(key, value, expire, { namespace } = {}) {
            // The keeper alone decides about our token.
            if (isKept(key, namespace))
                return true;
            const id = idOf(key, namespace);
            // Re-inserted, so that the map's order is the order of writing.
            entries.delete(id);
            entries.set(id, { value, expiresAt: expire ?? Number.POSITIVE_INFINITY });
            if (entries.size > ENTRIES_LIMIT)
                for (const oldest of entries.keys())
                    return entries.delete(oldest);
            return true;
        },
    };
}
function idOf(key, namespace = '') {
    // A symbol is told from a string of the same text.
    return `${namespace}/${typeof key}/${String(key)}`;
}
