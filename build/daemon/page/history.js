import { redact } from '../../observe/index.js';
import { PAST_BOUNDS, Past } from './past.js';
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
const MINUTE_MS = 60_000;
const NO_OUTCOMES = Object.freeze({ handled: 0, failed: 0, duplicate: 0, dropped: 0, dead: 0 });
/**
 * Remembers what a connector reports, within {@link HISTORY_BOUNDS}. Time is what the reports say; each of them costs the
 * same, however long it has been listening.
 */
export class HistoryRecorder {
    /** What may outlive this process. */
    past;
    #since;
    #changed;
    #attempts = [];
    #heartbeats = [];
    /** Minutes in which something came. */
    #minutes = [];
    #sessions = [];
    #lastRefresh = null;
    /** Attempts under way; what they took is reckoned on the monotonic clock. */
    #beginnings = [];
    /** @param changed Called when something happened to {@link past} that is worth a write. */
    constructor(since, changed = () => { }) {
        this.#since = since;
        this.#changed = changed;
        this.past = new Past(since.wallNow);
    }
    onReport(told, moment) {
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
    read(moment) {
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
    #onConnection(report, moment) {
        const { wallNow } = moment;
        switch (report.type) {
            case 'state_changed':
                if (this.past.enter(STANDING_OF[report.to], wallNow))
                    this.#changed();
                break;
            case 'attempt_started':
                this.#begin(report.attempt, report.isStandby === true, moment);
                if (report.outage !== null)
                    this.past.countAttempt(report.outage);
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
                this.#sessions = this.#sessions.map((session) => session.attempt === attempt ? { ...session, answeredAt: wallNow, rttMs } : session);
                break;
            }
        }
    }
    #onDelivery(report, moment) {
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
    #onToken(report, { wallNow: at }) {
        if (report.type === 'refreshed')
            this.#lastRefresh = { at, durationMs: report.durationMs, failure: null };
        if (report.type !== 'refresh_failed')
            return;
        const { durationMs, failure: code, detail } = report;
        this.#lastRefresh = { at, durationMs, failure: { code, detail: redact(detail) } };
    }
    #begin(attempt, isStandby, moment) {
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
    #finish(attempt, ending, { now }) {
        const begun = this.#beginnings.find((beginning) => beginning.attempt === attempt);
        if (begun === undefined)
            return; // begun before we listened, or long forgotten
        this.#beginnings = this.#beginnings.filter((beginning) => beginning !== begun);
        const durationMs = Math.max(0, now - begun.at.now);
        const index = this.#attempts.findLastIndex((each) => each.attempt === attempt);
        const found = this.#attempts[index];
        if (found !== undefined)
            this.#attempts[index] = { ...found, ...ending, durationMs };
    }
    #currentMinute(moment) {
        const minute = this.#minuteOf(moment);
        const last = this.#minutes.at(-1);
        if (last?.minute === minute)
            return last;
        const fresh = { minute, received: 0, outcomes: { ...NO_OUTCOMES } };
        keep(this.#minutes, HISTORY_BOUNDS.minutes, fresh);
        return fresh;
    }
    /** On the monotonic clock: one that is set back must not count an hour into one minute. */
    #minuteOf({ now }) {
        return Math.floor((now - this.#since.now) / MINUTE_MS);
    }
    /** The latest minutes, the current one last; undefined where nothing came. */
    #latestMinutes(current) {
        const length = Math.min(HISTORY_BOUNDS.minutes, current + 1);
        const known = new Map(this.#minutes.map((each) => [each.minute, each]));
        return Array.from({ length }, (_, index) => known.get(current - length + 1 + index));
    }
}
const STANDING_OF = {
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
function keep(list, bound, item) {
    list.push(item);
    if (list.length > bound)
        list.shift();
}
