/** What a decision may depend on besides its state and its input. */
export interface World {
  /** Monotonic milliseconds. */
  readonly now: number;
  /** One draw in [0, 1). */
  readonly random: number;
}
