import { Agent, type ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HttpError, NetworkError } from '../ports/index.js';
import { createHttpOver, type HttpAdapter } from './exchange.js';
import { Places } from './places.js';
import type { Transport } from './transport.js';
import { connectionOf, type OpenConnection } from './transport-connection.js';

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
 * HTTP that keeps its connections, for many requests to one place. After a network failure the next request starts with
 * fresh connections: a pool that went bad must not keep failing (F28).
 */
export function createKeptHttp(transport: Transport, { connections, idleMs = IDLE_MS }: KeptHttpOptions): HttpAdapter {
  const pools = new Map<string, Pool>();
  const poolOf = (url: URL): Pool => {
    const known = pools.get(url.origin);
    if (known !== undefined) return known;
    const pool = { agent: new KeptAgent(transport, url, connections, idleMs), places: new Places(connections) };
    pools.set(url.origin, pool);
    return pool;
  };
  const adapter = createHttpOver(async (url, signal) => {
    const pool = poolOf(url);
    const { agent, places } = pool;
    await places.take(signal);
    return {
      way: { agent },
      end(error: HttpError | null) {
        places.give();
        if (error === null || HARMLESS.has(error.kind) || pools.get(url.origin) !== pool) return;
        pools.delete(url.origin);
        // Its other requests go on to their own deadlines; each connection is closed after its last one.
        agent.retire();
      },
    };
  });
  return {
    http: adapter.http,
    async close() {
      const closing = [...pools.values()];
      pools.clear();
      await adapter.close();
      for (const { agent } of closing) agent.destroy();
    },
  };
}

interface Pool {
  readonly agent: KeptAgent;
  /** An agent counts its connections only once they are open: many requests at once would get one each. */
  readonly places: Places;
}

class KeptAgent extends Agent {
  readonly #connect: OpenConnection;
  #isRetired = false;

  constructor(transport: Transport, url: URL, connections: number, idleMs: number) {
    super({ keepAlive: true, maxSockets: connections, timeout: idleMs });
    this.#connect = connectionOf(transport, new URL(url.origin));
  }

  override createConnection(
    options: ClientRequestArgs,
    callback: (error: Error | null, socket: Duplex) => void = () => {},
  ): undefined {
    return this.#connect(options, callback);
  }

  override keepSocketAlive(socket: Duplex): boolean {
    // Node's own answer, which its types hide: no if the server named a time that is over.
    return !this.#isRetired && Boolean(super.keepSocketAlive(socket));
  }

  /** Closes what is idle now, and the rest after its last answer. */
  retire(): void {
    this.#isRetired = true;
    for (const sockets of Object.values(this.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  }
}
