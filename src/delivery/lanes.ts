import { Fifo } from './fifo.js';

/** What has to keep its order: items of one key, of which the first is at work, waits for its turn, or is held. */
export class Lane<Item> {
  /** Null: a lane of one item that keeps no order with any other. */
  readonly key: string | null;
  readonly items = new Fifo<Item>();
  state: 'ready' | 'running' | 'held' = 'ready';

  constructor(key: string | null) {
    this.key = key;
  }
}

/**
 * Order per key, concurrency across keys. Pure: it says what may run next and starts nothing.
 *
 * Only the first item of a lane ever runs, and the next one's turn comes when it has passed. A held lane takes no slot:
 * one that waits for its retry delays those behind it and nobody else. Ready lanes take turns, so that a busy chat does
 * not starve the others.
 */
export class Lanes<Item> {
  readonly #slots: number;
  readonly #byKey = new Map<string, Lane<Item>>();
  readonly #ready = new Fifo<Lane<Item>>();
  #runningCount = 0;
  #size = 0;

  /** @param slots Lanes that may run at the same time, at least 1. */
  constructor(slots: number) {
    this.#slots = slots;
  }

  /** Items in all lanes. */
  get size(): number {
    return this.#size;
  }

  get runningCount(): number {
    return this.#runningCount;
  }

  add(key: string | null, item: Item): void {
    this.#size += 1;
    const known = key === null ? undefined : this.#byKey.get(key);
    if (known !== undefined) {
      known.items.push(item);
      return;
    }
    const lane = new Lane<Item>(key);
    lane.items.push(item);
    if (key !== null) this.#byKey.set(key, lane);
    this.#ready.push(lane);
  }

  /** The lane whose first item is to run now; it holds a slot until {@link hold} or {@link pass}. Null: none may. */
  next(): Lane<Item> | null {
    if (this.#runningCount >= this.#slots) return null;
    const lane = this.#ready.shift();
    if (lane === null) return null;
    lane.state = 'running';
    this.#runningCount += 1;
    return lane;
  }

  /** The first item stays the first, and does not run before {@link resume}. */
  hold(lane: Lane<Item>): void {
    this.#leave(lane);
    lane.state = 'held';
  }

  /** A held lane lines up again. Does nothing for any other. */
  resume(lane: Lane<Item>): void {
    if (lane.state !== 'held') return;
    lane.state = 'ready';
    this.#ready.push(lane);
  }

  /** The first item of a running or held lane is done with; the next one's turn comes. */
  pass(lane: Lane<Item>): void {
    this.#leave(lane);
    lane.items.shift();
    this.#size -= 1;
    if (lane.items.size > 0) {
      lane.state = 'ready';
      this.#ready.push(lane);
    } else if (lane.key !== null) {
      this.#byKey.delete(lane.key);
    }
  }

  #leave(lane: Lane<Item>): void {
    if (lane.state === 'running') this.#runningCount -= 1;
  }
}
