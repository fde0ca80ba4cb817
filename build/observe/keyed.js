/** The cells of one metric by the value of the label that they differ in: a closed list, known from the start. */
export class Keyed {
    #cells;
    #onUnknown;
    /** @param onUnknown Told of a value that is not on the list. */
    constructor(values, take, onUnknown) {
        this.#cells = new Map(values.map((value) => [value, take(value)]));
        this.#onUnknown = onUnknown;
    }
    /** Undefined, and told of, for a value that is not on the list: the types rule it out, what they were told may not. */
    of(value) {
        const cell = this.#cells.get(value);
        if (cell === undefined)
            this.#onUnknown();
        return cell;
    }
}
