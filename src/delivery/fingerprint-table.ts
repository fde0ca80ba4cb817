/** A segment's slots, three int32 each: either half of the fingerprint, and the value. */
const INTS = 3;
const LOW = 0;
const HIGH = 1;
const VALUE = 2;
/** The value of a slot that is free. */
const FREE = 0;
const FIRST_ROOM = 8;
/** Of eight slots, six are taken before a segment grows: with more, a search passes too many that are not it. */
const FILLED = 6 / 8;
/** By the upper bits of a fingerprint's upper half: of a million entries, 16,000 move at a time. */
const SEGMENT_BITS = 6;

/**
 * Whole numbers from 1 to 2^32 - 1 by fingerprint, millions of them: 16 to 32 bytes each, side by side in typed arrays,
 * where the collector has nothing to walk. It grows by segments, so that no event waits for all of it to be moved.
 * @see Fingerprint
 */
export class FingerprintTable {
  readonly #segments = Array.from({ length: 1 << SEGMENT_BITS }, () => new Segment());
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The number, or 0 for none. */
  get(low: number, high: number): number {
    return this.#segmentOf(high).get(low, high);
  }

  set(low: number, high: number, value: number): void {
    if (this.#segmentOf(high).set(low, high, value)) this.#size += 1;
  }

  delete(low: number, high: number): void {
    if (this.#segmentOf(high).delete(low, high)) this.#size -= 1;
  }

  #segmentOf(high: number): Segment {
    return this.#segments[high >>> (32 - SEGMENT_BITS)] as Segment;
  }
}

/** Open addressing with linear probing: whatever is searched for lies behind its home slot with no free slot between. */
class Segment {
  #ints = new Int32Array(FIRST_ROOM * INTS);
  /** Slots less one. */
  #mask = FIRST_ROOM - 1;
  #size = 0;

  get(low: number, high: number): number {
    return this.#valueAt(this.#find(low, high)) >>> 0;
  }

  /** @returns Whether it is new. */
  set(low: number, high: number, value: number): boolean {
    let slot = this.#find(low, high);
    const isNew = this.#valueAt(slot) === FREE;
    if (isNew && this.#size >= (this.#mask + 1) * FILLED) {
      this.#grow();
      slot = this.#find(low, high);
    }
    this.#write(slot, low, high, value);
    if (isNew) this.#size += 1;
    return isNew;
  }

  /** @returns Whether it was there. */
  delete(low: number, high: number): boolean {
    const ints = this.#ints;
    let gap = this.#find(low, high);
    if (this.#valueAt(gap) === FREE) return false;
    this.#size -= 1;
    // Whoever is cut off from home by the gap moves into it.
    for (let slot = this.#next(gap); this.#valueAt(slot) !== FREE; slot = this.#next(slot)) {
      const home = (ints[slot * INTS + LOW] ?? 0) & this.#mask;
      if (((slot - home) & this.#mask) < ((slot - gap) & this.#mask)) continue;
      ints.copyWithin(gap * INTS, slot * INTS, (slot + 1) * INTS);
      gap = slot;
    }
    this.#write(gap, 0, 0, FREE);
    return true;
  }

  /** The slot with this fingerprint, or the free one where it would stand. */
  #find(low: number, high: number): number {
    const ints = this.#ints;
    let slot = low & this.#mask;
    while (
      ints[slot * INTS + VALUE] !== FREE &&
      (ints[slot * INTS + LOW] !== low || ints[slot * INTS + HIGH] !== high)
    ) {
      slot = this.#next(slot);
    }
    return slot;
  }

  #next(slot: number): number {
    return (slot + 1) & this.#mask;
  }

  #valueAt(slot: number): number {
    return this.#ints[slot * INTS + VALUE] ?? FREE;
  }

  #write(slot: number, low: number, high: number, value: number): void {
    const ints = this.#ints;
    ints[slot * INTS + LOW] = low;
    ints[slot * INTS + HIGH] = high;
    ints[slot * INTS + VALUE] = value;
  }

  #grow(): void {
    const former = this.#ints;
    this.#ints = new Int32Array(former.length * 2);
    this.#mask = this.#mask * 2 + 1;
    for (let from = 0; from < former.length; from += INTS) {
      const value = former[from + VALUE] ?? FREE;
      if (value === FREE) continue;
      const low = former[from + LOW] ?? 0;
      const high = former[from + HIGH] ?? 0;
      this.#write(this.#find(low, high), low, high, value);
    }
  }
}
