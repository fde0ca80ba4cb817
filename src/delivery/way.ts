import type { EventArrival } from './arrival.js';

/** What is known of an event that arrives. */
export type Known =
  /** Nothing, but for the runs that failed. */
  | { readonly is: 'news'; readonly attempts: number }
  | { readonly is: 'in_flight' }
  /** `answer` is the JSON that went into the ack, null if there was none or it is forgotten. */
  | { readonly is: 'finished'; readonly answer: string | null };

/** What happens to an event after it was let in: one of two, see {@link MemoryWay} and {@link JournalWay}. */
export interface Way {
  /** Unfinished deliveries. */
  readonly depth: number;
  /** Arrival of the oldest, milliseconds since the epoch; 0 if there is none. */
  readonly oldestWallAt: number;
  readonly abandonedCount: number;
  /** What a stop waits for. */
  readonly busyCount: number;
  /** True of the very moment. `now` is monotonic milliseconds. */
  recall(eventId: string, contentKeys: readonly string[], now: number): Known;
  /** Why there is no room for one more, or null. */
  refusal(): string | null;
  /** Takes an event that is news. The payload is copied, if it is needed, before this returns. */
  take(arrival: EventArrival, payload: Uint8Array, attempts: number): void;
  /** Takes a copy of one that is in flight. */
  attach(arrival: EventArrival): void;
  /** Begins nothing from now on. What runs may finish. */
  drain(): void;
  /** Aborts what runs. {@link busyCount} counts down to 0 in this call. */
  giveUp(): void;
}
