import { Pool } from 'undici';
import type { HttpError, NetworkError } from '../ports/index.js';
import type { Transport } from './transport.js';
import { connectorOf, createHttpOver, type HttpAdapter } from './undici-http.js';

/** How an adapter keeps its connections. */
export interface KeptHttpOptions {
  /** Connections to one origin at most; what comes beyond them waits within its own deadline. */
  readonly connections: number;
  /** How long an idle one is kept, in milliseconds, unless the server names a shorter time. Default 4,000. */
  readonly idleMs?: number;
}

// Under the 5 s after which Node's own servers close: who closes later than its peer sends requests into the void.
const IDLE_MS = 4_000;

/** What says nothing about the connections: our own word, and an answer that was merely too long. */
const HARMLESS: ReadonlySet<NetworkError> = new Set(['aborted', 'too_large']);

/**
 * HTTP that keeps its connections, for many requests to one place. Redirects are answers, and are not followed. After
 * a network failure the next request starts with fresh connections: a pool that went bad must not keep failing (F28).
 */
export function createKeptHttp(transport: Transport, { connections, idleMs = IDLE_MS }: KeptHttpOptions): HttpAdapter {
  const pools = new Map<string, Pool>();
  const poolOf = (url: URL): Pool => {
    const known = pools.get(url.origin);
    if (known !== undefined) return known;
    const pool = new Pool(url.origin, {
      connections,
      pipelining: 1,
      keepAliveTimeout: idleMs,
      keepAliveMaxTimeout: 600_000,
      connect: connectorOf(transport, new URL(url.origin)),
    });
    pools.set(url.origin, pool);
    return pool;
  };
  const adapter = createHttpOver((url) => {
    const pool = poolOf(url);
    return {
      dispatcher: pool,
      end(error: HttpError | null) {
        if (error === null || HARMLESS.has(error.kind) || pools.get(url.origin) !== pool) return;
        pools.delete(url.origin);
        // Not awaited: its other requests go on to their own deadlines, and it closes after the last of them.
        void pool.close();
      },
    };
  });
  return {
    http: adapter.http,
    async close() {
      const closing = [...pools.values()];
      pools.clear();
      await adapter.close();
      await Promise.all(closing.map((pool) => pool.destroy()));
    },
  };
}
