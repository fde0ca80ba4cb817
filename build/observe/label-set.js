/** The label sets of one metric, each kept as long as a series has it. */
export class LabelSets {
    #names;
    #known = new Map();
    /** @param names Of the labels besides `app`, in the catalogue's order. */
    constructor(names) {
        this.#names = names;
    }
    /** The set that was taken for these values; undefined if none was. */
    find(values) {
        return this.#known.get(this.#keyOf(values))?.labels;
    }
    take(values) {
        const key = this.#keyOf(values);
        const known = this.#known.get(key);
        if (known !== undefined) {
            known.uses += 1;
            return known.labels;
        }
        const own = Object.fromEntries(this.#names.map((name) => [name, `${values[name]}`]));
        const labels = { key, values: own, text: labelsText(own) };
        this.#known.set(key, { labels, uses: 1 });
        return labels;
    }
    release({ key }) {
        const known = this.#known.get(key);
        if (known === undefined)
            return;
        known.uses -= 1;
        if (known.uses === 0)
            this.#known.delete(key);
    }
    #keyOf(values) {
        let key = '';
        for (const name of this.#names)
            key += `${values[name]}\u0000`;
        return key;
    }
}
/** Labels as both formats write them. */
export function labelsText(labels) {
    return Object.entries(labels)
        .map(([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`)
        .join(',');
}
/** Text of a help line or a label's value, on one line. */
export function escaped(text) {
    return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
