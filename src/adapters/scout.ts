import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import type { Exploration, PeerSeen, Route, Scout, StepSeen, TlsSeen } from '../ports/index.js';
import { chainOf, isPublicChain, namesIn } from './certificate-chain.js';
import { networkErrorOf, networkMessageOf, type TransportError } from './network-error.js';
import { explainedProxyFor, hostOf, type ProxyServer, portOf } from './proxy.js';
import { systemClock } from './system-clock.js';
import { tlsFailureOf } from './tls-failure.js';
import { inTime, openTcp, openTls, type TransportOptions, untilAborted } from './transport.js';
import { createTrust, type Trust } from './trust.js';
import { openTunnel } from './tunnel.js';

/**
 * A {@link Scout} that goes the way of every other connection: the same proxies, resolver and authorities.
 * @throws RangeError if `ca` holds no certificate.
 */
export function createScout(options: TransportOptions = {}): Scout {
  const trust = createTrust(options);
  const choose = (url: URL) =>
    explainedProxyFor(url, options.proxy ?? 'environment', options.environment ?? process.env);
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

function routeOf({ choice, why }: ReturnType<typeof explainedProxyFor>): Route {
  switch (choice.via) {
    case 'direct':
      return { via: 'direct', why };
    case 'proxy':
      return { via: 'proxy', proxy: choice.proxy.label, why };
    case 'nowhere':
      return { via: 'nowhere', why: choice.reason };
  }
}

class Walk implements Exploration {
  readonly route: Route;
  readonly host: string;
  readonly isSecure: boolean;
  readonly #target: URL;
  readonly #proxy: ProxyServer | null;
  readonly #trust: Trust;
  readonly #lookup: LookupFunction;
  readonly #timer: NonNullable<TransportOptions['timer']>;
  #found: Parameters<Parameters<LookupFunction>[2]>[1] = [];
  #connection: Socket | null = null;

  constructor(target: URL, route: Route, proxy: ProxyServer | null, trust: Trust, options: TransportOptions) {
    this.#target = target;
    this.route = route;
    this.#proxy = proxy;
    this.host = proxy?.host ?? hostOf(target);
    this.isSecure = target.protocol === 'https:' || target.protocol === 'wss:';
    this.#trust = trust;
    this.#lookup = options.lookup ?? systemLookup;
    this.#timer = options.timer ?? systemClock.timer;
  }

  resolve(limitMs: number): Promise<StepSeen<readonly string[]>> {
    const { host } = this;
    return this.#step(limitMs, `${host} did not resolve`, 'dns', async (signal) => {
      const family = isIP(host);
      // A resolver that hangs cannot be called back; nobody waits for it.
      const found = family === 0 ? await inTime(this.#ask(host), signal) : [{ address: host, family }];
      this.#found = found;
      return found.map(({ address }) => address);
    });
  }

  connect(limitMs: number): Promise<StepSeen<PeerSeen>> {
    const { host } = this;
    const port = this.#proxy?.port ?? portOf(this.#target);
    return this.#step(limitMs, `no connection to ${host}:${port}`, 'timeout', async (signal) => {
      // What was resolved before is what is tried now: the name was the step before.
      const lookup: LookupFunction = (_host, { all }, done) => {
        const [first] = this.#found as readonly { readonly address: string; readonly family: number }[];
        if (all === true) done(null, this.#found);
        else done(null, first?.address ?? '', first?.family);
      };
      const socket = await openTcp(host, port, { signal, lookup, step: 'connection' });
      this.#connection = socket;
      return { address: socket.remoteAddress ?? host, port };
    });
  }

  tunnel(limitMs: number): Promise<StepSeen<null>> {
    const proxy = this.#proxy;
    if (proxy === null) throw new TypeError('this way leads by no proxy');
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

  secure(limitMs: number): Promise<StepSeen<TlsSeen>> {
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

  close(): void {
    this.#connection?.destroy();
    this.#connection = null;
  }

  #held(): Socket {
    if (this.#connection === null) throw new TypeError('a step was made before the one that it needs');
    return this.#connection;
  }

  #ask(host: string): Promise<{ address: string; family: number }[]> {
    return new Promise((resolve, reject) => {
      this.#lookup(host, { all: true }, (error, found) => {
        if (error) reject(error);
        else resolve(Array.isArray(found) ? found : [{ address: found, family: isIP(found) }]);
      });
    });
  }

  /** @param late What did not come in time, and what kind of failure that is. */
  async #step<Seen>(
    limitMs: number,
    late: string,
    error: 'timeout' | 'dns' | 'proxy',
    take: (signal: AbortSignal) => Promise<Seen>,
  ): Promise<StepSeen<Seen>> {
    const limit = new AbortController();
    const timer = this.#timer(limitMs, () => limit.abort());
    const startedAt = systemClock.now();
    const tookMs = () => systemClock.now() - startedAt;
    try {
      return { ok: true, seen: await take(limit.signal), tookMs: tookMs() };
    } catch (thrown) {
      if (limit.signal.aborted) return { ok: false, error, detail: `${late} within ${limitMs} ms`, tookMs: tookMs() };
      if (thrown instanceof TypeError) throw thrown;
      return { ok: false, error: networkErrorOf(thrown), detail: networkMessageOf(thrown), tookMs: tookMs() };
    } finally {
      timer.cancel();
    }
  }
}

/** Node keeps the code alone, though its types say that it is an Error. */
function distrustOf(error: unknown, peer: string): NonNullable<TlsSeen['distrust']> {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  const failure: TransportError = tlsFailureOf(Object.assign(new Error(code), { code }), peer);
  return { code, detail: failure.message };
}
