import { Agent } from 'node:http';
import { createHttpOver } from './exchange.js';
import { Places } from './places.js';
import { connectionOf } from './transport-connection.js';
// Under the 5 s after which Node's own servers close: who closes later than its peer sends requests into the void.
const IDLE_MS = 4_000;
/** What says nothing about the connections: our own word, and an answer that was merely too long. */
const HARMLESS = new Set(['aborted', 'too_large']);
/**
 * HTTP that keeps its connections, for many requests to one place. After a network failure the next request starts with
 * fresh connections: a pool that went bad must not keep failing (F28).
 */
export function createKeptHttp(transport, { connections, idleMs = IDLE_MS }) {
    const pools = new Map();
    const poolOf = (url) => {
        const known = pools.get(url.origin);
        if (known !== undefined)
            return known;
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
            end(error) {
                places.give();
                if (error === null || HARMLESS.has(error.kind) || pools.get(url.origin) !== pool)
                    return;
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
            for (const { agent } of closing)
                agent.destroy();
        },
    };
}
class KeptAgent extends Agent {
    #connect;
    #isRetired = false;
    constructor(transport, url, connections, idleMs) {
        super({ keepAlive: true, maxSockets: connections, timeout: idleMs });
        this.#connect = connectionOf(transport, new URL(url.origin));
    }
    createConnection(options, callback = () => { }) {
        return this.#connect(options, callback);
    }
    keepSocketAlive(socket) {
        // Node's own answer, which its types hide: no if the server named a time that is over.
        return !this.#isRetired && Boolean(super.keepSocketAlive(socket));
    }
    /** Closes what is idle now, and the rest after its last answer. */
    retire() {
        this.#isRetired = true;
        for (const sockets of Object.values(this.freeSockets))
            for (const socket of sockets ?? [])
                socket.destroy();
    }
}
