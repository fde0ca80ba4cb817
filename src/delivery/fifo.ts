/** A class, see `Change`: links of a queue that is never empty for long would be made where they are hardly collected. */
class Link<Item> {
  readonly item: Item;
  next: Link<Item> | null = null;

  constructor(item: Item) {
    this.item = item;
  }
}

/** First in, first out. Every operation costs O(1), which `Array.shift` of a long array does not. */
export class Fifo<Item> {
  #first: Link<Item> | null = null;
  #last: Link<Item> | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The one that comes out next, or null. */
  get first(): Item | null {
    return this.#first?.item ?? null;
  }

  push(item: Item): void {
    const link = new Link(item);
    if (this.#last === null) this.#first = link;
    else this.#last.next = link;
    this.#last = link;
    this.#size += 1;
  }

  shift(): Item | null {
    const link = this.#first;
    if (link === null) return null;
    this.#first = link.next;
    if (link.next === null) this.#last = null;
    // What has left must hold nobody back: to the collector an old link makes all that come after it old as well.
    link.next = null;
    this.#size -= 1;
    return link.item;
  }
}
