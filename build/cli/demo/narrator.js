import { writeLine } from '../face.js';
import { secondsOf } from './figures.js';
export const VOICES = ['harm', 'loss', 'back', 'fact', 'log', 'mail'];
const MARKS = { harm: '✂', loss: '✘', back: '✔', fact: ' ', log: '›', mail: '✉' };
const COLOURS = { harm: 33, loss: 31, back: 32, fact: 0, log: 90, mail: 35 };
/** Tells a story as it happens: one line per thing, with the seconds since the start. */
export class Narrator {
    #clock;
    #out;
    #isColoured;
    #startedAt;
    constructor(clock, out, isColoured) {
        this.#clock = clock;
        this.#out = out;
        this.#isColoured = isColoured;
        this.#startedAt = clock.now();
    }
    /** Milliseconds since the start. */
    get elapsedMs() {
        return this.#clock.now() - this.#startedAt;
    }
    chapter(title) {
        this.plain('');
        this.plain(this.#isColoured ? `\u001b[1m${title}\u001b[0m` : title);
    }
    say(voice, text) {
        const at = `${secondsOf(this.elapsedMs).toFixed(1)} s`.padStart(7);
        const line = `${MARKS[voice]} ${text}`;
        this.plain(`${at} ${this.#isColoured ? `\u001b[${COLOURS[voice]}m${line}\u001b[0m` : line}`);
    }
    plain(text) {
        writeLine(this.#out, text);
    }
}
/** The connector's fixed lines with the fields that matter to a reader; null for lines that are not part of the story. */
export function readableLog(line) {
    const { msg, outage_s, attempts, failure, detail, session_s } = JSON.parse(line);
    if (typeof msg !== 'string' || !/^\[feishu\] (connected|disconnected|reconnected)$/.test(msg))
        return null;
    const fields = { outage_s, attempts, failure, session_s, detail };
    const told = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
    return [msg, ...told].join(' ');
}
