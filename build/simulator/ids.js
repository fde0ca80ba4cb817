/** Identifiers in the platform's shapes, drawn from a seed so that a run can be repeated to the letter. */
export class Ids {
    #random;
    constructor(random) {
        this.#random = random;
    }
    /** `length` lower-case hexadecimal digits. */
    hex(length) {
        return this.#draw(length, 16);
    }
    /** `length` decimal digits, the first not 0. */
    digits(length) {
        return String(1 + Math.floor(this.#random() * 9)) + this.#draw(length - 1, 10);
    }
    /** In the shape of a version 4 UUID. */
    uuid() {
        return `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-8${this.hex(3)}-${this.hex(12)}`;
    }
    /** An open platform id such as `om_` and 32 digits. */
    prefixed(prefix) {
        return `${prefix}_${this.hex(32)}`;
    }
    #draw(length, base) {
        let text = '';
        for (let index = 0; index < length; index++)
            text += Math.floor(this.#random() * base).toString(base);
        return text;
    }
}
