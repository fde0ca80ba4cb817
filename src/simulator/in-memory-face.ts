import { type Dial, type Http, type Random, type Reach, seededRandom } from '../ports/index.js';
import { inMemoryHttp } from './in-memory-http.js';
import { inMemoryReach } from './in-memory-reach.js';
import { InMemorySocket } from './in-memory-socket.js';
import type { Platform } from './platform.js';

/** The network between a client and the platform. */
export interface LinkOptions {
  /** One way, in milliseconds; default 5. */
  readonly latencyMs?: number;
  /** Up to this much more, drawn for each message; default 0. Order is kept, as in TCP. */
  readonly jitterMs?: number;
  /** For the jitter; default a seed of its own, so that it changes nothing about the platform's choices. */
  readonly random?: Random;
  /** A larger message ends the socket with `too_large`, as the real dialer does; default 8 MiB. */
  readonly maxMessageBytes?: number;
}

/** A resolved {@link LinkOptions}. */
export interface Link {
  /** The way of one message, in milliseconds. */
  delayMs(): number;
  readonly maxMessageBytes: number;
}

/**
 * The ports `Http`, `Dial` and `Reach`, wired to a Platform without any I/O, on the platform's clock. Any base URL will do, such as
 * `http://platform.invalid`. Any number of clients may share one face.
 */
export function inMemoryFace(
  platform: Platform,
  options: LinkOptions = {},
): { readonly http: Http; readonly dial: Dial; readonly reach: Reach } {
  const { latencyMs = 5, jitterMs = 0, random = seededRandom(2), maxMessageBytes = 8 * 1024 * 1024 } = options;
  const link: Link = {
    delayMs: () => latencyMs + (jitterMs === 0 ? 0 : jitterMs * random()),
    maxMessageBytes,
  };
  return {
    http: inMemoryHttp(platform, link),
    dial: (url, listener) => new InMemorySocket(platform, link, url, listener),
    reach: inMemoryReach(platform, link),
  };
}
