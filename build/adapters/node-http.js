import { createHttpOver } from './exchange.js';
import { createTransport } from './transport.js';
import { connectionOf } from './transport-connection.js';
/**
 * HTTP where every exchange has a connection of its own: calls are minutes apart, and a pool that went bad once kept
 * failing until the restart (F28).
 */
export function createNodeHttp(transport = createTransport()) {
    return createHttpOver((url, signal) => ({
        way: { createConnection: connectionOf(transport, url, signal) },
        end: () => { }, // Node closes what no agent keeps, once the answer was read or given up
    }));
}
