import { backoffMs, momentOf } from '../ports/index.js';
import { paceOf } from './budget.js';
import { CatchupRun, PROGRESS_PREFIX } from './catchup-run.js';
import { dueAt, hasEnded, readGap, spanOf, windowOf } from './gap.js';
import { MESSAGE_EVENT } from './synthetic.js';
const GAP_PREFIX = 'gap:';
const PLAN_KEY = 'run:plan';
/** Gaps kept open at most: beyond that two neighbours become one. */
const MAX_GAPS = 100;
const NO_TALLY = { found: [], knownCount: 0, chats: 0, calls: 0 };
/**
 * The gaps there are and the runs that close them, one at a time. Durable: a gap that was open when the process died is open
 * when the next one starts, and a run that was under way goes on where it stood.
 */
export class Catchup {
    #parts;
    /** By number, which is their order. */
    #gaps = new Map();
    /** When an ended gap may be read, monotonic milliseconds. */
    #due = new Map();
    #plan = null;
    #tally = NO_TALLY;
    #planDueAt = 0;
    #lastNumber = 0;
    #running = null;
    #timer = null;
    #isStopped = true;
    constructor(parts) {
        this.#parts = parts;
    }
    /** Gaps that are not closed, oldest first. */
    get gaps() {
        return [...this.#gaps.values()];
    }
    get isRunning() {
        return this.#running !== null;
    }
    /** Takes up what an earlier process left open. Call once, before {@link start}. */
    restore() {
        const { notes } = this.#parts;
        const found = [...notes.read(GAP_PREFIX).values()].flatMap((value) => readGap(value) ?? []);
        for (const gap of found.sort((a, b) => a.number - b.number))
            this.#gaps.set(gap.number, gap);
        this.#lastNumber = Math.max(this.#lastNumber, ...found.map(({ number }) => number), readLast(notes));
        const kept = readPlan(notes.read(PLAN_KEY).get(''));
        if (kept?.plan.gaps.every((number) => this.#gaps.has(number))) {
            this.#plan = kept.plan;
            this.#tally = kept.tally;
        }
    }
    start() {
        this.#isStopped = false;
        const { clock } = this.#parts;
        for (const gap of this.gaps.filter(hasEnded))
            this.#schedule(gap, clock.now());
        this.#planDueAt = clock.now() + this.#parts.policy.catchup.settleMs;
        this.#tellGaps();
        this.#arm();
    }
    /** Aborts a run that is under way; what it has done is kept. */
    async stop() {
        this.#isStopped = true;
        this.#timer?.cancel();
        this.#timer = null;
        this.#running?.abort.abort();
        await this.#running?.ended;
    }
    /** Opens a gap. @returns Its number. */
    open(cause, from) {
        const number = ++this.#lastNumber;
        this.#put({ number, cause, from, to: null });
        const { clock, notes, report } = this.#parts;
        notes.set('gaps', number);
        report({ type: 'gap_opened', number, cause, from }, momentOf(clock));
        this.#tellGaps();
        void notes.flush();
        return number;
    }
    /** It is over: what it may have swallowed can be read. Does nothing for a gap that has ended. */
    end(number, to) {
        const gap = this.#gaps.get(number);
        if (gap === undefined || hasEnded(gap))
            return;
        // A wall clock that was set back in between must not turn the gap inside out.
        const ended = { ...gap, to: Math.max(gap.from, to) };
        this.#put(ended);
        this.#schedule(ended, this.#parts.clock.now());
        this.#joinNeighbours();
        void this.#parts.notes.flush();
        this.#arm();
    }
    #schedule(gap, endedAt) {
        const { policy, random, api } = this.#parts;
        this.#due.set(gap.number, dueAt(gap, endedAt, policy, { pace: paceOf(api.level), random: random() }));
    }
    /** Too many brief gaps wait: the two oldest become one. */
    #joinNeighbours() {
        const waiting = this.gaps.filter(hasEnded).filter(({ number }) => !this.#plan?.gaps.includes(number));
        const [first, second] = waiting;
        if (this.#gaps.size <= MAX_GAPS || first === undefined || second === undefined)
            return;
        this.#put({ ...first, to: Math.max(first.to, second.to) });
        this.#drop(second.number);
        this.#tellGaps();
    }
    #arm() {
        this.#timer?.cancel();
        this.#timer = null;
        if (this.#isStopped || this.#running !== null)
            return;
        const at = this.#plan === null ? Math.min(...this.#due.values()) : this.#planDueAt;
        if (!Number.isFinite(at))
            return;
        this.#timer = this.#parts.clock.timer(Math.max(0, at - this.#parts.clock.now()), () => {
            this.#timer = null;
            this.#begin();
        });
    }
    #begin() {
        this.#startRun();
        this.#arm();
    }
    #startRun() {
        const { clock, policy } = this.#parts;
        const isResumed = this.#plan !== null;
        const plan = this.#plan === null ? this.#draft() : { ...this.#plan, runs: this.#plan.runs + 1 };
        if (plan === null)
            return;
        const barrier = barrierOf(policy);
        if (barrier !== null) {
            this.#plan = plan;
            this.#close(plan, [{ what: 'time', count: 1, why: barrier, detail: BARRIERS[barrier] }]);
            return;
        }
        this.#keep(plan);
        const abort = new AbortController();
        const startedAt = clock.now();
        const { gaps, from, to } = plan;
        this.#parts.report({ type: 'catchup_started', gaps, from, to, isResumed }, momentOf(clock));
        const ended = this.#execute(plan, abort.signal, startedAt).finally(() => {
            this.#running = null;
            this.#arm();
        });
        this.#running = { abort, ended };
    }
    #draft() {
        const { clock, policy } = this.#parts;
        const span = spanOf(this.gaps);
        if (span === null)
            return null;
        const { from, to } = windowOf(span, policy, clock.wallNow());
        this.#tally = NO_TALLY;
        return { gaps: span.gaps, from, to, runs: 1 };
    }
    async #execute(plan, signal, startedAt) {
        const { clock, api, notes, cursors, feed, appId, tenantKey, policy, report } = this.#parts;
        const isOpenAt = this.#openTimes(plan);
        let end;
        try {
            const audience = await this.#parts.audience(signal);
            const parts = {
                clock,
                api,
                notes,
                cursors,
                feed,
                appId,
                tenantKey,
                audience,
                isOpenAt,
                report,
                policy: policy.catchup,
            };
            const run = new CatchupRun(parts, plan, this.#tally);
            end = await run.execute(signal);
            this.#tally = run.tally;
        }
        catch (bug) {
            // A bug of ours must not end the catching up: it is a run that failed, and says so.
            const detail = bug instanceof Error ? `${bug.name}: ${bug.message}` : String(bug);
            end = { is: 'partial', unreachable: [], failure: 'bad_answer', detail, retryAfterMs: null };
        }
        const durationMs = clock.now() - startedAt;
        if (end.is === 'aborted' || signal.aborted) {
            this.#keep(plan);
            this.#tellFailed(plan, 'aborted', 'stopped', durationMs, null);
        }
        else if (end.is === 'complete') {
            this.#finish(plan, end.unreachable, durationMs);
        }
        else if (plan.runs >= policy.catchup.maxRuns) {
            this.#tellFailed(plan, end.failure, `${end.detail}; it was the last of ${plan.runs} runs`, durationMs, null);
            this.#close(plan, end.unreachable);
        }
        else {
            const retryMs = backoffMs(policy.catchup.retry, plan.runs, this.#parts.random());
            const waitMs = Math.max(end.retryAfterMs ?? 0, retryMs);
            this.#planDueAt = clock.now() + waitMs;
            this.#keep(plan);
            this.#tellFailed(plan, end.failure, end.detail, durationMs, waitMs);
        }
        await notes.flush();
    }
    /**
     * What delivery has forgotten it would handle again. So of the time beyond its memory only that counts in which nobody was
     * connected, and nothing can have been handled.
     */
    #openTimes({ gaps }) {
        const { clock, policy } = this.#parts;
        const rememberedSince = clock.wallNow() - policy.catchup.rememberedMs;
        const deserted = gaps
            .flatMap((number) => this.#gaps.get(number) ?? [])
            .filter(hasEnded)
            .filter(({ cause }) => cause === 'outage' || cause === 'restart');
        return (createTime) => createTime > rememberedSince || deserted.some(({ from, to }) => createTime >= from && createTime <= to);
    }
    #finish(plan, unreachable, durationMs) {
        const { found, knownCount, chats, calls } = this.#tally;
        this.#parts.report({
            type: 'catchup_finished',
            gaps: plan.gaps,
            found: found.length,
            alreadyKnown: knownCount,
            chats,
            calls,
            durationMs,
        }, momentOf(this.#parts.clock));
        this.#close(plan, unreachable);
    }
    #tellFailed(plan, failure, detail, durationMs, retryInMs) {
        const report = { type: 'catchup_failed', gaps: plan.gaps, failure, detail, durationMs, retryInMs };
        this.#parts.report(report, momentOf(this.#parts.clock));
    }
    /** The last word on these gaps. */
    #close(plan, unreachable) {
        const { notes } = this.#parts;
        const gaps = plan.gaps.flatMap((number) => this.#gaps.get(number) ?? []).filter(hasEnded);
        for (const record of this.#recordsOf(gaps, plan, unreachable)) {
            this.#parts.report({ type: 'gap_closed', record }, momentOf(this.#parts.clock));
            this.#drop(record.number);
        }
        this.#plan = null;
        this.#tally = NO_TALLY;
        notes.set(PLAN_KEY, null);
        for (const chatId of notes.read(PROGRESS_PREFIX).keys())
            notes.set(PROGRESS_PREFIX + chatId, null);
        this.#tellGaps();
        void notes.flush();
    }
    #recordsOf(gaps, plan, unreachable) {
        const { policy, eventTypes } = this.#parts;
        const { overlapMs } = policy.catchup;
        const { knownCount, chats, calls } = this.#tally;
        let found = this.#tally.found;
        return gaps.map((gap, index) => {
            const isLast = index === gaps.length - 1;
            const isOwn = (at) => isLast || (at >= gap.from - overlapMs && at <= gap.to + overlapMs);
            const own = found.filter(isOwn).length;
            found = found.filter((at) => !isOwn(at));
            const missed = [...unreachable, ...tooLongAgo(gap, plan.from, policy)];
            return {
                number: gap.number,
                cause: gap.cause,
                from: gap.from,
                to: gap.to,
                found: own,
                alreadyKnown: index === 0 ? knownCount : 0,
                unreachable: missed,
                recovered: recoveryOf(missed),
                otherEventTypes: {
                    types: eventTypes().filter((type) => type !== MESSAGE_EVENT),
                    why: 'The platform keeps a history of messages alone. Private chats whose first message fell into the gap are in no list either.',
                },
                chats,
                calls,
            };
        });
    }
    #keep(plan) {
        this.#plan = plan;
        this.#parts.notes.set(PLAN_KEY, { plan, tally: this.#tally });
    }
    #put(gap) {
        this.#gaps.set(gap.number, gap);
        this.#parts.notes.set(GAP_PREFIX + gap.number, gap);
    }
    #drop(number) {
        this.#gaps.delete(number);
        this.#due.delete(number);
        this.#parts.notes.set(GAP_PREFIX + number, null);
    }
    #tellGaps() {
        this.#parts.report({ type: 'gaps', open: this.#gaps.size }, momentOf(this.#parts.clock));
    }
}
const BARRIERS = {
    disabled: 'catch-up is switched off',
    other_processes: 'other processes serve this app and do not share what they handled; with fleet.isDeduplicated it would be caught up',
};
function barrierOf({ catchup, fleet }) {
    if (!catchup.isEnabled)
        return 'disabled';
    return fleet.others > 0 && !fleet.isDeduplicated ? 'other_processes' : null;
}
function tooLongAgo(gap, readFrom, { catchup }) {
    if (gap.from >= readFrom)
        return [];
    const hours = Math.round(catchup.windowMs / 3_600_000);
    return [{ what: 'time', count: 1, why: 'too_long_ago', detail: `it began more than ${hours} hours ago` }];
}
/** Reasons for which nobody could look at all: what is there, nobody knows. */
const BLINDING = ['scope_missing', 'api_code', 'other_processes', 'disabled'];
/** `no` where we know that we did not read everything although we could have; `unknown` where we were not let. */
export function recoveryOf(unreachable) {
    if (unreachable.length === 0)
        return 'yes';
    return unreachable.every(({ why }) => BLINDING.includes(why)) ? 'unknown' : 'no';
}
function readLast(notes) {
    const last = notes.read('gaps').get('');
    return typeof last === 'number' ? last : 0;
}
function readPlan(value) {
    const { plan, tally } = (value ?? {});
    if (!Array.isArray(plan?.gaps) || typeof plan.from !== 'number' || typeof plan.to !== 'number')
        return null;
    const { gaps, from, to, runs = 1 } = plan;
    const { found = [], knownCount = 0, chats = 0, calls = 0 } = tally ?? {};
    return {
        plan: { gaps, from, to, runs },
        tally: { found: Array.isArray(found) ? found : [], knownCount, chats, calls },
    };
}
