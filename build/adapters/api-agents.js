import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
// A burst of calls shares its connections; after a second they are closed, before the other side does so unseen.
const POOL = { keepAlive: true, timeout: 1_000, maxSockets: 64 };
/** Agents whose connections are the {@link Transport}'s. They hold none for longer than a second. */
export function createApiAgents(transport) {
    const open = (protocol, options, callback) => {
        const host = String(options.host).includes(':') ? `[${options.host}]` : options.host;
        transport(new URL(`${protocol}//${host}:${options.port}`)).then((socket) => callback?.(null, socket), 
        // Node looks at the error alone; its type has no room for a missing socket.
        (error) => callback?.(error));
    };
    class TransportHttpAgent extends HttpAgent {
        createConnection(options, callback) {
            return open('http:', options, callback);
        }
    }
    class TransportHttpsAgent extends HttpsAgent {
        createConnection(options, callback) {
            return open('https:', options, callback);
        }
    }
    return { http: new TransportHttpAgent(POOL), https: new TransportHttpsAgent(POOL) };
}
/** Closes the connections that no call uses; calls under way go on. */
export function dropIdleSockets({ http, https }) {
    for (const agent of [http, https]) {
        const idle = Object.values(agent.freeSockets);
        for (const socket of idle.flatMap((sockets) => sockets ?? []))
            socket.destroy();
    }
}
