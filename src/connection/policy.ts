import { type Backoff, checkBackoff } from '../ports/index.js';

/** Every limit of the connection room, in milliseconds. */
export interface ConnectionPolicy {
  /** Deadline for the Ticket. */
  readonly discoveryTimeoutMs: number;
  /** Deadline for the WebSocket handshake, name resolution and TLS included. */
  readonly dialTimeoutMs: number;
  /** Deadline from the 101 to the first pong. */
  readonly proofTimeoutMs: number;
  /** Waits between attempts while the failure mends itself. */
  readonly backoff: Backoff;
  /** Waits between attempts while the failure needs a human. */
  readonly slowLane: Backoff;
  /** The first retry after a stable Session comes within this time, uniformly spread. */
  readonly quickRetryMs: number;
  /** How long a Connection must last before it counts as stable: it ends the Outage and earns a fresh budget. */
  readonly stableAfterMs: number;
  /** Pause between RFC 6455 pings. The protocol's own ping follows the platform's pace instead. */
  readonly heartbeatMs: number;
  /** How long the oldest unanswered ping may be out before the Connection is suspect. */
  readonly answerTimeoutMs: number;
  /** How long a suspect Connection has to answer the pings that ask again. */
  readonly suspicionMs: number;
  /** A tick later than this means that our own loop was blocked or asleep, and excuses the peer. */
  readonly lateAfterMs: number;
  /** What a peer is given after our own lateness, to let us read what it had sent. */
  readonly lateGraceMs: number;
  /** Pauses between waits that Evidence cuts short: they grow while the attempts that it starts are in vain. */
  readonly evidencePause: Backoff;
  /** Spread of attempts that Evidence starts which many apps get in the same instant: not what our own looks find. */
  readonly evidenceJitterMs: number;
  /**
   * Pause between two probes of the ticket endpoint during an Outage, on average; a sixteenth more by chance. It also sets
   * how many there may be within a minute. While probes see the Outage, attempts take turns with them instead of waiting
   * for as long as the backoff says.
   */
  readonly lookMs: number;
  /** Limit for one probe. */
  readonly lookTimeoutMs: number;
  /** Least pause between two looks at whether a host that was out of reach opens connections again; a quarter more by chance. */
  readonly reachMs: number;
  /** Limit for one of those. */
  readonly reachTimeoutMs: number;
  /** For so many failures in a row there is an attempt for each probe, then one for every three. */
  readonly eagerFailures: number;
  /** An attempt whose discovery is silent for so long is made anew if a probe is answered meanwhile. */
  readonly stuckAfterMs: number;
  /** After so many failures in a row the network parts are made anew: agents, pools and name lookups. */
  readonly freshPartsAfterFailures: number;
  /** Budget of the closing handshake on stop; then the transport is destroyed. */
  readonly closeTimeoutMs: number;
  /** With several connections: least pause between the attempts of two standbys. */
  readonly standbyPauseMs: number;
  /** With several connections: pause between attempts that all standbys together may make for ever. */
  readonly standbyEveryMs: number;
}

/** The limits and waits that hold where the option says nothing. Each has its reason beside it. */
export const DEFAULT_CONNECTION_POLICY: ConnectionPolicy = Object.freeze<ConnectionPolicy>({
  discoveryTimeoutMs: 15_000, // what the official SDK gives the same call
  dialTimeoutMs: 15_000, // three SYN retransmissions (1 + 2 + 4 s) and a slow TLS handshake fit in; a black hole does not hold us longer
  proofTimeoutMs: 10_000, // one round trip; a gateway that takes longer does not serve
  backoff: { initialMs: 1_000, maxMs: 300_000, factor: 2, jitter: 'full' },
  slowLane: { initialMs: 30_000, maxMs: 300_000, factor: 2, jitter: 'equal' }, // secrets are rotated and apps get published: minutes matter, seconds do not
  quickRetryMs: 2_000, // a kick or a rolling restart: back at once, but not all clients in one instant
  stableAfterMs: 25_000, // kicks come at multiples of 30 s of age: one that comes on time is no flapping, and the next retry is quick
  heartbeatMs: 20_000, // what one official client's library sends in production; under the 30 to 120 s after which idle paths get cut
  answerTimeoutMs: 15_000, // TCP needs up to 15 s to get a byte through 3 % loss and four retransmissions; 3 s killed healthy links in the field
  suspicionMs: 10_000, // with the two above a half-open socket is given up after 45 s at the latest, whatever pace the platform sets
  lateAfterMs: 1_000, // far above timer jitter, far below every deadline here
  lateGraceMs: 5_000,
  evidencePause: { initialMs: 5_000, maxMs: 120_000, factor: 2, jitter: 'none' }, // hope alone costs one attempt in two minutes at most
  evidenceJitterMs: 1_000,
  lookMs: 10_000, // at most six a minute, without credentials: it spends no quota, and the platform hardly notices
  lookTimeoutMs: 5_000,
  reachMs: 3_500, // a name, a SYN, a TLS handshake that fails: next to nothing for a host that is not there to do more
  reachTimeoutMs: 3_200, // two SYN retransmissions (1 + 2 s) fit in, and it is over before the next
  eagerFailures: 90, // a quarter of an hour where attempts fail at once: most outages are over by then
  stuckAfterMs: 3_000, // a platform that answers a probe answers within that; TCP would try a dead connection for minutes
  freshPartsAfterFailures: 5, // half a minute into an outage: one report of a client that only a restart could help is one too many
  closeTimeoutMs: 2_000, // a live peer answers a close frame in one round trip
  standbyPauseMs: 5_000, // nobody waits for a standby while another connection is proven: ten of them are up within a minute
  standbyEveryMs: 60_000, // where standbys never stay they cost one attempt a minute, however many there are
});

/** Longest time from the last answer to giving up an open socket. */
export function silenceLimitMs(policy: ConnectionPolicy): number {
  return policy.heartbeatMs + policy.answerTimeoutMs + policy.suspicionMs;
}

/** The longest wait between two attempts, on either lane. */
export function longestWaitMs(policy: ConnectionPolicy): number {
  const longest = (backoff: Backoff) => (backoff.scheduleMs ? Math.max(...backoff.scheduleMs) : backoff.maxMs);
  return Math.max(longest(policy.backoff), longest(policy.slowLane));
}

/**
 * The defaults with what the caller changed.
 * @throws RangeError naming the option, its bound and its value.
 */
export function resolveConnectionPolicy(changes: Partial<ConnectionPolicy> = {}): ConnectionPolicy {
  const policy: ConnectionPolicy = { ...DEFAULT_CONNECTION_POLICY, ...changes };
  const { backoff, slowLane, evidencePause, ...limits } = policy;
  for (const [name, value] of Object.entries(limits)) {
    // A day is longer than any of these can sensibly be; it catches seconds and dates given by mistake.
    const unit = name.endsWith('Ms') ? ' (milliseconds)' : '';
    if (!Number.isFinite(value) || value < 1 || value > 86_400_000) {
      throw new RangeError(`connection.${name} must be between 1 and 86400000${unit}, got ${value}`);
    }
  }
  checkBackoff('connection.backoff', backoff);
  checkBackoff('connection.slowLane', slowLane);
  checkBackoff('connection.evidencePause', evidencePause);
  return Object.freeze(policy);
}
