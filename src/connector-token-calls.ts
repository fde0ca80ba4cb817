import type { Clock } from './ports/index.js';
import type { FetchOutcome } from './token/index.js';

// With the tickets that are asked for meanwhile that makes less than two calls a minute. Whoever needs a token is not kept
// waiting by it, nor is the Connection that comes back.
const AWAY_TOKEN_MS = 240_000;

/**
 * The calls for a token, few while they are as good as hopeless. Neither room could tell alone: the Connection knows that
 * the platform is away, and the keeper of the token who waits for one.
 */
export class TokenCalls {
  readonly #clock: Clock;
  readonly #isHopeless: () => boolean;
  #askedAt = Number.NEGATIVE_INFINITY;

  /** @param isHopeless Whether the Connection finds the platform away, and nobody waits for a token. */
  constructor(clock: Clock, isHopeless: () => boolean) {
    this.#clock = clock;
    this.#isHopeless = isHopeless;
  }

  /** What `ask` gives; while it is hopeless and was asked lately a failure without any call. */
  async make(ask: () => Promise<FetchOutcome>): Promise<FetchOutcome> {
    const now = this.#clock.now();
    const isEarly = now < this.#askedAt + AWAY_TOKEN_MS;
    if (isEarly && this.#isHopeless()) {
      const detail = 'not asked: the connection finds the platform away, and nobody waits for a token';
      return { failure: 'token_unreachable', detail, retryAfterMs: null };
    }
    this.#askedAt = now;
    return ask();
  }
}
