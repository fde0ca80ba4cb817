import type { Random } from '../ports/index.js';

/** Identifiers in the platform's shapes, drawn from a seed so that a run can be repeated to the letter. */
export class Ids {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** `length` lower-case hexadecimal digits. */
  hex(length: number): string {
    return this.#draw(length, 16);
  }

  /** `length` decimal digits, the first not 0. */
  digits(length: number): string {
    return String(1 + Math.floor(this.#random() * 9)) + this.#draw(length - 1, 10);
  }

  /** In the shape of a version 4 UUID. */
  uuid(): string {
    return `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-8${this.hex(3)}-${this.hex(12)}`;
  }

  /** An open platform id such as `om_` and 32 digits. */
  prefixed(prefix: string): string {
    return `${prefix}_${this.hex(32)}`;
  }

  #draw(length: number, base: number): string {
    let text = '';
    for (let index = 0; index < length; index++) text += Math.floor(this.#random() * base).toString(base);
    return text;
  }
}
