import { FAILURES } from '../../connector-parts.js';
/** How much of the past is kept: spans and outages are a thousand rows at most, in memory and in the journal's store. */
export const PAST_BOUNDS = Object.freeze({
    /** A night of flapping, years of calm. */
    spans: 800,
    outages: 200,
    /** What ended earlier is forgotten, in milliseconds: 14 days. */
    ageMs: 14 * 86_400_000,
});
/**
 * How an app stood, as coarse as a line of time can show it. The steps and waits of attempts are `disconnected`: told one by
 * one, a night without the platform would push everything else out. `absent`: no process ran.
 */
export const STANDINGS = ['connected', 'suspect', 'disconnected', 'stopped', 'absent'];
/**
 * What is remembered for longer than a process lives: spans and outages, oldest first. Each row has a slot by its number,
 * which a later row takes over: however long it goes on, there are never more rows than {@link PAST_BOUNDS} allows. Plain
 * memory; a {@link PastKeeper} carries the rows to and from a store.
 */
export class Past {
    #spans;
    #outages = [];
    /** Rows that changed since they were last taken. */
    #changed = new Map();
    /** @param since Epoch milliseconds from which on this process remembers. */
    constructor(since) {
        this.#spans = [];
        this.#push({ standing: 'stopped', from: since });
    }
    /** @returns Whether that is another standing than before. */
    enter(standing, wallNow) {
        const last = this.#spans.at(-1);
        if (last?.standing === standing)
            return false;
        // What lasted no time at all was never there.
        if (last?.from === wallNow) {
            this.#spans.pop();
            this.#changed.set(spanKey(last.seq), null);
        }
        if (this.#spans.at(-1)?.standing !== standing)
            this.#push({ standing, from: wallNow });
        return true;
    }
    openOutage(number, cause, startedAt) {
        const seq = (this.#outages.at(-1)?.seq ?? 0) + 1;
        this.#keepOutage({ seq, number, cause, startedAt, attempts: 0, durationMs: null, endedBy: null });
    }
    countAttempt(number) {
        this.#changeOutage(number, ({ attempts }) => ({ attempts: attempts + 1 }));
    }
    endOutage(number, durationMs, attempts) {
        this.#changeOutage(number, () => ({ durationMs, attempts, endedBy: 'connection' }));
    }
    /** The rows that changed since the last call. */
    takeChanges() {
        const changes = new Map(this.#changed);
        this.#changed.clear();
        return changes;
    }
    /** These could not be written: they count as changed again, unless they changed meanwhile. */
    putBack(changes) {
        for (const [key, row] of changes)
            if (!this.#changed.has(key))
                this.#changed.set(key, row);
    }
    /**
     * Puts what an earlier process left before what is remembered already. What cannot be read, and what lies in the future,
     * where a clock was wrong, is left out.
     * @param sign The last word of that process; null if there is none, as there was no process.
     */
    restore(rows, sign) {
        const own = { spans: this.#spans, outages: this.#outages };
        const since = own.spans[0]?.from ?? 0;
        const values = [...rows.values()];
        const spans = values.flatMap((row) => readSpan(row) ?? []).filter(({ from }) => from <= since);
        const outages = values.flatMap((row) => readOutage(row) ?? []).filter(({ startedAt }) => startedAt <= since);
        this.#spans = spans.toSorted(bySeq).slice(-PAST_BOUNDS.spans);
        this.#outages = outages.toSorted(bySeq).slice(-PAST_BOUNDS.outages);
        this.#changed.clear();
        const last = this.#spans.at(-1);
        const endedAt = Math.min(since, Math.max(last?.from ?? since, sign?.at ?? 0));
        if (last !== undefined)
            this.#push({ standing: 'absent', from: endedAt, ending: sign?.isStop === true ? 'stopped' : 'killed' });
        for (const outage of this.#outages) {
            if (outage.endedBy !== null)
                continue;
            const durationMs = Math.max(0, endedAt - outage.startedAt);
            this.#replaceOutage(outage, { ...outage, durationMs, endedBy: 'process' });
        }
        for (const { seq: _seq, ...span } of own.spans)
            this.#push(span);
        for (const outage of own.outages) {
            const seq = (this.#outages.at(-1)?.seq ?? 0) + 1;
            this.#keepOutage({ ...outage, seq });
        }
    }
    /** Without gaps, but for clocks that were set. */
    spans(wallNow) {
        const spans = this.#spans.map(({ seq: _seq, ...span }, index) => ({
            ...span,
            to: this.#spans[index + 1]?.from ?? null,
        }));
        return spans.filter(({ to }) => to === null || to > wallNow - PAST_BOUNDS.ageMs);
    }
    outages(wallNow) {
        return this.#outages
            .filter(({ startedAt, durationMs }) => startedAt + (durationMs ?? wallNow) > wallNow - PAST_BOUNDS.ageMs)
            .map(({ seq: _seq, ...outage }) => outage);
    }
    #push(span) {
        const row = { ...span, seq: (this.#spans.at(-1)?.seq ?? 0) + 1 };
        this.#spans.push(row);
        if (this.#spans.length > PAST_BOUNDS.spans)
            this.#spans.shift();
        this.#changed.set(spanKey(row.seq), row);
    }
    #keepOutage(row) {
        this.#outages.push(row);
        if (this.#outages.length > PAST_BOUNDS.outages)
            this.#outages.shift();
        this.#changed.set(outageKey(row.seq), row);
    }
    /** The latest of this number: those of earlier processes are over. */
    #changeOutage(number, change) {
        const outage = this.#outages.findLast((each) => each.number === number && each.endedBy === null);
        if (outage !== undefined)
            this.#replaceOutage(outage, { ...outage, ...change(outage) });
    }
    #replaceOutage(old, changed) {
        this.#outages = this.#outages.map((each) => (each === old ? changed : each));
        this.#changed.set(outageKey(changed.seq), changed);
    }
}
function spanKey(seq) {
    return `span.${seq % PAST_BOUNDS.spans}`;
}
function outageKey(seq) {
    return `outage.${seq % PAST_BOUNDS.outages}`;
}
function bySeq(one, other) {
    return one.seq - other.seq;
}
function readSpan(row) {
    const { seq, standing, from, ending } = (row ?? {});
    const known = STANDINGS.find((each) => each === standing);
    if (known === undefined || !isCount(seq) || !isMoment(from))
        return null;
    return { seq, standing: known, from, ...((ending === 'stopped' || ending === 'killed') && { ending }) };
}
function readOutage(row) {
    const { seq, number, cause, startedAt, attempts, durationMs, endedBy } = (row ?? {});
    if (!isCount(seq) || !isCount(number) || !isCount(attempts) || !isMoment(startedAt) || !isFailure(cause))
        return null;
    const told = { seq, number, cause, startedAt, attempts };
    if (!isMoment(durationMs) || (endedBy !== 'connection' && endedBy !== 'process'))
        return { ...told, durationMs: null, endedBy: null };
    return { ...told, durationMs, endedBy };
}
function isFailure(cause) {
    return typeof cause === 'string' && Object.hasOwn(FAILURES, cause);
}
function isCount(value) {
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
/** What a Date can hold. */
function isMoment(value) {
    return typeof value === 'number' && value >= 0 && value <= 8_640_000_000_000_000;
}
