/** A Map that holds the newest entries only: what is remembered about an unbounded stream must be bounded. */
export class BoundedMap<Key, Value> {
  readonly #entries = new Map<Key, Value>();
  readonly #capacity: number;
  readonly #evicted: (value: Value, key: Key) => void;

  /**
   * @param capacity Entries kept; at least 1.
   * @param evicted Called with an entry that had to go; not for {@link delete}.
   */
  constructor(capacity: number, evicted: (value: Value, key: Key) => void = () => {}) {
    this.#capacity = capacity;
    this.#evicted = evicted;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  /** Sets an entry and makes it the newest. */
  set(key: Key, value: Value): void {
    const entries = this.#entries;
    const { size } = entries;
    entries.set(key, value);
    if (entries.size === size) {
      // It was there, and stands where it stood.
      entries.delete(key);
      entries.set(key, value);
      return;
    }
    if (size < this.#capacity) return;
    for (const [oldest, evictedValue] of this.#entries) {
      this.#entries.delete(oldest);
      this.#evicted(evictedValue, oldest);
      return;
    }
  }

  /** Oldest first. */
  values(): Iterable<Value> {
    return this.#entries.values();
  }

  delete(key: Key): void {
    this.#entries.delete(key);
  }

  /** Empties it, and hands out what was in it, oldest first. */
  drain(): Value[] {
    const values = [...this.#entries.values()];
    this.#entries.clear();
    return values;
  }
}
