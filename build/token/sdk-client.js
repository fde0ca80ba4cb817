import { createRequire } from 'node:module';
import { sdkCache } from './sdk-cache.js';
import { sdkHttp } from './sdk-http.js';
import { sdkLogger } from './sdk-logger.js';
// The SDK's constructor refuses to go without a secret.
const PLACEHOLDER_SECRET = 'kept-by-feishu-connector';
/**
 * The official SDK's Client, fed by our keeper. The SDK itself (0.4 s, 37 MB) is loaded here, at the first call, and not
 * when this module is imported. It is `require`d: that is synchronous, and the same instance an `import` of it gives.
 */
export function createSdkClient(options) {
    const { appId, keeper, logger, timeoutMs, callLimitMs, agents, called } = options;
    const sdk = createRequire(import.meta.url)('@larksuiteoapi/node-sdk');
    const issued = issuedTokens();
    return new sdk.Client({
        appId,
        appSecret: options.appSecret ?? PLACEHOLDER_SECRET,
        domain: options.domain.replace(/\/+$/, ''),
        logger: sdkLogger(logger),
        loggerLevel: sdk.LoggerLevel.info,
        cache: sdkCache({ appId, tenantKey: sdk.CTenantAccessToken, keeper, served: issued.add }),
        httpInstance: sdkHttp({
            inner: sdk.defaultHttpInstance,
            keeper,
            isOurs: issued.has,
            served: issued.add,
            ...(timeoutMs !== undefined && { timeoutMs }),
            ...(callLimitMs !== undefined && { callLimitMs }),
            ...(agents !== undefined && { agents }),
            ...(called !== undefined && { called }),
        }),
    });
}
// A call in flight carries the token in use or, around a renewal, the one before; more only if tokens are short.
const REMEMBERED = 16;
/** The latest tokens handed out, to tell a call that carried one of ours from a call with somebody else's. */
function issuedTokens() {
    const latest = new Set();
    return {
        add(token) {
            latest.delete(token);
            latest.add(token);
            for (const oldest of latest) {
                if (latest.size <= REMEMBERED)
                    return;
                latest.delete(oldest);
            }
        },
        has: (token) => latest.has(token),
    };
}
