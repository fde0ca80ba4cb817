import { isSpanContextValid, type SpanContext, TraceFlags } from '@opentelemetry/api';
import {
  Counter,
  Gauge,
  Histogram,
  type OpenMetricsContentType,
  type PrometheusContentType,
  Registry,
} from 'prom-client';
import {
  carriesExemplars,
  definitionOf,
  type LabelsOf,
  type MetricName,
  type MetricNameOf,
  type OnTelemetryError,
  TELEMETRY_ERRORS,
  type TelemetryError,
} from './catalogue.js';

/** A prom-client registry of either format. */
export type MetricsRegistry = Registry<PrometheusContentType> | Registry<OpenMetricsContentType>;

/**
 * A registry of its own, in the one format this process will speak.
 * @param openMetrics True for OpenMetrics, which exemplars need; false, the default, for the Prometheus text format.
 */
export function createRegistry(openMetrics = false): MetricsRegistry {
  const registry = new Registry<OpenMetricsContentType>();
  // Set while it is empty: a registry that changes its format later loses the names of its counters.
  if (openMetrics) registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return registry;
}

/** The labels of one series, as prom-client takes them. */
type LabelValues = Readonly<Record<string, string>>;

interface Instrument {
  readonly metric: Counter | Gauge | Histogram;
  readonly labelNames: readonly string[];
  /** Only these series exist; the key is their label values in the catalogue's order. */
  readonly declared: Map<string, LabelValues>;
  /** Write the current values just before a scrape. */
  readonly collectors: Set<() => void>;
  readonly hasExemplars: boolean;
}

const instrumentsOf = new WeakMap<MetricsRegistry, Instruments>();

/**
 * The metrics of the catalogue in one prom-client 15 registry, shared by all connectors that use that registry.
 * prom-client has traps; this is the only file that touches its metrics, and no method here throws:
 * - A series must be declared before it is written, at 0. So a scrape shows every known label set from the start, and
 *   a misspelt or incomplete one is refused (prom-client adds a second, half-labelled series).
 * - A value that is not finite is refused (`inc(NaN)` poisons a counter for good).
 * - Exemplars are given as `inc({ labels, value, exemplarLabels })` (with exemplars on, `.labels().inc()` drops the labels).
 * - A collector that throws is counted (prom-client fails the whole scrape).
 * - The format is the registry's at its first use (a change renames the counters for good): see {@link scrape}.
 * What is refused is counted in `feishu_connector_telemetry_errors_total`.
 */
export class Instruments {
  readonly isOpenMetrics: boolean;
  readonly #registry: MetricsRegistry;
  readonly #instruments = new Map<MetricName, Instrument>();

  /**
   * The Instruments of a registry, made at its first use.
   * @throws TypeError if the registry speaks another format than asked for, or than at its first use.
   */
  static of(registry: MetricsRegistry, openMetrics?: boolean): Instruments {
    const instruments = instrumentsOf.get(registry) ?? new Instruments(registry);
    if (isOpenMetricsRegistry(registry) !== instruments.isOpenMetrics) {
      throw new TypeError('the registry changed its format after its first use; a process speaks one format');
    }
    if (openMetrics !== undefined && openMetrics !== instruments.isOpenMetrics) {
      throw new TypeError(
        `openMetrics is ${openMetrics}, but the registry's content type is ${registry.contentType}; make it with createRegistry(${openMetrics})`,
      );
    }
    instrumentsOf.set(registry, instruments);
    return instruments;
  }

  private constructor(registry: MetricsRegistry) {
    this.#registry = registry;
    this.isOpenMetrics = isOpenMetricsRegistry(registry);
    for (const reason of TELEMETRY_ERRORS) this.declare('feishu_connector_telemetry_errors_total', { reason });
  }

  /** Whether a series was declared. */
  has<Name extends MetricName>(name: Name, labels: LabelsOf<Name>): boolean {
    const instrument = this.#instruments.get(name);
    return instrument?.declared.has(keyOf(instrument, labels)) ?? false;
  }

  /**
   * Makes a series exist, at 0. Twice does nothing.
   * @throws Error if the registry holds a metric of that name that is not ours.
   */
  declare<Name extends MetricName>(name: Name, labels: LabelsOf<Name>): void {
    const instrument = this.#instrument(name);
    const key = keyOf(instrument, labels);
    if (instrument.declared.has(key)) return;
    const values: LabelValues = { ...labels };
    instrument.declared.set(key, values);
    const { metric } = instrument;
    if (metric instanceof Histogram) metric.zero(values);
    else if (metric instanceof Gauge) metric.set(values, 0);
    else if (instrument.hasExemplars) metric.inc({ labels: values, value: 0 });
    else metric.inc(values, 0);
  }

  /** Takes a series out of the registry. One that does not exist is no error. */
  forget<Name extends MetricName>(name: Name, labels: LabelsOf<Name>): void {
    const instrument = this.#instruments.get(name);
    const values = instrument?.declared.get(keyOf(instrument, labels));
    if (instrument === undefined || values === undefined) return;
    instrument.declared.delete(keyOf(instrument, labels));
    instrument.metric.remove(values);
  }

