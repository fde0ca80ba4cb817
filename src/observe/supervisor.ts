import type { Clock, Moment, ReportSink, Timer } from '../ports/index.js';
import { momentOf } from '../ports/index.js';

/** What the loop that owns the timers tells of itself. */
export type SupervisorReport =
  | { readonly type: 'tick' }
  /** The wall clock moved by this much against the monotonic one; negative: backward. */
  | { readonly type: 'clock_jumped'; readonly byMs: number };

export const CLOCK_JUMPS = ['forward', 'backward'] as const;
export type ClockJump = (typeof CLOCK_JUMPS)[number];

/** Between two ticks. The alarm for a stalled loop waits for 60 s without one. */
export const TICK_MS = 5_000;

/** Smaller differences are NTP slewing the clock, not somebody setting it or a machine that slept. */
export const CLOCK_JUMP_MS = 1_000;

/** Proves that the connector's loop runs, and watches the wall clock: one report per tick, one more per jump. */
export class Supervisor {
  readonly #clock: Clock;
  readonly #report: ReportSink<SupervisorReport>;
  #last: Moment;
  #timer: Timer | null = null;

  constructor(clock: Clock, report: ReportSink<SupervisorReport>) {
    this.#clock = clock;
    this.#report = report;
    this.#last = momentOf(clock);
  }

  /** Ticks at once and every {@link TICK_MS} from then on. */
  start(): void {
    this.stop();
    this.#last = momentOf(this.#clock);
    this.#tick();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #tick(): void {
    const moment = momentOf(this.#clock);
    const byMs = clockJumpMs(this.#last, moment);
    this.#last = moment;
    this.#timer = this.#clock.timer(TICK_MS, () => this.#tick());
    this.#report({ type: 'tick' }, moment);
    if (byMs !== 0) this.#report({ type: 'clock_jumped', byMs }, moment);
  }
}

/** By how much the wall clock jumped between two moments; 0 if it kept pace within {@link CLOCK_JUMP_MS}. */
export function clockJumpMs(before: Moment, after: Moment): number {
  const byMs = after.wallNow - before.wallNow - (after.now - before.now);
  return Math.abs(byMs) > CLOCK_JUMP_MS ? byMs : 0;
}
