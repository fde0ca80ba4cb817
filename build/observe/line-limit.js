/** Lines of one kind within a window; the rest is counted. */
const LINES_PER_WINDOW = 5;
const WINDOW_MS = 60_000;
/**
 * Keeps a flood out of the log without hiding it: of each kind some lines a minute pass, and at the minute's end one
 * more tells how many did not. Kinds come from closed lists; so the number of windows is bounded.
 */
export class LineLimit {
    #clock;
    #summarize;
    #windows = new Map();
    /** @param summarize Tells of the lines of a kind that were suppressed, at least 1. */
    constructor(clock, summarize) {
        this.#clock = clock;
        this.#summarize = summarize;
    }
    /** Whether one more line of this kind may be written now. */
    admits(kind) {
        const window = this.#windows.get(kind) ?? this.#open(kind);
        if (window.lines < LINES_PER_WINDOW) {
            window.lines += 1;
            return true;
        }
        window.suppressed += 1;
        return false;
    }
    /** Closes all windows now: their timers end, and what was suppressed is told. */
    flush() {
        for (const kind of [...this.#windows.keys()])
            this.#close(kind);
    }
    #open(kind) {
        const window = { lines: 0, suppressed: 0, timer: this.#clock.timer(WINDOW_MS, () => this.#close(kind)) };
        this.#windows.set(kind, window);
        return window;
    }
    #close(kind) {
        const window = this.#windows.get(kind);
        if (window === undefined)
            return;
        this.#windows.delete(kind);
        window.timer.cancel();
        if (window.suppressed > 0)
            this.#summarize(kind, window.suppressed);
    }
}
