import type { ConnectorReport } from '../../connector-events.js';
import type { FailureCode, State, Step } from '../../connector-parts.js';
import { redact } from '../../observe/index.js';
import type { Moment, Verdict } from '../../ports/index.js';

/** How much of the past is kept per app: some 30 kB at most, whatever happens. */
export const HISTORY_BOUNDS = Object.freeze({
  /** Hours of flapping, years of calm. */
  spans: 200,
  outages: 50,
  attempts: 20,
  /** Ten minutes at the platform's usual pace, with both kinds of ping. */
  heartbeats: 60,
  minutes: 60,
});

/**
 * A {@link State}, as coarse as a line of time can show it. The steps and waits of attempts are `disconnected`: told one by
 * one, a night without the platform would push everything else out.
 */
export type Standing = 'connected' | 'suspect' | 'disconnected' | 'stopped';

/** What happened to one app, as far as it is remembered. Plain data. Moments as epoch milliseconds, oldest first. */
export interface AppHistory {
  /** When it was read. */
  readonly at: number;
  /** Nothing is known of the time before: the past is kept in memory alone, and begins anew with each start of the app. */
  readonly since: number;
  /** Without gaps; `from` of the first is `since`, unless older ones were forgotten. `to` is null for what goes on. */
  readonly spans: readonly { readonly standing: Standing; readonly from: number; readonly to: number | null }[];
  readonly outages: readonly PastOutage[];
  readonly attempts: readonly PastAttempt[];
  /** Round trips of the latest answered pings. */
  readonly heartbeats: readonly { readonly at: number; readonly rttMs: number }[];
  /** Events that came in each of the latest minutes, duplicates included; the last one is the minute under way. */
  readonly eventsPerMinute: readonly number[];
}

export interface PastOutage {
  readonly number: number;
  readonly cause: FailureCode;
  readonly startedAt: number;
  /** Attempts made in it, so far. */
  readonly attempts: number;
  /** From the loss to the Connection that lasted; null while it goes on. */
  readonly durationMs: number | null;
}

export interface PastAttempt {
  readonly attempt: number;
  readonly startedAt: number;
  /** `abandoned`: no longer needed. */
  readonly outcome: 'under_way' | 'connected' | 'failed' | 'abandoned';
  /** Null while it is under way. */
  readonly durationMs: number | null;
  /** Where it ended; null unless it failed or was abandoned. */
  readonly step: Step | null;
  readonly failure: { readonly code: FailureCode; readonly verdict: Verdict; readonly detail: string } | null;
  /** Whether it was made beside a proven connection. */
  readonly isStandby: boolean;
}

interface Beginning {
  readonly attempt: number;
  readonly at: Moment;
}

const MINUTE_MS = 60_000;

/**
 * Remembers what a connector reports, within {@link HISTORY_BOUNDS}. Time is what the reports say; each of them costs the
 * same, however long it has been listening.
 */
export class HistoryRecorder {
  readonly #since: Moment;
  readonly #spans: { readonly standing: Standing; readonly from: number }[];
  readonly #outages: PastOutage[] = [];
  readonly #attempts: PastAttempt[] = [];
  readonly #heartbeats: { readonly at: number; readonly rttMs: number }[] = [];
  /** Counts by the minute since the beginning, of minutes in which something came. */
  readonly #minutes: { readonly minute: number; count: number }[] = [];
  /** Attempts under way; what they took is reckoned on the monotonic clock. */
  #beginnings: readonly Beginning[] = [];

  constructor(since: Moment) {
    this.#since = since;
    this.#spans = [{ standing: 'stopped', from: since.wallNow }];
  }

