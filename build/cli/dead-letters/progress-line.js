/** Often enough to be seen moving, and no more than a terminal takes. */
const EVERY_MS = 100;
/** One line on a terminal that says how far it is, written over itself; nothing at all where nobody watches. */
export class ProgressLine {
    #face;
    #isSilent;
    #shown = 0;
    #shownAt = Number.NEGATIVE_INFINITY;
    constructor(face, isSilent) {
        this.#face = face;
        this.#isSilent = isSilent || !face.isTty;
    }
    show(text) {
        const now = this.#face.clock.now();
        if (this.#isSilent || now - this.#shownAt < EVERY_MS)
            return;
        this.#shownAt = now;
        // Spaces and no escape codes: those may be unwanted, and this works everywhere.
        this.#face.stderr.write(`\r${text.padEnd(this.#shown)}`);
        this.#shown = text.length;
    }
    clear() {
        if (this.#shown === 0)
            return;
        this.#face.stderr.write(`\r${' '.repeat(this.#shown)}\r`);
        this.#shown = 0;
    }
}
