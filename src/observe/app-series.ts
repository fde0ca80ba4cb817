import type { SpanContext } from '@opentelemetry/api';
import { definitionOf, type LabelsOf, type MetricName, type MetricNameOf } from './catalogue.js';
import type { CounterCell, GaugeCell, HistogramCell } from './cells.js';
import type { Instruments } from './instruments.js';
import { Keyed } from './keyed.js';

/** The labels of one metric besides `app`. */
export type OwnLabelsOf<Name extends MetricName> = Omit<LabelsOf<Name>, 'app'>;

/**
 * One app's series: {@link Instruments} with the label `app` filled in where the metric has one. What comes with each
 * event takes its cells at the start and writes those; all else is written by name.
 */
export class AppSeries {
  readonly #instruments: Instruments;
  readonly #app: string;
  readonly #unsubscribe: (() => void)[] = [];
  #isDisposed = false;

  constructor(instruments: Instruments, app: string) {
    this.#instruments = instruments;
    this.#app = app;
  }

  declare<Name extends MetricName>(name: Name, labels: OwnLabelsOf<Name>): void {
    if (!this.#isDisposed) this.#instruments.declare(name, this.#full(name, labels));
  }

  /** A series to be written with each event: declared, and its cell. Of an app that is gone, nobody sees what is written. */
  counter<Name extends MetricNameOf<'counter'>>(name: Name, labels: OwnLabelsOf<Name>): CounterCell {
    return this.#instruments.counter(name, this.#full(name, labels));
  }

  /** See {@link counter}. */
  gauge<Name extends MetricNameOf<'gauge'>>(name: Name, labels: OwnLabelsOf<Name>): GaugeCell {
    return this.#instruments.gauge(name, this.#full(name, labels));
  }

  /** See {@link counter}. */
  histogram<Name extends MetricNameOf<'histogram'>>(name: Name, labels: OwnLabelsOf<Name>): HistogramCell {
    return this.#instruments.histogram(name, this.#full(name, labels));
  }

  /**
   * The series for each of these values of a label, by value. One that is not among them is counted as `bad_labels`.
   * @param take Declares the series of a value: `(kind) => series.counter('feishu_event_acks_total', { kind })`.
   */
  each<Value extends string, Cell>(values: readonly Value[], take: (value: Value) => Cell): Keyed<Value, Cell> {
    return new Keyed(values, take, () => {
      if (!this.#isDisposed) this.#instruments.onError('bad_labels');
    });
  }

  add<Name extends MetricNameOf<'counter'>>(
    name: Name,
    labels: OwnLabelsOf<Name>,
    value = 1,
    trace: SpanContext | null = null,
  ): void {
    if (!this.#isDisposed) this.#instruments.add(name, this.#full(name, labels), value, trace);
  }

  set<Name extends MetricNameOf<'gauge'>>(name: Name, labels: OwnLabelsOf<Name>, value: number): void {
    if (!this.#isDisposed) this.#instruments.set(name, this.#full(name, labels), value);
  }

  observe<Name extends MetricNameOf<'histogram'>>(
    name: Name,
    labels: OwnLabelsOf<Name>,
    value: number,
    trace: SpanContext | null = null,
  ): void {
    if (!this.#isDisposed) this.#instruments.observe(name, this.#full(name, labels), value, trace);
  }

  onCollect(name: MetricNameOf<'gauge'>, collect: () => void): void {
    this.#unsubscribe.push(this.#instruments.onCollect(name, collect));
  }

  /** Takes this app's series out of the registry. Reports that still come are ignored. */
  dispose(): void {
    this.#isDisposed = true;
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    this.#instruments.forgetApp(this.#app);
  }

  #full<Name extends MetricName>(name: Name, labels: OwnLabelsOf<Name>): LabelsOf<Name> {
    // The catalogue says which metrics have `app`, and the signatures above ask for all its other labels.
    return (definitionOf(name).labels.includes('app') ? { app: this.#app, ...labels } : labels) as LabelsOf<Name>;
  }
}
