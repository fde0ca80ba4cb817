import { type Dial, type Http, HttpError } from '../../src/ports/index.js';

/** The network parts of a process that went bad: what they open fails, until they are made anew, or for ever. */
export interface PoisonedParts {
  readonly http: Http;
  readonly dial: Dial;
  readonly refreshParts: () => void;
  /** How often they were made anew. */
  readonly generation: number;
  /** From now on everything fails, or the socket alone. `forEver`: fresh parts are as bad as the old ones. */
  poison(what: 'everything' | 'sockets', how: 'until fresh' | 'for ever'): void;
}

export function poisonedParts(healthy: { readonly http: Http; readonly dial: Dial }): PoisonedParts {
  let generation = 0;
  let poisoned: { readonly what: 'everything' | 'sockets'; readonly how: 'until fresh' | 'for ever' } | null = null;
  return {
    http: (request) =>
      poisoned?.what === 'everything'
        ? Promise.reject(new HttpError('reset', `${request.route}: read ECONNRESET`))
        : healthy.http(request),
    dial: (url, listener) => {
      if (poisoned === null) return healthy.dial(url, listener);
      queueMicrotask(() => listener.closed({ how: 'failed', error: 'reset', message: 'read ECONNRESET' }));
      return { send: () => false, ping: () => false, close: () => {}, terminate: () => {} };
    },
    refreshParts: () => {
      generation += 1;
      if (poisoned?.how === 'until fresh') poisoned = null;
    },
    get generation() {
      return generation;
    },
    poison: (what, how) => {
      poisoned = { what, how };
    },
  };
}
