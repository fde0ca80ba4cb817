import type { NetworkError } from './http.js';

/** The way that connections to a URL take, and why that one. Free of credentials. */
export type Route =
  | { readonly via: 'direct'; readonly why: string }
  | {
      readonly via: 'proxy';
      /** The proxy's URL without its credentials. */
      readonly proxy: string;
      readonly why: string;
    }
  /** A proxy is wanted that cannot be used. */
  | { readonly via: 'nowhere'; readonly why: string };

/** What a step of the way came to. Texts are for people, and free of secrets. */
export type StepSeen<Seen> =
  | { readonly ok: true; readonly seen: Seen; readonly tookMs: number }
  | { readonly ok: false; readonly error: NetworkError; readonly detail: string; readonly tookMs: number };

/** Where a TCP connection ended up. */
export interface PeerSeen {
  readonly address: string;
  readonly port: number;
}

/** One certificate of a chain. */
export interface CertificateSeen {
  /** Its common name, or what else it is called by. */
  readonly subject: string;
  readonly issuer: string;
  /** Epoch milliseconds. */
  readonly validFrom: number;
  readonly validTo: number;
}

/** What a TLS handshake showed, trusted or not. */
export interface TlsSeen {
  /** Such as `TLSv1.3`. */
  readonly protocol: string;
  /** From the server's own to the authority's, as far as it is known. */
  readonly chain: readonly CertificateSeen[];
  /** The names that the server's own certificate is for. */
  readonly names: readonly string[];
  /** Why it is not trusted; null if it is. A code of OpenSSL or Node, such as `CERT_HAS_EXPIRED`, and its meaning. */
  readonly distrust: { readonly code: string; readonly detail: string } | null;
  /** Whether the authority at the end of the chain is one that everybody trusts; null if that end is not known. */
  readonly isPublic: boolean | null;
}

/** One walk towards a host, step by step, each step once and in this order. Nothing is asked of the host. */
export interface Exploration {
  readonly route: Route;
  /** Who is connected to: the host itself, or the proxy. */
  readonly host: string;
  /** Whether TLS is spoken with the host. */
  readonly isSecure: boolean;
  /** @returns The addresses; an address is its own. */
  resolve(limitMs: number): Promise<StepSeen<readonly string[]>>;
  connect(limitMs: number): Promise<StepSeen<PeerSeen>>;
  /** TLS with an https proxy included. Only where the route leads by a proxy. */
  tunnel(limitMs: number): Promise<StepSeen<null>>;
  /** Whatever certificate is presented: judging it is the caller's. */
  secure(limitMs: number): Promise<StepSeen<TlsSeen>>;
  /** Lets go of the connection. */
  close(): void;
}

/** Looks at the way to hosts, by the same rules as every other connection. No method throws or rejects. */
export interface Scout {
  explore(url: string): Exploration;
  routeOf(url: string): Route;
}
