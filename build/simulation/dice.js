import { seededRandom } from '../ports/index.js';
/** What chance decides, in the words of whoever asks. Every part of a simulation has dice of its own. */
export class Dice {
    #random;
    constructor(random) {
        this.#random = random;
    }
    /** Anywhere from `min` to `max`. */
    between(min, max) {
        return min + (max - min) * this.#random();
    }
    /** A whole number from `min` to `max`, both included. */
    whole(min, max) {
        return Math.floor(this.between(min, max + 1));
    }
    /** Every order of magnitude from `min` to `max` is as likely as the next: outages last seconds, minutes, hours. */
    magnitude(min, max) {
        return Math.round(min * (max / min) ** this.#random());
    }
    /** The gap to the next of independent events that come `meanMs` apart on average; at least 1, at most twenty means. */
    gapMs(meanMs) {
        return Math.max(1, Math.round(Math.min(-Math.log(1 - this.#random()), 20) * meanMs));
    }
    chance(probability) {
        return this.#random() < probability;
    }
    pick(choices) {
        return choices[Math.floor(this.#random() * choices.length)] ?? choices[0];
    }
}
/** One stream of chance of a seed. Streams do not disturb each other: one more draw here changes nothing there. */
export function streamOf(seed, name) {
    let mixed = (seed ^ 0x9e3779b9) >>> 0;
    for (const character of name)
        mixed = Math.imul(mixed ^ character.charCodeAt(0), 0x01000193) >>> 0;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b) >>> 0;
    return seededRandom(mixed ^ (mixed >>> 13));
}
