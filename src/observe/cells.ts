import type { SpanContext } from '@opentelemetry/api';
import type { TelemetryError } from './catalogue.js';
import type { LabelSet } from './label-set.js';
import { openTelemetry } from './packages.js';

/** What the cells of one metric have in common. */
export interface CellHome {
  /** Upper bounds of a histogram, ascending, without infinity; empty for the others. */
  readonly bounds: readonly number[];
  readonly hasExemplars: boolean;
  /** Counts what a cell would not take. */
  refuse(reason: TelemetryError): void;
}

/** One of the values that made a count what it is, and the trace that tells of it. */
export interface Exemplar {
  readonly labels: { readonly trace_id: string; readonly span_id: string };
  readonly value: number;
  /** Unix time in seconds. */
  readonly timestamp: number;
}

/**
 * One series, as plain fields: an event writes a dozen of them, a scrape reads them once in a while. A number that no
 * series can take is refused and counted; no method throws.
 */
export type Cell = CounterCell | GaugeCell | HistogramCell;

export class CounterCell {
  readonly labels: LabelSet;
  /** All labels, for prom-client: made when it first asks. */
  shown: Readonly<Record<string, string>> | null = null;
  value = 0;
  exemplar: Exemplar | null = null;
  readonly #home: CellHome;

  constructor(home: CellHome, labels: LabelSet) {
    this.#home = home;
    this.labels = labels;
  }

  /** `trace` becomes its exemplar if it is sampled and the metric carries exemplars. */
  add(value = 1, trace: SpanContext | null = null): void {
    // Written so that NaN is refused as well: it would poison the counter for good.
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
      this.#home.refuse('bad_value');
      return;
    }
    this.value += value;
    if (trace !== null && this.#home.hasExemplars) this.exemplar = exemplarOf(value, trace) ?? this.exemplar;
  }

  reset(): void {
    this.value = 0;
    this.exemplar = null;
  }
}

export class GaugeCell {
  readonly labels: LabelSet;
  /** All labels, for prom-client: made when it first asks. */
  shown: Readonly<Record<string, string>> | null = null;
  value = 0;
  readonly #home: CellHome;

  constructor(home: CellHome, labels: LabelSet) {
    this.#home = home;
    this.labels = labels;
  }

  set(value: number): void {
    if (Number.isFinite(value)) this.value = value;
    else this.#home.refuse('bad_value');
  }

  /** A gauge says what is, not what was counted: that goes on being true. */
  reset(): void {}
}

export class HistogramCell {
  readonly labels: LabelSet;
  /** All labels, for prom-client: made when it first asks. */
  shown: Readonly<Record<string, string>> | null = null;
  sum = 0;
  count = 0;
  /** Observations per bound, each in the lowest bucket that holds it alone; those above the last bound are in `count`. */
  readonly perBound: number[];
  /** By bucket, the infinite one last. Null until there is one. */
  exemplars: (Exemplar | null)[] | null = null;
  readonly #home: CellHome;

  constructor(home: CellHome, labels: LabelSet) {
    this.#home = home;
    this.labels = labels;
    this.perBound = home.bounds.map(() => 0);
  }

  /** `trace` becomes the exemplar of the value's bucket, as in {@link CounterCell.add}. */
  observe(value: number, trace: SpanContext | null = null): void {
    if (!Number.isFinite(value)) {
      this.#home.refuse('bad_value');
      return;
    }
    const { bounds } = this.#home;
    const { perBound } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket += 1;
    if (bucket < bounds.length) perBound[bucket] = (perBound[bucket] as number) + 1;
    this.sum += value;
    this.count += 1;
    if (trace !== null && this.#home.hasExemplars) this.#exemplify(bucket, value, trace);
  }

  reset(): void {
    this.sum = 0;
    this.count = 0;
    this.perBound.fill(0);
    this.exemplars = null;
  }

  #exemplify(bucket: number, value: number, trace: SpanContext): void {
    const exemplar = exemplarOf(value, trace);
    if (exemplar === null) return;
    this.exemplars ??= [...this.#home.bounds, Number.POSITIVE_INFINITY].map(() => null);
    this.exemplars[bucket] = exemplar;
  }
}

/** Null if the trace is not sampled: nobody could look it up. */
function exemplarOf(value: number, trace: SpanContext): Exemplar | null {
  const { isSpanContextValid, TraceFlags } = openTelemetry();
  if ((trace.traceFlags & TraceFlags.SAMPLED) === 0 || !isSpanContextValid(trace)) return null;
  // The machine's clock, as prom-client does it: Prometheus compares this with its own.
  return { labels: { trace_id: trace.traceId, span_id: trace.spanId }, value, timestamp: Date.now() / 1_000 };
}
