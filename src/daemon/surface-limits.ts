import type { Socket } from 'node:net';
import type { Clock } from '../ports/index.js';
import { networkOf } from './client-network.js';

/** What one surface takes at most. What is said of an address holds for its network where that is of IPv6, see {@link networkOf}. */
export interface SurfaceLimits {
  /** Connections at once; beyond, the one that has been idle longest makes room. */
  readonly connections: number;
  /** Of these from one address, so that nobody alone can push out the others. */
  readonly connectionsPerAddress: number;
  /** Answers under way at once, those for anyone not counted: what nobody reads waits in memory. */
  readonly answers: number;
  readonly answersPerAddress: number;
  /** Wrong credentials from one address in a minute; beyond, none of its are compared until that is over. */
  readonly wrongCredentials: number;
  /** Requests over one connection. */
  readonly requestsPerConnection: number;
  /** Bytes of a request's line and headers together. */
  readonly headerBytes: number;
  /** Bytes of a request's target. */
  readonly targetBytes: number;
  /** Bytes of a body; nothing here needs one. */
  readonly bodyBytes: number;
  /** For the headers of a request, from its first byte or the connection's begin. */
  readonly headersMs: number;
  /** For a whole request. */
  readonly requestMs: number;
  /** For a whole answer, from its request until its last byte was taken: slow readers are cut off. */
  readonly answerMs: number;
  /** A connection on which nothing moves. */
  readonly silenceMs: number;
  /** An idle connection between two requests. */
  readonly keepAliveMs: number;
  /** How often requests are looked at for being late. */
  readonly lookEveryMs: number;
}

export const SURFACE_LIMITS: SurfaceLimits = Object.freeze({
  connections: 100, // a few scrapers, probes and browsers; more is a leak or an attack
  connectionsPerAddress: 50,
  answers: 32,
  answersPerAddress: 16,
  wrongCredentials: 20, // a scraper with an old password makes 4 to 12; a list of passwords has millions
  requestsPerConnection: 10_000,
  headerBytes: 16_384, // Node's own default
  targetBytes: 8_192, // an event id is whatever the platform says, and may be escaped
  bodyBytes: 1_024,
  headersMs: 5_000,
  requestMs: 10_000,
  answerMs: 30_000, // a scrape of a large registry over a slow line
  silenceMs: 30_000,
  keepAliveMs: 75_000, // above usual scrape intervals, so that a scraper keeps its connection
  lookEveryMs: 1_000,
});

/** Counts what is under way, in all and for each address. */
class Shares {
  readonly #most: number;
  readonly #mostPerAddress: number;
  readonly #counts = new Map<string, number>();
  #total = 0;

  constructor(most: number, mostPerAddress: number) {
    this.#most = most;
    this.#mostPerAddress = mostPerAddress;
  }

  /** @returns Gives the share back; null if there is none left. */
  take(address: string): (() => void) | null {
    const count = this.#counts.get(address) ?? 0;
    if (this.#total >= this.#most || count >= this.#mostPerAddress) return null;
    this.#total += 1;
    this.#counts.set(address, count + 1);
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      this.#total -= 1;
      const left = (this.#counts.get(address) ?? 1) - 1;
      if (left === 0) this.#counts.delete(address);
      else this.#counts.set(address, left);
    };
  }
}

/** One answer that is under way. */
interface Answering {
  readonly socket: Socket;
  /** Calls back once the answer is over, whichever way; never, for one that was still queued when its connection ended. */
  onClose(listener: () => void): void;
}

/** Takes a share for an answer. @returns Whether it may be given: false without a share, and where nobody waits for it. */
export type TakeShare = () => boolean;

/** Cuts off answers that are not taken in time, and tells those beyond the limits. */
export class AnswerWatch {
  readonly #shares: Shares;
  readonly #answerMs: number;
  readonly #clock: Clock;
  /** What is to be ended with each connection: one listener for however many answers it asks for at once. */
  readonly #ofSocket = new WeakMap<Socket, Set<() => void>>();

  constructor(limits: SurfaceLimits, clock: Clock) {
    this.#shares = new Shares(limits.answers, limits.answersPerAddress);
    this.#answerMs = limits.answerMs;
    this.#clock = clock;
  }

  /** Watches one from its request on; it holds no share until it takes one. */
  begin({ socket, onClose }: Answering, onCut: () => void): TakeShare {
    const ends = this.#endsOf(socket);
    let giveBack = (): void => {};
    let isOver = false;
    const end = (): void => {
      isOver = true;
      ends.delete(end);
      late.cancel();
      giveBack();
    };
    const late = this.#clock.timer(this.#answerMs, () => {
      onCut();
      socket.destroy();
      end();
    });
    ends.add(end);
    onClose(end);
    return () => {
      const share = isOver ? null : this.#shares.take(networkOf(addressOf(socket)));
      if (share !== null) giveBack = share;
      return share !== null;
    };
  }

  #endsOf(socket: Socket): Set<() => void> {
    const known = this.#ofSocket.get(socket);
    if (known !== undefined) return known;
    const ends = new Set<() => void>();
    this.#ofSocket.set(socket, ends);
    socket.once('close', () => {
      for (const end of ends) end();
    });
    return ends;
  }
}

/** Empty for a Unix socket, whose callers share everything but the connection. */
export function addressOf(socket: Socket): string {
  return socket.remoteAddress ?? '';
}
