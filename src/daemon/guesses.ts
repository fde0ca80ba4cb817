import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { RecentMap } from '../observe/index.js';
import type { Clock } from '../ports/index.js';

/** How long wrong credentials are counted together, in milliseconds. */
export const GUESSES_WITHIN_MS = 60_000;
/** Addresses that are remembered; whoever has more of them is slowed down by what one connection costs. */
const ADDRESSES_KEPT = 4_096;

interface Guesser {
  /** On the monotonic clock, when the count began. */
  readonly since: number;
  readonly count: number;
  /** Digest of what let somebody in from there last: whoever knows it is not kept out by a neighbour who guesses. */
  readonly known: string | null;
}

/** Counts wrong credentials by address, so that passwords cannot be tried by the thousand. */
export class Guesses {
  readonly #most: number;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #guessers = new RecentMap<string, Guesser>(ADDRESSES_KEPT);

  /** @param most In one minute, from one address; of IPv6, from one network of 64 bits. */
  constructor(most: number, clock: Pick<Clock, 'now'>) {
    this.#most = most;
    this.#clock = clock;
  }

  /** How long nothing from this address is compared with a secret, in milliseconds; 0 for what may be. */
  waitMs(address: string, authorization: string): number {
    const guesser = this.#guessers.get(networkOf(address));
    if (guesser === undefined || guesser.count < this.#most || guesser.known === digestOf(authorization)) return 0;
    return Math.max(0, guesser.since + GUESSES_WITHIN_MS - this.#clock.now());
  }

  /** Takes note of what was compared. */
  compared(address: string, authorization: string, isRight: boolean): void {
    const network = networkOf(address);
    const now = this.#clock.now();
    const before = this.#guessers.get(network);
    const isOver = before === undefined || before.since + GUESSES_WITHIN_MS <= now;
    this.#guessers.set(network, {
      since: isOver ? now : before.since,
      count: (isOver ? 0 : before.count) + (isRight ? 0 : 1),
      known: isRight ? digestOf(authorization) : (before?.known ?? null),
    });
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

/** Whoever has one address of IPv6 has the 2^64 beside it. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.includes('.')) return address;
  const [head = '', tail] = address.split('::');
  const first = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? [] : Array<string>(8).fill('0');
  return [...first, ...missing].slice(0, 4).join(':');
}
