/**
 * Deleted entries that keep their place, besides as many as there are others. V8 halves the table of a Map as it empties
 * and doubles it as it fills: what comes in bursts paid more for that than for all else that is done with a Map.
 */
const PLACES_KEPT = 128;

/** A Map that holds the newest entries only: what is remembered about an unbounded stream must be bounded. */
export class BoundedMap<Key, Value extends NonNullable<unknown>> {
  /** Undefined for what was deleted. */
  #entries = new Map<Key, Value | undefined>();
  #deletedCount = 0;
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
    return this.#entries.size - this.#deletedCount;
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  /** Sets an entry and makes it the newest. */
  set(key: Key, value: Value): void {
    const { size } = this.#entries;
    const former = this.#entries.get(key);
    this.#entries.set(key, value);
    if (this.#entries.size === size) {
      // It has, or had, a place among the older ones.
      this.#entries.delete(key);
      this.#entries.set(key, value);
      if (former === undefined) this.#deletedCount -= 1;
    }
    if (this.size > this.#capacity) this.#evictOldest();
  }

  /** Oldest first. Delete none while you go through them. */
  values(): Iterable<Value> {
    this.#sweep();
    return this.#entries.values() as Iterable<Value>;
  }

  /** @param only Left alone is an entry that has another value by now. Default: whatever it has. */
  delete(key: Key, only?: Value): void {
    const value = this.#entries.get(key);
    if (value === undefined || (only !== undefined && value !== only)) return;
    this.#entries.set(key, undefined);
    this.#deletedCount += 1;
    if (this.#deletedCount > PLACES_KEPT + this.size) this.#sweep();
  }

  /** Empties it, and hands out what was in it, oldest first. */
  drain(): Value[] {
    const values = [...this.values()];
    this.#entries.clear();
    return values;
  }

  #evictOldest(): void {
    for (const [key, value] of this.#entries) {
      this.#entries.delete(key);
      if (value !== undefined) {
        this.#evicted(value, key);
        return;
      }
      this.#deletedCount -= 1;
    }
  }

  #sweep(): void {
    const entries = new Map<Key, Value | undefined>();
    for (const [key, value] of this.#entries) if (value !== undefined) entries.set(key, value);
    this.#entries = entries;
    this.#deletedCount = 0;
  }
}
