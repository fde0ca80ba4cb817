import { lookup as systemLookup } from 'node:dns';
import { isIP } from 'node:net';
import { chainOf, isPublicChain, namesIn } from './certificate-chain.js';
import { networkErrorOf, networkMessageOf } from './network-error.js';
import { explainedProxyFor, hostOf, portOf } from './proxy.js';
import { systemClock } from './system-clock.js';
import { tlsFailureOf } from './tls-failure.js';
import { inTime, openTcp, openTls, untilAborted } from './transport.js';
import { createTrust } from './trust.js';
import { openTunnel } from './tunnel.js';
/**
 * A {@link Scout} that goes the way of every other connection: the same proxies, resolver and authorities.
 * @throws RangeError if `ca` holds no certificate.
 */
export function createScout(options = {}) {
    const trust = createTrust(options);
    const choose = (url) => explainedProxyFor(url, options.proxy ?? 'environment', options.environment ?? process.env);
    return {
        routeOf: (url) => routeOf(choose(new URL(url))),
        explore(url) {
            const target = new URL(url);
            const { choice, why } = choose(target);
            const proxy = choice.via === 'proxy' ? choice.proxy : null;
            return new Walk(target, routeOf({ choice, why }), proxy, trust, options);
        },
    };
}
function routeOf({ choice, why }) {
    switch (choice.via) {
        case 'direct':
            return { via: 'direct', why };
        case 'proxy':
            return { via: 'proxy', proxy: choice.proxy.label, why };
        case 'nowhere':
            return { via: 'nowhere', why: choice.reason };
    }
}
class Walk {
    route;
    host;
    isSecure;
    #target;
    #proxy;
    #trust;
    #lookup;
    #timer;
    #found = [];
    #connection = null;
    constructor(target, route, proxy, trust, options) {
        this.#target = target;
        this.route = route;
        this.#proxy = proxy;
        this.host = proxy?.host ?? hostOf(target);
        this.isSecure = target.protocol === 'https:' || target.protocol === 'wss:';
        this.#trust = trust;
        this.#lookup = options.lookup ?? systemLookup;
        this.#timer = options.timer ?? systemClock.timer;
    }
    resolve(limitMs) {
        const { host } = this;
        return this.#step(limitMs, `${host} did not resolve`, 'dns', async (signal) => {
            const family = isIP(host);
            // A resolver that hangs cannot be called back; nobody waits for it.
            const found = family === 0 ? await inTime(this.#ask(host), signal) : [{ address: host, family }];
            this.#found = found;
            return found.map(({ address }) => address);
        });
    }
    connect(limitMs) {
        const { host } = this;
        const port = this.#proxy?.port ?? portOf(this.#target);
        return this.#step(limitMs, `no connection to ${host}:${port}`, 'timeout', async (signal) => {
            // What was resolved before is what is tried now: the name was the step before.
            const lookup = (_host, { all }, done) => {
                const [first] = this.#found;
                if (all === true)
                    done(null, this.#found);
                else
                    done(null, first?.address ?? '', first?.family);
            };
            const socket = await openTcp(host, port, { signal, lookup, step: 'connection' });
            this.#connection = socket;
            return { address: socket.remoteAddress ?? host, port };
        });
    }
    tunnel(limitMs) {
        const proxy = this.#proxy;
        if (proxy === null)
            throw new TypeError('this way leads by no proxy');
        return this.#step(limitMs, `the proxy ${proxy.label} opened no tunnel`, 'proxy', async (signal) => {
            let connection = this.#held();
            if (proxy.protocol === 'https:') {
                const context = await inTime(this.#trust(signal), signal);
                connection = await openTls(connection, proxy.host, `the proxy ${proxy.label}`, context, signal);
                this.#connection = connection;
            }
            const end = { host: hostOf(this.#target), port: portOf(this.#target) };
            this.#connection = await untilAborted(connection, openTunnel(connection, proxy, end), signal);
            return null;
        });
    }
    secure(limitMs) {
        const host = hostOf(this.#target);
        const peer = `${this.#target.hostname}:${portOf(this.#target)}`;
        return this.#step(limitMs, `no TLS handshake with ${peer}`, 'timeout', async (signal) => {
            const context = await inTime(this.#trust(signal), signal);
            const socket = await openTls(this.#held(), host, peer, context, signal, true);
            this.#connection = socket;
            const leaf = socket.getPeerCertificate(true);
            return {
                protocol: socket.getProtocol() ?? 'unknown',
                chain: chainOf(leaf),
                names: namesIn(leaf),
                distrust: socket.authorized ? null : distrustOf(socket.authorizationError, peer),
                isPublic: isPublicChain(leaf),
            };
        });
    }
    close() {
        this.#connection?.destroy();
        this.#connection = null;
    }
    #held() {
        if (this.#connection === null)
            throw new TypeError('a step was made before the one that it needs');
        return this.#connection;
    }
    #ask(host) {
        return new Promise((resolve, reject) => {
            this.#lookup(host, { all: true }, (error, found) => {
                if (error)
                    reject(error);
                else
                    resolve(Array.isArray(found) ? found : [{ address: found, family: isIP(found) }]);
            });
        });
    }
    /** @param late What did not come in time, and what kind of failure that is. */
    async #step(limitMs, late, error, take) {
        const limit = new AbortController();
        const timer = this.#timer(limitMs, () => limit.abort());
        const startedAt = systemClock.now();
        const tookMs = () => systemClock.now() - startedAt;
        try {
            return { ok: true, seen: await take(limit.signal), tookMs: tookMs() };
        }
        catch (thrown) {
            if (limit.signal.aborted)
                return { ok: false, error, detail: `${late} within ${limitMs} ms`, tookMs: tookMs() };
            if (thrown instanceof TypeError)
                throw thrown;
            return { ok: false, error: networkErrorOf(thrown), detail: networkMessageOf(thrown), tookMs: tookMs() };
        }
        finally {
            timer.cancel();
        }
    }
}
/** Node keeps the code alone, though its types say that it is an Error. */
function distrustOf(error, peer) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const failure = tlsFailureOf(Object.assign(new Error(code), { code }), peer);
    return { code, detail: failure.message };
}
