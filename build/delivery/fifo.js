/** First in, first out. Every operation costs O(1), which `Array.shift` of a long array does not. */
export class Fifo {
    #first = null;
    #last = null;
    #size = 0;
    get size() {
        return this.#size;
    }
    /** The one that comes out next, or null. */
    get first() {
        return this.#first?.item ?? null;
    }
    push(item) {
        const link = { item, next: null };
        if (this.#last === null)
            this.#first = link;
        else
            this.#last.next = link;
        this.#last = link;
        this.#size += 1;
    }
    shift() {
        const link = this.#first;
        if (link === null)
            return null;
        this.#first = link.next;
        if (link.next === null)
            this.#last = null;
        this.#size -= 1;
        return link.item;
    }
}
