import { request } from 'node:http';
import { isIPv6 } from 'node:net';
import { TransportError } from './network-error.js';
/**
 * Asks a proxy for a tunnel, on a connection to it. Rejects with a {@link TransportError} `proxy` that says what the
 * proxy did; the connection is destroyed then. Whoever gives up destroys the connection.
 */
export function openTunnel(connection, proxy, end) {
    const authority = `${isIPv6(end.host) ? `[${end.host}]` : end.host}:${end.port}`;
    const { authorization } = proxy;
    return new Promise((resolve, reject) => {
        const fail = (what) => {
            connection.destroy();
            reject(new TransportError('proxy', `the proxy ${proxy.label} ${what}`));
        };
        const asking = request({
            method: 'CONNECT',
            path: authority,
            setHost: false,
            headers: { host: authority, ...(authorization !== null && { 'proxy-authorization': authorization }) },
            createConnection: () => connection,
        });
        asking.on('connect', ({ statusCode = 0 }, socket, head) => {
            if (statusCode < 200 || statusCode > 299) {
                fail(refusal(statusCode, authority, authorization !== null));
                return;
            }
            if (head.length > 0)
                socket.unshift(head);
            resolve(socket);
        });
        // Proxies answer CONNECT with a body, or without any tunnel, only when they do not know it.
        asking.on('response', ({ statusCode }) => fail(`answered CONNECT with an ordinary HTTP ${statusCode}`));
        asking.on('error', (error) => fail(breakage(error)));
        asking.end();
    });
}
function refusal(status, authority, hasCredentials) {
    if (status !== 407)
        return `refused a tunnel to ${authority}: HTTP ${status}`;
    return hasCredentials
        ? "rejects the credentials in the proxy's URL: HTTP 407"
        : "asks for credentials: HTTP 407; put user and password into the proxy's URL";
}
function breakage(error) {
    const code = 'code' in error ? String(error.code) : '';
    if (code.startsWith('HPE_'))
        return `does not speak HTTP (${code})`;
    return `broke the connection off instead of opening a tunnel (${code === '' ? error.name : code})`;
}
