/** What can stand in a {@link Line}, in one at a time. Both are the line's own affair, and null to begin with. */
export interface InLine<Self> {
  earlier: Self | null;
  later: Self | null;
}

/**
 * Items in the order in which they came, of which any may leave. Every operation costs O(1). A Map has an order too, but
 * to ask it for its first key walks over all that were deleted before it since it last grew, which was measured as 55 µs
 * for each eviction from 100,000 entries.
 */
export class Line<Item extends InLine<Item>> {
  #first: Item | null = null;
  #last: Item | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The one that came first, or null. */
  get first(): Item | null {
    return this.#first;
  }

  push(item: Item): void {
    item.earlier = this.#last;
    if (this.#last === null) this.#first = item;
    else this.#last.later = item;
    this.#last = item;
    this.#size += 1;
  }

  /** For an item that stands in this line. */
  remove(item: Item): void {
    const { earlier, later } = item;
    if (earlier === null) this.#first = later;
    else earlier.later = later;
    if (later === null) this.#last = earlier;
    else later.earlier = earlier;
    // What has left must hold nobody back: to the collector an old item makes the later ones old as well.
    item.earlier = null;
    item.later = null;
    this.#size -= 1;
  }

  /** Whoever stands in it now, the first one first: a copy, so that any may leave meanwhile. */
  items(): Item[] {
    const items: Item[] = [];
    for (let item = this.#first; item !== null; item = item.later) items.push(item);
    return items;
  }
}
