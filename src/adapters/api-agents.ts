import { type ClientRequestArgs, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Transport } from './transport.js';

/** Agents of Node's own HTTP client, for libraries that take those: the official SDK's API client. */
export interface ApiAgents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

// A burst of calls shares its connections; after a second they are closed, before the other side does so unseen.
const POOL = { keepAlive: true, timeout: 1_000, maxSockets: 64 };

type Created = (error: Error | null, socket: Duplex) => void;

/** Agents whose connections are the {@link Transport}'s. They hold none for longer than a second. */
export function createApiAgents(transport: Transport): ApiAgents {
  const open = (protocol: 'http:' | 'https:', options: ClientRequestArgs, callback: Created | undefined): undefined => {
    const host = String(options.host).includes(':') ? `[${options.host}]` : options.host;
    transport(new URL(`${protocol}//${host}:${options.port}`)).then(
      (socket) => callback?.(null, socket),
      // Node looks at the error alone; its type has no room for a missing socket.
      (error: unknown) => (callback as ((error: unknown) => void) | undefined)?.(error),
    );
  };
  class TransportHttpAgent extends HttpAgent {
    override createConnection(options: ClientRequestArgs, callback?: Created): undefined {
      return open('http:', options, callback);
    }
  }
  class TransportHttpsAgent extends HttpsAgent {
    override createConnection(options: ClientRequestArgs, callback?: Created): undefined {
      return open('https:', options, callback);
    }
  }
  return { http: new TransportHttpAgent(POOL), https: new TransportHttpsAgent(POOL) };
}

/** Closes the connections that no call uses; calls under way go on. */
export function dropIdleSockets({ http, https }: ApiAgents): void {
  for (const agent of [http, https]) {
    const idle: readonly (readonly Socket[] | undefined)[] = Object.values(agent.freeSockets);
    for (const socket of idle.flatMap((sockets) => sockets ?? [])) socket.destroy();
  }
}
