/** Limits of one question to the resolver. */
export interface ResolveLimits {
  /** Limit for all of it, in milliseconds; at least 1. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What can be seen of the network from this machine without asking the platform. No method throws or rejects. */
export interface Surroundings {
  /** The addresses of this machine that may lead out, each with its interface, in a fixed order. Costs next to nothing. */
  addresses(): readonly string[];
  /** The addresses of a host by DNS, in no order, asked anew each time; none if it does not resolve in time. */
  resolve(host: string, limits: ResolveLimits): Promise<readonly string[]>;
}