  /** Adds to a counter. `trace` becomes its exemplar if it is sampled and the metric carries exemplars. */
  add<Name extends MetricNameOf<'counter'>>(
    name: Name,
    labels: LabelsOf<Name>,
    value = 1,
    trace: SpanContext | null = null,
  ): void {
    this.#write(name, labels, value, (instrument, values) => {
      if (!(instrument.metric instanceof Counter) || value < 0) return false;
      if (!instrument.hasExemplars) instrument.metric.inc(values, value);
      else instrument.metric.inc({ labels: values, value, ...exemplarOf(trace) });
      return true;
    });
  }

  /** Sets a gauge. */
  set<Name extends MetricNameOf<'gauge'>>(name: Name, labels: LabelsOf<Name>, value: number): void {
    this.#write(name, labels, value, (instrument, values) => {
      if (!(instrument.metric instanceof Gauge)) return false;
      instrument.metric.set(values, value);
      return true;
    });
  }

  /** Adds an observation to a histogram. `trace` becomes its bucket's exemplar, as in {@link add}. */
  observe<Name extends MetricNameOf<'histogram'>>(
    name: Name,
    labels: LabelsOf<Name>,
    value: number,
    trace: SpanContext | null = null,
  ): void {
    this.#write(name, labels, value, (instrument, values) => {
      if (!(instrument.metric instanceof Histogram)) return false;
      if (!instrument.hasExemplars) instrument.metric.observe(values, value);
      else instrument.metric.observe({ labels: values, value, ...exemplarOf(trace) });
      return true;
    });
  }

  /**
   * Runs `collect` before each scrape, to write values that are only known then.
   * @returns Ends that.
   */
  onCollect(name: MetricNameOf<'gauge'>, collect: () => void): () => void {
    const { collectors } = this.#instrument(name);
    collectors.add(collect);
    return () => {
      collectors.delete(collect);
    };
  }

  /** Counts a failure of our own instrumentation. */
  readonly onError = (reason: TelemetryError): void => {
    this.add('feishu_connector_telemetry_errors_total', { reason });
  };

  #write(
    name: MetricName,
    labels: LabelValues,
    value: number,
    write: (instrument: Instrument, values: LabelValues) => boolean,
  ): void {
    const instrument = this.#instruments.get(name);
    const values = instrument?.declared.get(keyOf(instrument, labels));
    if (instrument === undefined || values === undefined) this.#refuse(name, 'bad_labels');
    else if (!Number.isFinite(value) || !write(instrument, values)) this.#refuse(name, 'bad_value');
  }

  #refuse(name: MetricName, reason: TelemetryError): void {
    // Were the counter of refusals refused itself, counting that would never end.
    if (name !== 'feishu_connector_telemetry_errors_total') this.onError(reason);
  }

  #instrument(name: MetricName): Instrument {
    const known = this.#instruments.get(name);
    if (known !== undefined) return known;
    if (this.#registry.getSingleMetric(name) !== undefined) {
      throw new Error(`the registry already holds a metric ${name} that is not feishu-connector's`);
    }
    const collectors = new Set<() => void>();
    const instrument: Instrument = {
      ...this.#create(name, () => this.#collect(collectors)),
      labelNames: definitionOf(name).labels,
      declared: new Map(),
      collectors,
    };
    this.#instruments.set(name, instrument);
    return instrument;
  }

  #create(name: MetricName, collect: () => void): Pick<Instrument, 'metric' | 'hasExemplars'> {
    const { type, labels, buckets, help } = definitionOf(name);
    const hasExemplars = this.isOpenMetrics && carriesExemplars(name);
    const options = { name, help, labelNames: labels, registers: [this.#registry], enableExemplars: hasExemplars };
    switch (type) {
      case 'counter':
        return { metric: new Counter(options), hasExemplars };
      case 'gauge':
        return { metric: new Gauge({ ...options, collect }), hasExemplars };
      case 'histogram':
        return { metric: new Histogram({ ...options, buckets: [...(buckets ?? [])] }), hasExemplars };
    }
  }

  #collect(collectors: ReadonlySet<() => void>): void {
    for (const collector of collectors) {
      try {
        collector();
      } catch {
        this.onError('collect');
      }
    }
  }
}

/** Counts failures of the instrumentation around a registry: for whoever runs it besides the connectors. */
export function telemetryErrorsOf(registry: MetricsRegistry): OnTelemetryError {
  return Instruments.of(registry).onError;
}

/** What a scrape answers. */
export interface Scrape {
  readonly contentType: string;
  readonly body: string;
}

/**
 * The registry's metrics, in the format they were created for.
 * @throws Error if the registry's format was changed since, or a metric that is not ours fails to collect.
 */
export async function scrape(registry: MetricsRegistry): Promise<Scrape> {
  Instruments.of(registry);
  return { contentType: registry.contentType, body: await registry.metrics() };
}

function isOpenMetricsRegistry(registry: MetricsRegistry): boolean {
  return registry.contentType === Registry.OPENMETRICS_CONTENT_TYPE;
}

function keyOf(instrument: Instrument, labels: LabelValues): string {
  let key = '';
  for (const name of instrument.labelNames) key += `${labels[name]}\u0000`;
  // A label too many is as wrong as one too few; prom-client throws there.
  return Object.keys(labels).length === instrument.labelNames.length ? key : '';
}

function exemplarOf(trace: SpanContext | null): { exemplarLabels?: Record<string, string> } {
  if (trace === null || !isSpanContextValid(trace) || (trace.traceFlags & TraceFlags.SAMPLED) === 0) return {};
  return { exemplarLabels: { trace_id: trace.traceId, span_id: trace.spanId } };
}
