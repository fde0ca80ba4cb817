import { isSpanContextValid, TraceFlags } from '@opentelemetry/api';
export class CounterCell {
    labels;
    value = 0;
    exemplar = null;
    #home;
    constructor(home, labels) {
        this.#home = home;
        this.labels = labels;
    }
    /** `trace` becomes its exemplar if it is sampled and the metric carries exemplars. */
    add(value = 1, trace = null) {
        // Written so that NaN is refused as well: it would poison the counter for good.
        if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
            this.#home.refuse('bad_value');
            return;
        }
        this.value += value;
        if (trace !== null && this.#home.hasExemplars)
            this.exemplar = exemplarOf(value, trace) ?? this.exemplar;
    }
    reset() {
        this.value = 0;
        this.exemplar = null;
    }
}
export class GaugeCell {
    labels;
    value = 0;
    #home;
    constructor(home, labels) {
        this.#home = home;
        this.labels = labels;
    }
    set(value) {
        if (Number.isFinite(value))
            this.value = value;
        else
            this.#home.refuse('bad_value');
    }
    /** A gauge says what is, not what was counted: that goes on being true. */
    reset() { }
}
export class HistogramCell {
    labels;
    sum = 0;
    count = 0;
    /** Observations per bound, each in the lowest bucket that holds it alone; those above the last bound are in `count`. */
    perBound;
    /** By bucket, the infinite one last. Null until there is one. */
    exemplars = null;
    #home;
    constructor(home, labels) {
        this.#home = home;
        this.labels = labels;
        this.perBound = home.bounds.map(() => 0);
    }
    /** `trace` becomes the exemplar of the value's bucket, as in {@link CounterCell.add}. */
    observe(value, trace = null) {
        if (!Number.isFinite(value)) {
            this.#home.refuse('bad_value');
            return;
        }
        const { bounds } = this.#home;
        const { perBound } = this;
        let bucket = 0;
        while (bucket < bounds.length && value > bounds[bucket])
            bucket += 1;
        if (bucket < bounds.length)
            perBound[bucket] = perBound[bucket] + 1;
        this.sum += value;
        this.count += 1;
        if (trace !== null && this.#home.hasExemplars)
            this.#exemplify(bucket, value, trace);
    }
    reset() {
        this.sum = 0;
        this.count = 0;
        this.perBound.fill(0);
        this.exemplars = null;
    }
    #exemplify(bucket, value, trace) {
        const exemplar = exemplarOf(value, trace);
        if (exemplar === null)
            return;
        this.exemplars ??= [...this.#home.bounds, Number.POSITIVE_INFINITY].map(() => null);
        this.exemplars[bucket] = exemplar;
    }
}
/** Null if the trace is not sampled: nobody could look it up. */
function exemplarOf(value, trace) {
    if ((trace.traceFlags & TraceFlags.SAMPLED) === 0 || !isSpanContextValid(trace))
        return null;
    // The machine's clock, as prom-client does it: Prometheus compares this with its own.
    return { labels: { trace_id: trace.traceId, span_id: trace.spanId }, value, timestamp: Date.now() / 1_000 };
}
