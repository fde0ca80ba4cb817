import { Counter, Gauge, Histogram } from 'prom-client';
import { CounterCell, type Exemplar, GaugeCell, HistogramCell } from './cells.js';
import type { Block, Family, LabelValues } from './family.js';
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

/** One value as prom-client takes it. */
interface Value {
  readonly labels: LabelValues;
  readonly value: number;
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
    return { ...(await super.get()), values: [...counterValues(this.#family)] };
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
    return { ...(await super.get()), values: [...gaugeValues(this.#family)] };
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

  /** What registries ask of a histogram; prom-client makes `get` of it by itself. Its types leave it out. */
  async getForPromString() {
    const { name, definition } = this.#family;
    this.#family.collect();
    const values = [...histogramValues(this.#family)];
    return { name, help: definition.help, type: definition.type, aggregator: 'sum', values };
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

function* counterValues(family: Family): Generator<Value & { readonly exemplar?: unknown }> {
  for (const block of family.blocks) {
    for (const cell of block.cells) {
      if (!(cell instanceof CounterCell)) continue;
      const { value, exemplar } = cell;
      yield { value, labels: labelsOf(block, cell), ...(exemplar && { exemplar: shown(exemplar) }) };
    }
  }
}

function* gaugeValues(family: Family): Generator<Value> {
  for (const block of family.blocks) {
    for (const cell of block.cells) {
      if (cell instanceof GaugeCell) yield { value: cell.value, labels: labelsOf(block, cell) };
    }
  }
}

/** A bucket's bound is a label of its own; the others are shared by all lines of a series. */
function* histogramValues(family: Family) {
  const { name, bounds } = family;
  for (const block of family.blocks) {
    for (const cell of block.cells) {
      if (!(cell instanceof HistogramCell)) continue;
      const sharedLabels = labelsOf(block, cell);
      let below = 0;
      for (const [bucket, le] of [...bounds, '+Inf'].entries()) {
        below += cell.perBound[bucket] ?? 0;
        const value = bucket < bounds.length ? below : cell.count;
        const exemplar = shown(cell.exemplars?.[bucket] ?? null);
        yield { metricName: `${name}_bucket`, labels: { le }, sharedLabels, value, exemplar };
      }
      yield { metricName: `${name}_sum`, labels: {}, sharedLabels, value: cell.sum };
      yield { metricName: `${name}_count`, labels: {}, sharedLabels, value: cell.count };
    }
  }
}

function labelsOf({ app }: Block, { labels }: { readonly labels: { readonly values: LabelValues } }): LabelValues {
  return { ...app, ...labels.values };
}

/** An exemplar in prom-client's words. */
function shown(exemplar: Exemplar | null) {
  return exemplar && { labelSet: exemplar.labels, value: exemplar.value, timestamp: exemplar.timestamp };
}
