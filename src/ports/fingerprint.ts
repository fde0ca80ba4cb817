/**
 * 64 bits that stand for a string: the same for the same, and for two different ones the same once in 10^19 times. For ids
 * that the platform makes: whoever may choose the strings can find two alike, so it is no guard against malice. Journals
 * hold them, so they stay what they are.
 *
 * One object is used over and over, as it is asked several times for every event: {@link of} leaves the two halves in
 * `low` and `high`.
 */
export class Fingerprint {
  /** Of the string that {@link of} was last given, as int32. */
  low = 0;
  high = 0;
  #text: string | null = null;

  /**
   * Two mixers side by side, each of its own multiplier and rotation, since multiplying carries a difference upwards only,
   * and rotating brings it down again; in the end either half is stirred into the other (the constants are those of
   * MurmurHash3's finalizer and the golden ratio's).
   */
  of(text: string): void {
    // An event that is news is looked for and then put, one right after the other.
    if (text === this.#text) return;
    this.#text = text;
    const { length } = text;
    let low = length;
    let high = ~length;
    // Two characters at a time. The last one may be alone: beyond the end is NaN, which counts as 0, and the length is known.
    for (let index = 0; index < length; index += 2) {
      const unit = text.charCodeAt(index) | (text.charCodeAt(index + 1) << 16);
      low = Math.imul(low ^ unit, 0x9e3779b1);
      low = (low << 13) | (low >>> 19);
      high = Math.imul(high ^ unit, 0x85ebca6b);
      high = (high << 17) | (high >>> 15);
    }
    low = Math.imul(low ^ (high >>> 16), 0x85ebca6b);
    high = Math.imul(high ^ (low >>> 13), 0xc2b2ae35);
    this.low = low ^ (high >>> 16);
    this.high = high ^ (this.low >>> 13);
  }
}
