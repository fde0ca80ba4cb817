import { FingerprintTable } from './fingerprint-table.js';
import type { Ids } from './ids.js';
import { Line } from './line.js';
import type { Unfinished } from './unfinished.js';

/** All unfinished events, in the order in which they came, and by what they are known by. */
export class UnfinishedSet {
  readonly #line = new Line<Unfinished>();
  readonly #slots: (Unfinished | null)[] = [];
  readonly #freeSlots: number[] = [];
  /** Slots by id, counted from 1. Of two events with an id in common it leads to the first. */
  readonly #slotOf = new FingerprintTable();

  get size(): number {
    return this.#line.size;
  }

  has(unfinished: Unfinished): boolean {
    return this.#slots[unfinished.slot] === unfinished;
  }

  /** The one that any of these ids belongs to. */
  find(ids: Ids): Unfinished | null {
    for (let at = 0; at < ids.length; at += 2) {
      const slot = this.#slotOf.get(ids[at] ?? 0, ids[at + 1] ?? 0);
      if (slot > 0) return this.#slots[slot - 1] ?? null;
    }
    return null;
  }

  add(unfinished: Unfinished): void {
    const slot = this.#freeSlots.pop() ?? this.#slots.length;
    unfinished.slot = slot;
    this.#slots[slot] = unfinished;
    this.#line.push(unfinished);
    const { ids } = unfinished;
    for (let at = 0; at < ids.length; at += 2) {
      const [low, high] = [ids[at] ?? 0, ids[at + 1] ?? 0];
      if (this.#slotOf.get(low, high) === 0) this.#slotOf.set(low, high, slot + 1);
    }
  }

  delete(unfinished: Unfinished): boolean {
    if (!this.has(unfinished)) return false;
    const { ids, slot } = unfinished;
    this.#slots[slot] = null;
    this.#freeSlots.push(slot);
    this.#line.remove(unfinished);
    for (let at = 0; at < ids.length; at += 2) {
      const [low, high] = [ids[at] ?? 0, ids[at + 1] ?? 0];
      if (this.#slotOf.get(low, high) === slot + 1) this.#slotOf.delete(low, high);
    }
    return true;
  }

  clear(): void {
    for (const unfinished of this.#line.items()) this.delete(unfinished);
  }

  oldest(): Unfinished | null {
    return this.#line.first;
  }
}
