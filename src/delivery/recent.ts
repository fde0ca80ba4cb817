import { type InLine, Line } from './line.js';

/** Bounds of a {@link Recent}. */
export interface RecentLimits {
  /** Entries kept at most; the oldest makes room. At least 1. */
  readonly maxCount: number;
  /** Milliseconds an entry is kept after it was last set. */
  readonly maxAgeMs: number;
}

/**
 * A class, since V8 watches where literals are made: those that live long it makes in the old generation from the start,
 * and then an event that an entry held for a moment outlives it. That was measured as two fifths of what an event cost.
 */
class Entry<Value> implements InLine<Entry<Value>> {
  readonly key: string;
  value: Value;
  /** Infinity while it is held: it is not in line then. */
  setAt = Number.POSITIVE_INFINITY;
  earlier: Entry<Value> | null = null;
  later: Entry<Value> | null = null;

  constructor(key: string, value: Value) {
    this.key = key;
    this.value = value;
  }

  get isHeld(): boolean {
    return this.setAt === Number.POSITIVE_INFINITY;
  }
}

/**
 * A map that forgets: what is too old, and the oldest when it is full; but never what is held. Every operation costs
 * O(1), forgetting amortised. `now` is monotonic milliseconds and must not run backwards.
 */
export class Recent<Value> {
  readonly #limits: RecentLimits;
  readonly #entries = new Map<string, Entry<Value>>();
  readonly #line = new Line<Entry<Value>>();

  constructor(limits: RecentLimits) {
    this.#limits = limits;
  }

  /** Entries, without those that are held. */
  get size(): number {
    return this.#line.size;
  }

  get(key: string, now: number): Value | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined || this.#isTooOld(entry, now) ? undefined : entry.value;
  }

  /** Sets the value and keeps it until it is set again or deleted. */
  hold(key: string, value: Value): void {
    const entry = this.#entryOf(key, value);
    if (!entry.isHeld) this.#line.remove(entry);
    entry.setAt = Number.POSITIVE_INFINITY;
  }

  /** Sets the value, as the newest entry, and forgets what has to go. */
  set(key: string, value: Value, now: number): void {
    const entry = this.#entryOf(key, value);
    if (!entry.isHeld) this.#line.remove(entry);
    entry.setAt = now;
    this.#line.push(entry);
    this.#forget(now);
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.#drop(entry);
  }

  /** The entry with this value; a new one is held. */
  #entryOf(key: string, value: Value): Entry<Value> {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      known.value = value;
      return known;
    }
    const entry = new Entry(key, value);
    this.#entries.set(key, entry);
    return entry;
  }

  #drop(entry: Entry<Value>): void {
    this.#entries.delete(entry.key);
    if (!entry.isHeld) this.#line.remove(entry);
  }

  #forget(now: number): void {
    let oldest = this.#line.first;
    while (oldest !== null && (this.#line.size > this.#limits.maxCount || this.#isTooOld(oldest, now))) {
      this.#drop(oldest);
      oldest = this.#line.first;
    }
  }

  #isTooOld(entry: Entry<Value>, now: number): boolean {
    return now - entry.setAt > this.#limits.maxAgeMs;
  }
}