  onReport({ room, report }: ConnectorReport, moment: Moment): void {
    if (room === 'delivery') {
      if (report.type === 'event_received') this.#countEvent(moment);
      return;
    }
    if (room !== 'connection') return;
    switch (report.type) {
      case 'state_changed':
        this.#enter(STANDINGS[report.to], moment);
        break;
      case 'attempt_started':
        this.#begin(report.attempt, report.isStandby === true, moment);
        if (report.outage !== null) this.#countAttempt(report.outage);
        break;
      case 'attempt_failed': {
        const { attempt, step, failure, verdict } = report;
        const told = { code: failure.code, verdict, detail: redact(failure.detail) };
        this.#finish(attempt, { outcome: 'failed', step, failure: told }, moment);
        break;
      }
      case 'attempt_abandoned':
        this.#finish(report.attempt, { outcome: 'abandoned', step: report.step }, moment);
        break;
      case 'connected':
        this.#finish(report.attempt, { outcome: 'connected' }, moment);
        break;
      case 'outage_started': {
        const { outage: number, cause } = report;
        keep(this.#outages, HISTORY_BOUNDS.outages, {
          number,
          cause,
          startedAt: moment.wallNow,
          attempts: 0,
          durationMs: null,
        });
        break;
      }
      case 'outage_ended': {
        const { number, durationMs, attempts } = report.outage;
        replace(this.#outages, (outage) => outage.number === number, { durationMs, attempts });
        break;
      }
      case 'heartbeat_answered':
        keep(this.#heartbeats, HISTORY_BOUNDS.heartbeats, { at: moment.wallNow, rttMs: report.rttMs });
        break;
    }
  }

  /** Made anew at every call. */
  read(moment: Moment): AppHistory {
    return {
      at: moment.wallNow,
      since: this.#since.wallNow,
      spans: this.#spans.map((span, index) => ({ ...span, to: this.#spans[index + 1]?.from ?? null })),
      outages: [...this.#outages],
      attempts: [...this.#attempts],
      heartbeats: [...this.#heartbeats],
      eventsPerMinute: this.#eventsPerMinute(this.#minuteOf(moment)),
    };
  }

  #enter(standing: Standing, { wallNow }: Moment): void {
    const last = this.#spans.at(-1);
    if (last?.standing === standing) return;
    // What lasted no time at all was never there.
    if (last?.from === wallNow) this.#spans.pop();
    if (this.#spans.at(-1)?.standing !== standing) keep(this.#spans, HISTORY_BOUNDS.spans, { standing, from: wallNow });
  }

  #begin(attempt: number, isStandby: boolean, moment: Moment): void {
    this.#beginnings = [...this.#beginnings, { attempt, at: moment }].slice(-HISTORY_BOUNDS.attempts);
    keep(this.#attempts, HISTORY_BOUNDS.attempts, {
      attempt,
      startedAt: moment.wallNow,
      outcome: 'under_way',
      durationMs: null,
      step: null,
      failure: null,
      isStandby,
    });
  }

  #finish(attempt: number, ending: Partial<PastAttempt>, { now }: Moment): void {
    const begun = this.#beginnings.find((beginning) => beginning.attempt === attempt);
    if (begun === undefined) return; // begun before we listened, or long forgotten
    this.#beginnings = this.#beginnings.filter((beginning) => beginning !== begun);
    const durationMs = Math.max(0, now - begun.at.now);
    replace(this.#attempts, (each) => each.attempt === attempt, { ...ending, durationMs });
  }

  #countAttempt(number: number): void {
    const outage = this.#outages.find((each) => each.number === number);
    if (outage) replace(this.#outages, (each) => each === outage, { attempts: outage.attempts + 1 });
  }

  #countEvent(moment: Moment): void {
    const minute = this.#minuteOf(moment);
    const last = this.#minutes.at(-1);
    if (last?.minute === minute) last.count += 1;
    else keep(this.#minutes, HISTORY_BOUNDS.minutes, { minute, count: 1 });
  }

  /** On the monotonic clock: one that is set back must not count an hour into one minute. */
  #minuteOf({ now }: Moment): number {
    return Math.floor((now - this.#since.now) / MINUTE_MS);
  }

  #eventsPerMinute(current: number): readonly number[] {
    const length = Math.min(HISTORY_BOUNDS.minutes, current + 1);
    const counts = new Map(this.#minutes.map(({ minute, count }) => [minute, count]));
    return Array.from({ length }, (_, index) => counts.get(current - length + 1 + index) ?? 0);
  }
}

const STANDINGS: Readonly<Record<State, Standing>> = {
  idle: 'stopped',
  discovering: 'disconnected',
  dialing: 'disconnected',
  proving: 'disconnected',
  connected: 'connected',
  suspect: 'suspect',
  waiting: 'disconnected',
  stopped: 'stopped',
};

/** Appends, and forgets the oldest beyond the bound. */
function keep<Item>(list: Item[], bound: number, item: Item): void {
  list.push(item);
  if (list.length > bound) list.shift();
}

/** Changes the latest that matches, if it is still remembered. */
function replace<Item>(list: Item[], matches: (item: Item) => boolean, changes: Partial<Item>): void {
  const index = list.findLastIndex(matches);
  const found = list[index];
  if (found !== undefined) list[index] = { ...found, ...changes };
}
