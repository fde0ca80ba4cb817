/** The platform's `ClientConfig`, validated and in our units. Hints for pacing, never permission to stop. */
export interface Pacing {
  /** Pause between protocol pings, in milliseconds. */
  readonly pingIntervalMs: number;
  /** Attempts the platform suggests; negative: without end. Kept for `status`; it never ends our retrying. */
  readonly reconnectCount: number;
  /** Pause between attempts that the platform suggests, in milliseconds. */
  readonly reconnectIntervalMs: number;
  /** Upper bound of the random wait before a first attempt that the platform suggests, in milliseconds. */
  readonly reconnectNonceMs: number;
}
