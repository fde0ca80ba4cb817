/**
 * An event that we cause ourselves, to see it come: proof from end to end. Opt-in, as it costs calls and needs a place
 * where it disturbs nobody.
 */
export interface Canary<Event = CanaryEvent> {
  /**
   * Makes the platform push an event to this app.
   * @param signal Aborts when the connector stops or the deadline passes.
   * @returns A marker by which {@link sees} tells this canary from an earlier one. Never empty.
   * @throws Whatever kept it from being caused: that says nothing about the connection.
   */
  cause(signal: AbortSignal): Promise<string>;
  /** Whether this event is the canary of that marker. Must be quick: every event is asked about while one is out. */
  sees(event: Event, marker: string): boolean;
}

/** What a canary is looked for in. Any event of the delivery room fits. */
export interface CanaryEvent {
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** When canaries fly. */
export interface CanarySchedule {
  /** Pause between two, in milliseconds; at least a minute. Each costs what its `cause` costs. */
  readonly everyMs: number;
  /** How long one may be out, in milliseconds: above the first rung of redelivery, 18 s. Default 30,000. */
  readonly waitMs?: number;
}

/** A canary in the air, and how many did not come in a row. */
export interface Flock {
  readonly out: { readonly marker: string; readonly causedAt: number } | null;
  readonly missed: number;
}

export const NO_FLOCK: Flock = Object.freeze({ out: null, missed: 0 });
export const CANARY_WAIT_MS = 30_000;
/** One may be lost on the platform's side; two in a row are no accident. */
export const CANARIES_TO_PROVE = 2;

/** @throws RangeError naming option, bound and value. */
export function checkCanarySchedule({ everyMs, waitMs = CANARY_WAIT_MS }: CanarySchedule): Required<CanarySchedule> {
  if (!(everyMs >= 60_000 && everyMs <= 86_400_000)) {
    throw new RangeError(`canary.everyMs must be from 60000 to 86400000, got ${everyMs}`);
  }
  if (!(waitMs >= 18_000 && waitMs < everyMs)) {
    throw new RangeError(`canary.waitMs must be from 18000 to below everyMs (${everyMs}), got ${waitMs}`);
  }
  return { everyMs, waitMs };
}
