import type { PlatformTime } from './platform-time.js';

/** What the platform counts. */
export const TRAFFIC_KINDS = [
  'discovery',
  'token',
  'api',
  'handshake',
  'opened',
  'closed',
  'ping',
  'websocket_ping',
  'push',
  'ack',
  'bad_frame',
] as const;
export type TrafficKind = (typeof TRAFFIC_KINDS)[number];

/** One thing that the platform saw. */
export interface TrafficEntry {
  /** Monotonic milliseconds. */
  readonly at: number;
  /** Milliseconds since the epoch, by the platform's clock. */
  readonly wallAt: number;
  /** Null if the app could not be told. */
  readonly appId: string | null;
  /** What came of it, in a word: `ok`, a code, a path. Never a secret. */
  readonly outcome: string;
}

/** Entries kept per kind. The counts go on for ever. */
const KEPT = 1000;

/** Counts everything that clients do to the platform, and remembers the latest of each kind. */
export class Traffic {
  readonly #time: PlatformTime;
  readonly #counts = new Map<TrafficKind, number>();
  readonly #rings = new Map<TrafficKind, TrafficEntry[]>();

  constructor(time: PlatformTime) {
    this.#time = time;
  }

  record(kind: TrafficKind, appId: string | null, outcome: string): void {
    const count = this.count(kind);
    const ring = this.#rings.get(kind) ?? [];
    ring[count % KEPT] = { at: this.#time.now(), wallAt: this.#time.wallNow(), appId, outcome };
    this.#rings.set(kind, ring);
    this.#counts.set(kind, count + 1);
  }

  /** How often it happened since the start. */
  count(kind: TrafficKind): number {
    return this.#counts.get(kind) ?? 0;
  }

  /** The latest 1000, oldest first. */
  recent(kind: TrafficKind): readonly TrafficEntry[] {
    const ring = this.#rings.get(kind) ?? [];
    const start = ring.length < KEPT ? 0 : this.count(kind) % KEPT;
    return [...ring.slice(start), ...ring.slice(0, start)];
  }

  get counts(): Readonly<Record<TrafficKind, number>> {
    return Object.fromEntries(TRAFFIC_KINDS.map((kind) => [kind, this.count(kind)])) as Record<TrafficKind, number>;
  }
}
