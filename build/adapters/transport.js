import { connect, isIP } from 'node:net';
import * as tls from 'node:tls';
import { networkMessageOf, TransportError } from './network-error.js';
import { hostOf, portOf, proxyFor, } from './proxy.js';
import { systemClock } from './system-clock.js';
import { tlsFailureOf } from './tls-failure.js';
import { createTrust } from './trust.js';
import { openTunnel } from './tunnel.js';
// Three SYN retransmissions (1 + 2 + 4 s) and a slow handshake fit in. Under the 15 s of an attempt's steps, so that
// the failure says what hung.
const CONNECT_TIMEOUT_MS = 12_000;
// Node's own 250 ms give up on addresses that are merely far away: half a world and back takes up to 400 ms.
const FAMILY_TIMEOUT_MS = 500;
const KEEP_ALIVE_DELAY_MS = 60_000;
/** @throws RangeError if `ca` holds no certificate. */
export function createTransport(options = {}) {
    const { proxy = 'environment', environment = process.env, connectTimeoutMs = CONNECT_TIMEOUT_MS } = options;
    const { timer = systemClock.timer } = options;
    const trust = createTrust(options);
    return async (url, signal) => {
        const choice = proxyFor(url, proxy, environment);
        if (choice.via === 'nowhere')
            throw new TransportError('proxy', choice.reason);
        const limit = new AbortController();
        const late = timer(connectTimeoutMs, () => limit.abort());
        const opening = {
            signal: signal ? AbortSignal.any([signal, limit.signal]) : limit.signal,
            lookup: options.lookup,
            step: 'certificates',
        };
        try {
            return await open(url, choice, trust, opening);
        }
        catch (error) {
            if (signal?.aborted)
                throw new TransportError('aborted', 'the connection was given up while it opened');
            if (limit.signal.aborted)
                throw lateness(url, choice, opening.step, connectTimeoutMs);
            throw error;
        }
        finally {
            late.cancel();
        }
    };
}
async function open(url, choice, trust, opening) {
    const isSecure = url.protocol === 'https:' || url.protocol === 'wss:';
    const isProxySecure = choice.via === 'proxy' && choice.proxy.protocol === 'https:';
    const context = isSecure || isProxySecure ? await inTime(trust(opening.signal), opening.signal) : undefined;
    const end = { host: hostOf(url), port: portOf(url) };
    const plain = choice.via === 'direct'
        ? await openTcp(end.host, end.port, opening)
        : await openByProxy(choice.proxy, end, context, opening);
    if (!isSecure)
        return plain;
    opening.step = 'TLS';
    return openTls(plain, end.host, peerOf(url, choice), context, opening.signal);
}
async function openByProxy(proxy, end, context, opening) {
    let connection;
    try {
        connection = await openTcp(proxy.host, proxy.port, opening);
        if (proxy.protocol === 'https:') {
            opening.step = 'proxy TLS';
            connection = await openTls(connection, proxy.host, `the proxy ${proxy.label}`, context, opening.signal);
        }
    }
    catch (error) {
        // The certificate of the proxy is mended like any other.
        if (error instanceof TransportError && error.kind === 'tls')
            throw error;
        throw new TransportError('proxy', `no connection to the proxy ${proxy.label}: ${networkMessageOf(error)}`);
    }
    opening.step = 'tunnel';
    return untilAborted(connection, openTunnel(connection, proxy, end), opening.signal);
}
/** Opens TCP; `opening.step` tells what hangs. */
export function openTcp(host, port, opening) {
    opening.step = isIP(host) === 0 ? 'name' : 'connection';
    const socket = connect({
        host,
        port,
        autoSelectFamily: true,
        autoSelectFamilyAttemptTimeout: FAMILY_TIMEOUT_MS,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS,
        ...(opening.lookup !== undefined && { lookup: opening.lookup }),
    });
    socket.once('lookup', () => {
        opening.step = 'connection';
    });
    return untilAborted(socket, untilReady(socket, 'connect'), opening.signal);
}
/**
 * Speaks TLS over a connection. With `mayBeAnybody` any certificate will do, to look at it: nothing may be said there.
 * @throws TransportError
 */
export async function openTls(connection, host, peer, context, signal, mayBeAnybody = false) {
    const socket = tls.connect({
        socket: connection,
        host,
        rejectUnauthorized: !mayBeAnybody,
        ALPNProtocols: ['http/1.1'],
        // No address may stand in the handshake as a name (RFC 6066, section 3).
        ...(isIP(host) === 0 && { servername: host }),
        ...(context !== undefined && { secureContext: context }),
    });
    try {
        await untilAborted(socket, untilReady(socket, 'secureConnect'), signal);
        return socket;
    }
    catch (error) {
        throw error instanceof Error ? tlsFailureOf(error, peer) : error;
    }
}
function untilReady(socket, event) {
    return new Promise((resolve, reject) => {
        // For good: between this promise and the listeners of whoever gets the socket, an error would be uncaught.
        socket.on('error', reject);
        socket.once('close', () => reject(new TransportError('reset', 'the connection closed while it opened')));
        socket.once(event, () => resolve(socket));
    });
}
/** Destroys the socket and stops waiting if the signal aborts first. */
export async function untilAborted(socket, ready, signal) {
    const abandon = () => void socket.destroy(new Error('abandoned'));
    signal.addEventListener('abort', abandon, { once: true });
    try {
        if (signal.aborted)
            abandon();
        return await ready;
    }
    finally {
        signal.removeEventListener('abort', abandon);
    }
}
/** Stops waiting if the signal aborts: reading a file from a dead mount cannot be interrupted. */
export function inTime(pending, signal) {
    return new Promise((resolve, reject) => {
        const abandon = () => reject(signal.reason);
        signal.addEventListener('abort', abandon, { once: true });
        if (signal.aborted)
            abandon();
        pending.then(resolve, reject).finally(() => signal.removeEventListener('abort', abandon));
    });
}
function peerOf(url, choice) {
    const peer = `${url.hostname}:${portOf(url)}`;
    return choice.via === 'proxy' ? `${peer} (through the proxy ${choice.proxy.label})` : peer;
}
function lateness(url, choice, step, limitMs) {
    const peer = peerOf(url, choice);
    if (choice.via === 'proxy' && step !== 'TLS' && step !== 'certificates') {
        const what = step === 'tunnel' ? 'opened no tunnel' : 'could not be reached';
        return new TransportError('proxy', `the proxy ${choice.proxy.label} ${what} within ${limitMs} ms`);
    }
    if (step === 'name')
        return new TransportError('dns', `${url.hostname} did not resolve within ${limitMs} ms`);
    if (step === 'certificates')
        return new TransportError('timeout', `the CA file was not read within ${limitMs} ms`);
    const what = step === 'TLS' ? 'TLS handshake' : 'connection';
    return new TransportError('timeout', `no ${what} with ${peer} within ${limitMs} ms`);
}
