import { createRequire } from 'node:module';
import type { Client } from '@larksuiteoapi/node-sdk';
import { sdkCache, type TokenSource } from './sdk-cache.js';
import { type SdkHttpOptions, sdkHttp } from './sdk-http.js';
import { type DebugLogger, sdkLogger } from './sdk-logger.js';

export interface SdkClientOptions {
  readonly appId: string;
  /**
   * The app secret. Only the SDK's user token calls (`client.userAccessToken`, `client.accessToken`) need it: tenant
   * tokens come from the keeper. Leave it out where the secret is read afresh at each use; those calls then fail.
   */
  readonly appSecret?: string;
  /** Base URL, such as `https://open.feishu.cn`. */
  readonly domain: string;
  readonly keeper: TokenSource;
  /** Takes the SDK's own lines, at debug. Without one they are not written at all. */
  readonly logger?: DebugLogger;
  /** See {@link SdkHttpOptions.timeoutMs}. */
  readonly timeoutMs?: SdkHttpOptions['timeoutMs'];
  /** See {@link SdkHttpOptions.callLimitMs}. */
  readonly callLimitMs?: SdkHttpOptions['callLimitMs'];
  /** See {@link SdkHttpOptions.agents}. */
  readonly agents?: SdkHttpOptions['agents'];
  /** See {@link SdkHttpOptions.called}. */
  readonly called?: SdkHttpOptions['called'];
}

// The SDK's constructor refuses to go without a secret.
const PLACEHOLDER_SECRET = 'kept-by-feishu-connector';

/**
 * The official SDK's Client, fed by our keeper. The SDK itself (0.4 s, 37 MB) is loaded here, at the first call, and not
 * when this module is imported. It is `require`d: that is synchronous, and the same instance an `import` of it gives.
 */
export function createSdkClient(options: SdkClientOptions): Client {
  const { appId, keeper, logger, timeoutMs, callLimitMs, agents, called } = options;
  const sdk: typeof import('@larksuiteoapi/node-sdk') = createRequire(import.meta.url)('@larksuiteoapi/node-sdk');
  const issued = issuedTokens();
  const client = new sdk.Client({
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
  hideSecret(client);
  return client;
}

/** Deeper than any part of a Client that keeps a secret of its own. */
const DEEPEST_PART = 3;

/** The SDK keeps the secret on itself and its parts; whoever logs a Client, or what holds one, should not show it. */
function hideSecret(part: unknown, depth = 0): void {
  if (typeof part !== 'object' || part === null || depth > DEEPEST_PART) return;
  if ('appSecret' in part) Object.defineProperty(part, 'appSecret', { enumerable: false });
  for (const name of PARTS_WITH_SECRET) if (name in part) hideSecret(Reflect.get(part, name), depth + 1);
}
const PARTS_WITH_SECRET = ['tokenManager', 'appTicketManager', 'accessToken'];

// A call in flight carries the token in use or, around a renewal, the one before; more only if tokens are short.
const REMEMBERED = 16;

/** The latest tokens handed out, to tell a call that carried one of ours from a call with somebody else's. */
function issuedTokens(): { add(token: string): void; has(token: string): boolean } {
  const latest = new Set<string>();
  return {
    add(token) {
      latest.delete(token);
      latest.add(token);
      for (const oldest of latest) {
        if (latest.size <= REMEMBERED) return;
        latest.delete(oldest);
      }
    },
    has: (token) => latest.has(token),
  };
}
