import type { Counter, Gauge, Histogram } from 'prom-client';
import { CounterCell, type Exemplar, HistogramCell } from './cells.js';
import type { Family, LabelValues } from './family.js';
import { promClient } from './packages.js';
import type { MetricsRegistry } from './registry.js';

/** Ours, by what a registry holds of them. */
const FAMILIES = new WeakMap<object, Family>();

/**
 * Makes a family part of a registry, by the face that prom-client sees: a metric of its own, but for that it holds no value.
 * Whoever collects it is given what the cells of the {@link Family} hold then, so `registry.metrics()`, `getMetricsAsJSON`
 * and whatever else reads a registry work as ever, and an event costs nothing of it.
 * @throws Error if the registry has a metric of that name.
 */
export function showIn(registry: MetricsRegistry, family: Family): void {
  const { help, type } = family.definition;
  const face = metricIn(registry, family);
  const told = () => {
    family.collect();
    // Its own name, not the family's: for OpenMetrics a registry takes `_total` off it.
    return { name: face.name, help, type, aggregator: 'sum', values: valuesOf(family) };
  };
  FAMILIES.set(face, family);
  Object.assign(face, {
    get: async () => {
      const { values, ...rest } = told();
      return { ...rest, values: values.map(flat) };
    },
    // What registries write text from; of a metric without it they take `get`. prom-client's types leave it out.
    getForPromString: async () => told(),
    reset: () => family.reset(),
  });
}

/** The family behind a registry's metric; null for one of somebody else. */
export function familyOf(metric: object): Family | null {
  return FAMILIES.get(metric) ?? null;
}

/** prom-client's types leave the name out. */
type Named<Metric> = Metric & { readonly name: string };

function metricIn(registry: MetricsRegistry, { name, definition, bounds, hasExemplars }: Family) {
  const { Counter, Gauge, Histogram } = promClient();
  const { help, labels, type } = definition;
  const options = { name, help, labelNames: labels, registers: [registry], enableExemplars: hasExemplars };
  switch (type) {
    case 'counter':
      return new Counter(options) as Named<Counter>;
    case 'gauge':
      return new Gauge(options) as Named<Gauge>;
    case 'histogram':
      return new Histogram({ ...options, buckets: [...bounds] }) as Named<Histogram>;
  }
}

/** One value as prom-client takes it: `sharedLabels` are all but a bucket's bound, and their text is made once for each object. */
interface Value {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly sharedLabels: LabelValues;
  readonly value: number;
  readonly exemplar?: unknown;
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
