import { type Clock, type Dial, type Http, HttpError, type NetworkError, type Reach } from '../ports/index.js';

/** What the network between us and the platform does to everything that is asked: it fails like this, or says nothing. */
export type Blockade = Extract<NetworkError, 'tls' | 'proxy'> | 'silence';

interface Outside {
  readonly http: Http;
  readonly dial: Dial;
  readonly reach: Reach;
}

/** Troubles between the connector and a platform that is well: what the platform's own faults cannot show. */
export class Barrier implements Outside {
  blockade: Blockade | null = null;
  readonly #clock: Clock;
  readonly #outside: Outside;
  readonly #delayMs: number;

  /** @param delayMs What it takes until a failure is known. */
  constructor(clock: Clock, outside: Outside, delayMs: number) {
    this.#clock = clock;
    this.#outside = outside;
    this.#delayMs = delayMs;
  }

  readonly http: Http = (request) => {
    const { blockade } = this;
    if (blockade === null) return this.#outside.http(request);
    return new Promise((_resolve, reject) => {
      const fail = (kind: NetworkError): void => {
        timer.cancel();
        request.signal?.removeEventListener('abort', abort);
        reject(new HttpError(kind, `${request.method} ${request.route}: ${kind}`));
      };
      const abort = (): void => fail('aborted');
      const timer =
        blockade === 'silence'
          ? this.#clock.timer(request.timeoutMs, () => fail('timeout'))
          : this.#clock.timer(this.#delayMs, () => fail(blockade));
      request.signal?.addEventListener('abort', abort);
    });
  };

  readonly dial: Dial = (url, listener) => {
    const { blockade } = this;
    if (blockade === null) return this.#outside.dial(url, listener);
    let isOver = false;
    const end = (error: NetworkError): void => {
      if (isOver) return;
      isOver = true;
      listener.closed({ how: 'failed', error, message: error });
    };
    if (blockade !== 'silence') this.#clock.timer(this.#delayMs, () => end(blockade));
    const giveUp = (): void => void this.#clock.timer(0, () => end('aborted'));
    return { send: () => false, ping: () => false, close: giveUp, terminate: giveUp };
  };

  readonly reach: Reach = (url, limits) => {
    const { blockade } = this;
    if (blockade === null) return this.#outside.reach(url, limits);
    const tookMs = blockade === 'silence' ? limits.timeoutMs : this.#delayMs;
    return new Promise((resolve) => {
      const timer = this.#clock.timer(tookMs, () => resolve(false));
      const abort = (): void => {
        timer.cancel();
        resolve(false);
      };
      limits.signal.addEventListener('abort', abort, { once: true });
    });
  };
}
