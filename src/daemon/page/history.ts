import type { ConnectorReport } from '../../connector-events.js';
import type { FailureCode, State, Step, TokenFailureCode } from '../../connector-parts.js';
import { redact } from '../../observe/index.js';
import type { Moment, Verdict } from '../../ports/index.js';
import { PAST_BOUNDS, Past, type PastOutage, type PastSpan, type Standing } from './past.js';

/** How much is kept per app besides {@link PAST_BOUNDS}: some 100 kB in all at most, whatever happens. */
export const HISTORY_BOUNDS = Object.freeze({
  spans: PAST_BOUNDS.spans,
  outages: PAST_BOUNDS.outages,
  attempts: 20,
  sessions: 10,
  /** Ten minutes at the platform's usual pace, with both kinds of ping. */
  heartbeats: 60,
  /** Minutes, for what is counted by the minute. */
  minutes: 60,
});

/** What happened to one app, as far as it is remembered. Plain data. Moments as epoch milliseconds, oldest first. */
export interface AppHistory {
  /** When it was read. */
  readonly at: number;
  /** Nothing is known of the time before. With a journal that is further back than the start of this process. */
  readonly since: number;
  /** When this process began to remember: all but `spans` and `outages` begins there. */
  readonly startedAt: number;
  /** `to` is null for what goes on. */
  readonly spans: readonly PastSpan[];
  readonly outages: readonly PastOutage[];
  readonly attempts: readonly PastAttempt[];
  /** The connections that are proven now. */
  readonly sessions: readonly ProvenSession[];
  /** Round trips of the latest answered pings. */
  readonly heartbeats: readonly { readonly at: number; readonly rttMs: number }[];
  /** Events that came in each of the latest minutes, duplicates included; the last one is the minute under way. */
  readonly eventsPerMinute: readonly number[];
  /** What became of events in the same minutes. */
  readonly outcomesPerMinute: readonly Outcomes[];
  /** How the latest renewal of the tenant token ended; null before the first. */
  readonly lastRefresh: PastRefresh | null;
}

/** Counts of one minute. A retry counts as `failed` and comes again; an event of which a human is needed is in `dead` too. */
export interface Outcomes {
  readonly handled: number;
  /** Runs of handlers that failed. */
  readonly failed: number;
  readonly duplicate: number;
  /** Not handed to anybody, by policy or because it could not be read or taken. */
  readonly dropped: number;
  /** Became dead letters. */
  readonly dead: number;
}

/** One proven connection, and what its proof rests on. */
export interface ProvenSession {
  readonly attempt: number;
  readonly connectionId: string;
  /** When its first ping was answered. */
  readonly provenAt: number;
  /** When its latest ping was answered, and what the round trip took; null before the second. */
  readonly answeredAt: number | null;
  readonly rttMs: number | null;
}

export interface PastRefresh {
  readonly at: number;
  readonly durationMs: number;
  /** Null if it succeeded. */
  readonly failure: { readonly code: TokenFailureCode; readonly detail: string } | null;
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

/** As much of a history as says whether something is wrong now. */
export type Lately = Pick<AppHistory, 'outages' | 'lastRefresh'>;

interface Beginning {
  readonly attempt: number;
  readonly at: Moment;
}

const MINUTE_MS = 60_000;

const NO_OUTCOMES: Outcomes = Object.freeze({ handled: 0, failed: 0, duplicate: 0, dropped: 0, dead: 0 });

interface Minute {
  /** Since the beginning. */
  readonly minute: number;
  received: number;
  readonly outcomes: { -readonly [Name in keyof Outcomes]: number };
}

/**
 * Remembers what a connector reports, within {@link HISTORY_BOUNDS}. Time is what the reports say; each of them costs the
 * same, however long it has been listening.
 */
export class HistoryRecorder {
  /** What may outlive this process. */
  readonly past: Past;
  readonly #since: Moment;
  readonly #changed: () => void;
  readonly #attempts: PastAttempt[] = [];
  readonly #heartbeats: { readonly at: number; readonly rttMs: number }[] = [];
  /** Minutes in which something came. */
  readonly #minutes: Minute[] = [];
  #sessions: readonly ProvenSession[] = [];
  #lastRefresh: PastRefresh | null = null;
  /** Attempts under way; what they took is reckoned on the monotonic clock. */
  #beginnings: readonly Beginning[] = [];

  /** @param changed Called when something happened to {@link past} that is worth a write. */
  constructor(since: Moment, changed: () => void = () => {}) {
    this.#since = since;
    this.#changed = changed;
    this.past = new Past(since.wallNow);
  }

  onReport(told: ConnectorReport, moment: Moment): void {
    switch (told.room) {
      case 'connection':
        this.#onConnection(told.report, moment);
        break;
      case 'delivery':
        this.#onDelivery(told.report, moment);
        break;
      case 'token':
        this.#onToken(told.report, moment);
        break;
    }
  }

