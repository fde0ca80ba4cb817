import { Fingerprint } from './fingerprint.js';

/** Bounds of a {@link Recent}. */
export interface RecentLimits {
  /** Entries kept at most; for one too many the oldest make room, a sixty-fourth of all at once. At least 1. */
  readonly maxCount: number;
  /** Milliseconds an entry is kept after it was last set. */
  readonly maxAgeMs: number;
}

/** No entry: the first place of all is never given away. */
const NONE = 0;
const FIRST_ROOM = 16;

// An entry is 32 bytes in one buffer: eight int32, of which the last two are one float64.
const INTS = 8;
const LOW = 0;
const HIGH = 1;
/** The next entry of the same bucket; of a free place, the next free one. */
const NEXT = 2;
const EARLIER = 3;
const LATER = 4;
const TIMES = INTS / 2;
const SET_AT = 3;

/** When an entry was set that is held: it is not in line then. */
const HELD = Number.POSITIVE_INFINITY;

/**
 * A map that forgets: what is too old, and the oldest when it is full; but never what is held. Every operation costs
 * O(1), forgetting and growing amortised. `now` is monotonic milliseconds and must not run backwards.
 *
 * It keeps the {@link Fingerprint} of a key and not the key, and its entries lie side by side in typed arrays: 50 to 90 bytes
 * an entry whatever its key, a lookup touches two places of memory, and the collector has nothing to walk through. A Map
 * of a hundred thousand ids was measured as a fifth of what an event cost. The price: a new key is taken for a known one
 * once in 2^64 divided by the number of entries, 10^14 for a hundred thousand.
 */
export class Recent<Value> {
  readonly #limits: RecentLimits;
  readonly #key = new Fingerprint();
  /** Places there are, a power of two. */
  #room = FIRST_ROOM;
  #ints = new Int32Array(FIRST_ROOM * INTS);
  #times = new Float64Array(this.#ints.buffer);
  #values: (Value | undefined)[] = [undefined];
  /** By the low bits of fingerprints, two for each place. */
  #buckets = new Int32Array(FIRST_ROOM * 2);
  #free = NONE;
  /** The line, from the oldest entry to the newest. */
  #first = NONE;
  #last = NONE;
  #size = 0;

  constructor(limits: RecentLimits) {
    this.#limits = limits;
  }

  /** Entries, without those that are held. */
  get size(): number {
    return this.#size;
  }

  get(key: string, now: number): Value | undefined {
    const entry = this.#find(key);
    return entry === NONE || this.#isTooOld(entry, now) ? undefined : this.#values[entry];
  }

  /** Sets the value and keeps it until it is set again or deleted. */
  hold(key: string, value: Value): void {
    this.#put(key, value, HELD);
  }

  /** Sets the value, as the newest entry, and forgets what has to go. */
  set(key: string, value: Value, now: number): void {
    this.#push(this.#put(key, value, now));
    this.#forget(now);
  }

  delete(key: string): void {
    const entry = this.#find(key);
    if (entry !== NONE) this.#drop(entry);
  }

  /** Leaves the key's fingerprint in `#key`. */
  #find(key: string): number {
    this.#key.of(key);
    const { low, high } = this.#key;
    const ints = this.#ints;
    let entry = this.#buckets[this.#bucketOf(low)] ?? NONE;
    while (entry !== NONE && (ints[entry * INTS + LOW] !== low || ints[entry * INTS + HIGH] !== high)) {
      entry = ints[entry * INTS + NEXT] ?? NONE;
    }
    return entry;
  }

  /** The entry with this value, out of line. */
  #put(key: string, value: Value, setAt: number): number {
    const known = this.#find(key);
    if (known !== NONE && this.#times[known * TIMES + SET_AT] !== HELD) this.#leave(known);
    const entry = known === NONE ? this.#add() : known;
    this.#values[entry] = value;
    this.#times[entry * TIMES + SET_AT] = setAt;
    return entry;
  }

  /** A new entry, for the fingerprint in `#key`. */
  #add(): number {
    const { low, high } = this.#key;
    const entry = this.#takePlace();
    const bucket = this.#bucketOf(low);
    const ints = this.#ints;
    ints[entry * INTS + LOW] = low;
    ints[entry * INTS + HIGH] = high;
    ints[entry * INTS + NEXT] = this.#buckets[bucket] ?? NONE;
    this.#buckets[bucket] = entry;
    return entry;
  }

  #drop(entry: number): void {
    if (this.#times[entry * TIMES + SET_AT] !== HELD) this.#leave(entry);
    const ints = this.#ints;
    const next = ints[entry * INTS + NEXT] ?? NONE;
    const bucket = this.#bucketOf(ints[entry * INTS + LOW] ?? 0);
    let before = this.#buckets[bucket] ?? NONE;
    if (before === entry) {
      this.#buckets[bucket] = next;
    } else {
      while (ints[before * INTS + NEXT] !== entry) before = ints[before * INTS + NEXT] ?? NONE;
      ints[before * INTS + NEXT] = next;
    }
    this.#values[entry] = undefined;
    ints[entry * INTS + NEXT] = this.#free;
    this.#free = entry;
  }

  /**
   * To make room is to look at places that nobody has looked at for long, which takes the processor longer than all else
   * that is done here; but many such looks, one after the other, go on side by side.
   */
  #forget(now: number): void {
    const { maxCount } = this.#limits;
    if (this.#size > maxCount) while (this.#size > maxCount - (maxCount >>> 6)) this.#drop(this.#first);
    while (this.#first !== NONE && this.#isTooOld(this.#first, now)) this.#drop(this.#first);
  }

  #isTooOld(entry: number, now: number): boolean {
    return now - (this.#times[entry * TIMES + SET_AT] ?? HELD) > this.#limits.maxAgeMs;
  }

  #push(entry: number): void {
    const ints = this.#ints;
    ints[entry * INTS + EARLIER] = this.#last;
    ints[entry * INTS + LATER] = NONE;
    if (this.#last === NONE) this.#first = entry;
    else ints[this.#last * INTS + LATER] = entry;
    this.#last = entry;
    this.#size += 1;
  }

  /** For an entry that stands in line. */
  #leave(entry: number): void {
    const ints = this.#ints;
    const earlier = ints[entry * INTS + EARLIER] ?? NONE;
    const later = ints[entry * INTS + LATER] ?? NONE;
    if (earlier === NONE) this.#first = later;
    else ints[earlier * INTS + LATER] = later;
    if (later === NONE) this.#last = earlier;
    else ints[later * INTS + EARLIER] = earlier;
    this.#size -= 1;
  }

  #bucketOf(low: number): number {
    return low & (this.#buckets.length - 1);
  }

  #takePlace(): number {
    const free = this.#free;
    if (free !== NONE) {
      this.#free = this.#ints[free * INTS + NEXT] ?? NONE;
      return free;
    }
    if (this.#values.length === this.#room) this.#grow();
    return this.#values.push(undefined) - 1;
  }

  #grow(): void {
    this.#room *= 2;
    const ints = new Int32Array(this.#room * INTS);
    ints.set(this.#ints);
    this.#ints = ints;
    this.#times = new Float64Array(ints.buffer);
    this.#buckets = new Int32Array(this.#room * 2);
    for (let entry = 1; entry < this.#values.length; entry += 1) {
      const bucket = this.#bucketOf(ints[entry * INTS + LOW] ?? 0);
      ints[entry * INTS + NEXT] = this.#buckets[bucket] ?? NONE;
      this.#buckets[bucket] = entry;
    }
  }
}
