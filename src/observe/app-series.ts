import type { SpanContext } from '@opentelemetry/api';
import { definitionOf, type LabelsOf, type MetricName, type MetricNameOf } from './catalogue.js';
import type { Instruments } from './instruments.js';

/** The labels of one metric besides `app`. */
export type OwnLabelsOf<Name extends MetricName> = Omit<LabelsOf<Name>, 'app'>;

/** One app's series: {@link Instruments} with the label `app` filled in where the metric has one. */
export class AppSeries {
  readonly #instruments: Instruments;
  readonly #app: string;
  readonly #forget: (() => void)[] = [];
  #isDisposed = false;

  constructor(instruments: Instruments, app: string) {
    this.#instruments = instruments;
    this.#app = app;
  }

  declare<Name extends MetricName>(name: Name, labels: OwnLabelsOf<Name>): void {
    if (this.#isDisposed) return;
    const full = this.#full(name, labels);
    this.#instruments.declare(name, full);
    // What has no label `app` belongs to the process and stays.
    if ('app' in full) this.#forget.push(() => this.#instruments.forget(name, full));
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
    this.#forget.push(this.#instruments.onCollect(name, collect));
  }

  /** Takes this app's series out of the registry. Reports that still come are ignored. */
  dispose(): void {
    this.#isDisposed = true;
    for (const forget of this.#forget.splice(0)) forget();
  }

  #full<Name extends MetricName>(name: Name, labels: OwnLabelsOf<Name>): LabelsOf<Name> {
    // The catalogue says which metrics have `app`, and the signatures above ask for all its other labels.
    return (definitionOf(name).labels.includes('app') ? { app: this.#app, ...labels } : labels) as LabelsOf<Name>;
  }
}
