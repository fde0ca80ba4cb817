import { createHash } from 'node:crypto';
import { RecentMap } from '../observe/index.js';
import type { Clock } from '../ports/index.js';

/** How long wrong credentials are counted together, in milliseconds. */
export const GUESSES_WITHIN_MS = 60_000;
/** Networks that are remembered; whoever has more of them is slowed down by what one connection costs. */
const NETWORKS_KEPT = 4_096;
/** Of one network: a scraper, an operator and a page come through one proxy, and each has its own. */
const KNOWN_KEPT = 4;

interface Guesser {
  /** On the monotonic clock, when the count began. */
  readonly since: number;
  /** Wrong ones, and those of which nobody knows yet. */
  readonly count: number;
  /** Digests of what let somebody in from there, the latest first: whoever knows one is not kept out by a neighbour who guesses. */
  readonly known: readonly string[];
}

/** To be told whether the credentials were right, or null where they could not be compared. */
export type SettleGuess = (isRight: boolean | null) => void;

/** Counts wrong credentials by network, so that passwords cannot be tried by the thousand. */
export class Guesses {
  readonly #most: number;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #guessers = new RecentMap<string, Guesser>(NETWORKS_KEPT);

  /** @param most In one minute, from one network. */
  constructor(most: number, clock: Pick<Clock, 'now'>) {
    this.#most = most;
    this.#clock = clock;
  }

  /**
   * Asks for one comparison. It counts from now on: whoever sends a thousand at once is let in with no more of them.
   * @returns How long nothing from this network is compared, in milliseconds, or what is to be told of the outcome.
   */
  begin(network: string, authorization: string): number | SettleGuess {
    const now = this.#clock.now();
    const { since, count, known } = this.#guesserOf(network, now);
    const digest = digestOf(authorization);
    if (count >= this.#most && !known.includes(digest)) return since + GUESSES_WITHIN_MS - now;
    this.#guessers.set(network, { since, count: count + 1, known });
    return (isRight) => {
      if (isRight === false) return;
      const guesser = this.#guesserOf(network, this.#clock.now());
      this.#guessers.set(network, {
        since: guesser.since,
        // What was begun in the minute before is forgotten already.
        count: guesser.since === since ? Math.max(0, guesser.count - 1) : guesser.count,
        known: isRight ? withLatest(guesser.known, digest) : guesser.known,
      });
    };
  }

  #guesserOf(network: string, now: number): Guesser {
    const guesser = this.#guessers.get(network);
    const isOver = guesser === undefined || guesser.since + GUESSES_WITHIN_MS <= now;
    return isOver ? { since: now, count: 0, known: guesser?.known ?? [] } : guesser;
  }
}

function withLatest(known: readonly string[], digest: string): readonly string[] {
  if (known[0] === digest) return known;
  return [digest, ...known.filter((each) => each !== digest)].slice(0, KNOWN_KEPT);
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
