/** Limits of one {@link Reach}. */
export interface ReachLimits {
  /** Limit for all of it, in milliseconds; at least 1. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Opens a connection to the host of a URL, as far as a request would need it: name, proxy, TCP, and TLS where the scheme
 * says so. Nothing is asked, and it is closed at once. Whether that worked; it never rejects.
 */
export type Reach = (url: string, limits: ReachLimits) => Promise<boolean>;
