import { Counter, Gauge, Histogram } from 'prom-client';
import { CounterCell, type Exemplar, HistogramCell } from './cells.js';
import type { Family, LabelValues } from './family.js';
import type { MetricsRegistry } from './registry.js';

/**
 * The faces that prom-client's registries see: its own metrics, but for that they hold no value. Whoever collects them
 * is given what the cells of a {@link Family} hold then, so `registry.metrics()`, `getMetricsAsJSON` and whatever else
 * reads a registry work as ever, and an event costs nothing of it.
 */
export type Face = CounterFace | GaugeFace | HistogramFace;

/**
 * Makes a family part of a registry.
 * @throws Error if the registry has a metric of that name.
 */
export function showIn(registry: MetricsRegistry, family: Family): void {
  switch (family.definition.type) {
    case 'counter':
      new CounterFace(family, registry);
      return;
    case 'gauge':
      new GaugeFace(family, registry);
      return;
    case 'histogram':
      new HistogramFace(family, registry);
      return;
  }
}

/** The family behind a registry's metric; null for one of somebody else. */
export function familyOf(metric: object): Family | null {
  return metric instanceof CounterFace || metric instanceof GaugeFace || metric instanceof HistogramFace
    ? metric.family
    : null;
}

/** One value as prom-client takes it: `sharedLabels` are all but a bucket's bound, and their text is made once for each object. */
interface Value {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly sharedLabels: LabelValues;
  readonly value: number;
  readonly exemplar?: unknown;
}

class CounterFace extends Counter {
  readonly #family: Family;

  constructor(family: Family, registry: MetricsRegistry) {
    super(optionsOf(family, registry));
    this.#family = family;
  }

  get family(): Family {
    return this.#family;
  }

  override async get() {
    this.#family.collect();
    return { ...(await super.get()), values: valuesOf(this.#family).map(flat) };
  }

  /** What registries write text from; of a metric without it they take `get`. prom-client's types leave it out. */
  async getForPromString() {
    this.#family.collect();
    return { ...(await super.get()), values: valuesOf(this.#family) };
  }

  override reset(): void {
    super.reset();
    // The constructor of all metrics resets, too.
    if (#family in this) this.#family.reset();
  }
}

class GaugeFace extends Gauge {
  readonly #family: Family;

  constructor(family: Family, registry: MetricsRegistry) {
    super(optionsOf(family, registry));
    this.#family = family;
  }

  get family(): Family {
    return this.#family;
  }

  override async get() {
    this.#family.collect();
    return { ...(await super.get()), values: valuesOf(this.#family).map(flat) };
  }

  /** See {@link CounterFace.getForPromString}. */
  async getForPromString() {
    this.#family.collect();
    return { ...(await super.get()), values: valuesOf(this.#family) };
  }

  override reset(): void {
    super.reset();
    if (#family in this) this.#family.reset();
  }
}

class HistogramFace extends Histogram {
  readonly #family: Family;

  constructor(family: Family, registry: MetricsRegistry) {
    super({ ...optionsOf(family, registry), buckets: [...family.bounds] });
    this.#family = family;
  }

  get family(): Family {
    return this.#family;
  }

  override async get() {
    const told = await this.getForPromString();
    // prom-client's types give the type of a metric as a number, and it is a word.
    return { ...told, values: told.values.map(flat) } as unknown as Awaited<ReturnType<Histogram['get']>>;
  }

  /** See {@link CounterFace.getForPromString}. */
  async getForPromString() {
    const { name, definition } = this.#family;
    this.#family.collect();
    const { help, type } = definition;
    return { name, help, type, aggregator: 'sum', values: valuesOf(this.#family) };
  }

  override reset(): void {
    super.reset();
    if (#family in this) this.#family.reset();
  }
}

function optionsOf({ name, definition, hasExemplars }: Family, registry: MetricsRegistry) {
  return {
    name,
    help: definition.help,
    labelNames: definition.labels,
    registers: [registry],
    enableExemplars: hasExemplars,
  };
}

function valuesOf(family: Family): Value[] {
  const { name, bounds } = family;
  const bucketName = `${name}_bucket`;
  const sumName = `${name}_sum`;
  const countName = `${name}_count`;
  const buckets = [...bounds, '+Inf'].map((le) => ({ le }));
  const values: Value[] = [];
  for (const { app, cells } of family.blocks) {
    for (const cell of cells) {
      cell.shown ??= { ...app, ...cell.labels.values };
      const sharedLabels = cell.shown;
      if (!(cell instanceof HistogramCell)) {
        const exemplar = cell instanceof CounterCell ? shown(cell.exemplar) : null;
        values.push({ labels: NO_LABELS, sharedLabels, value: cell.value, ...(exemplar && { exemplar }) });
        continue;
      }
      let below = 0;
      for (const [bucket, labels] of buckets.entries()) {
        below += cell.perBound[bucket] ?? 0;
        const value = bucket < bounds.length ? below : cell.count;
        const exemplar = shown(cell.exemplars?.[bucket] ?? null);
        values.push({ metricName: bucketName, labels, sharedLabels, value, exemplar });
      }
      values.push({ metricName: sumName, labels: NO_LABELS, sharedLabels, value: cell.sum });
      values.push({ metricName: countName, labels: NO_LABELS, sharedLabels, value: cell.count });
    }
  }
  return values;
}

const NO_LABELS = {};

/** A value with all its labels in one, as it goes into JSON. */
function flat({ labels, sharedLabels, ...rest }: Value) {
  return { ...rest, labels: { ...labels, ...sharedLabels } };
}

/** An exemplar in prom-client's words. */
function shown(exemplar: Exemplar | null) {
  return exemplar && { labelSet: exemplar.labels, value: exemplar.value, timestamp: exemplar.timestamp };
}
