import { once } from 'node:events';
import { createServer } from 'node:net';
/** Ports of 127.0.0.1 that nobody listened on a moment ago, all different. */
export async function freePorts(count) {
    const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
    // All are held before any is let go: otherwise the same one could be given out twice.
    await Promise.all(servers.map((server) => once(server, 'listening')));
    const ports = servers.map((server) => server.address().port);
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    return ports;
}