  /** Made anew at every call. */
  read(moment: Moment): AppHistory {
    const { wallNow } = moment;
    const spans = this.past.spans(wallNow);
    const minutes = this.#latestMinutes(this.#minuteOf(moment));
    return {
      at: wallNow,
      since: spans[0]?.from ?? this.#since.wallNow,
      startedAt: this.#since.wallNow,
      spans,
      outages: this.past.outages(wallNow),
      attempts: [...this.#attempts],
      sessions: this.#sessions,
      heartbeats: [...this.#heartbeats],
      eventsPerMinute: minutes.map((minute) => minute?.received ?? 0),
      outcomesPerMinute: minutes.map((minute) => ({ ...(minute?.outcomes ?? NO_OUTCOMES) })),
      lastRefresh: this.#lastRefresh,
    };
  }

  /** A fraction of {@link read}: it is asked of every app, where all of them are listed. */
  readLately({ wallNow }: Moment): Lately {
    return { outages: this.past.outages(wallNow), lastRefresh: this.#lastRefresh };
  }

  #onConnection(report: ReportOf<'connection'>, moment: Moment): void {
    const { wallNow } = moment;
    switch (report.type) {
      case 'state_changed':
        if (this.past.enter(STANDING_OF[report.to], wallNow)) this.#changed();
        break;
      case 'attempt_started':
        this.#begin(report.attempt, report.isStandby === true, moment);
        if (report.outage !== null) this.past.countAttempt(report.outage);
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
      case 'connected': {
        const { attempt, connectionId } = report;
        this.#finish(attempt, { outcome: 'connected' }, moment);
        const session = { attempt, connectionId, provenAt: wallNow, answeredAt: null, rttMs: null };
        this.#sessions = [...this.#sessions, session].slice(-HISTORY_BOUNDS.sessions);
        break;
      }
      case 'disconnected':
        this.#sessions = this.#sessions.filter(({ attempt }) => attempt !== report.attempt);
        break;
      case 'outage_started':
        this.past.openOutage(report.outage, report.cause, wallNow);
        this.#changed();
        break;
      case 'outage_ended':
        this.past.endOutage(report.outage.number, report.outage.durationMs, report.outage.attempts);
        this.#changed();
        break;
      case 'heartbeat_answered': {
        const { attempt, rttMs } = report;
        keep(this.#heartbeats, HISTORY_BOUNDS.heartbeats, { at: wallNow, rttMs });
        this.#sessions = this.#sessions.map((session) =>
          session.attempt === attempt ? { ...session, answeredAt: wallNow, rttMs } : session,
        );
        break;
      }
    }
  }

  #onDelivery(report: ReportOf<'delivery'>, moment: Moment): void {
    switch (report.type) {
      case 'event_received':
        this.#currentMinute(moment).received += 1;
        break;
      case 'handler_finished':
        this.#currentMinute(moment).outcomes[report.failure === null ? 'handled' : 'failed'] += 1;
        break;
      case 'duplicate':
        this.#currentMinute(moment).outcomes.duplicate += 1;
        break;
      case 'dropped':
        this.#currentMinute(moment).outcomes.dropped += 1;
        break;
      case 'dead_lettered':
        this.#currentMinute(moment).outcomes.dead += 1;
        break;
    }
  }

  #onToken(report: ReportOf<'token'>, { wallNow: at }: Moment): void {
    if (report.type === 'refreshed') this.#lastRefresh = { at, durationMs: report.durationMs, failure: null };
    if (report.type !== 'refresh_failed') return;
    const { durationMs, failure: code, detail } = report;
    this.#lastRefresh = { at, durationMs, failure: { code, detail: redact(detail) } };
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
    const index = this.#attempts.findLastIndex((each) => each.attempt === attempt);
    const found = this.#attempts[index];
    if (found !== undefined) this.#attempts[index] = { ...found, ...ending, durationMs };
  }

  #currentMinute(moment: Moment): Minute {
    const minute = this.#minuteOf(moment);
    const last = this.#minutes.at(-1);
    if (last?.minute === minute) return last;
    const fresh = { minute, received: 0, outcomes: { ...NO_OUTCOMES } };
    keep(this.#minutes, HISTORY_BOUNDS.minutes, fresh);
    return fresh;
  }

  /** On the monotonic clock: one that is set back must not count an hour into one minute. */
  #minuteOf({ now }: Moment): number {
    return Math.floor((now - this.#since.now) / MINUTE_MS);
  }

  /** The latest minutes, the current one last; undefined where nothing came. */
  #latestMinutes(current: number): readonly (Minute | undefined)[] {
    const length = Math.min(HISTORY_BOUNDS.minutes, current + 1);
    const known = new Map(this.#minutes.map((each) => [each.minute, each]));
    return Array.from({ length }, (_, index) => known.get(current - length + 1 + index));
  }
}

type ReportOf<Room extends ConnectorReport['room']> = Extract<ConnectorReport, { readonly room: Room }>['report'];

const STANDING_OF: Readonly<Record<State, Standing>> = {
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
