import { Counter, Gauge, Histogram } from 'prom-client';
import { CounterCell, GaugeCell, HistogramCell } from './cells.js';
/**
 * Makes a family part of a registry.
 * @throws Error if the registry has a metric of that name.
 */
export function showIn(registry, family) {
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
export function familyOf(metric) {
    return metric instanceof CounterFace || metric instanceof GaugeFace || metric instanceof HistogramFace
        ? metric.family
        : null;
}
class CounterFace extends Counter {
    #family;
    constructor(family, registry) {
        super(optionsOf(family, registry));
        this.#family = family;
    }
    get family() {
        return this.#family;
    }
    async get() {
        this.#family.collect();
        return { ...(await super.get()), values: [...counterValues(this.#family)] };
    }
    reset() {
        super.reset();
        // The constructor of all metrics resets, too.
        if (#family in this)
            this.#family.reset();
    }
}
class GaugeFace extends Gauge {
    #family;
    constructor(family, registry) {
        super(optionsOf(family, registry));
        this.#family = family;
    }
    get family() {
        return this.#family;
    }
    async get() {
        this.#family.collect();
        return { ...(await super.get()), values: [...gaugeValues(this.#family)] };
    }
    reset() {
        super.reset();
        if (#family in this)
            this.#family.reset();
    }
}
class HistogramFace extends Histogram {
    #family;
    constructor(family, registry) {
        super({ ...optionsOf(family, registry), buckets: [...family.bounds] });
        this.#family = family;
    }
    get family() {
        return this.#family;
    }
    /** What registries ask of a histogram; prom-client makes `get` of it by itself. Its types leave it out. */
    async getForPromString() {
        const { name, definition } = this.#family;
        this.#family.collect();
        const values = [...histogramValues(this.#family)];
        return { name, help: definition.help, type: definition.type, aggregator: 'sum', values };
    }
    reset() {
        super.reset();
        if (#family in this)
            this.#family.reset();
    }
}
function optionsOf({ name, definition, hasExemplars }, registry) {
    return {
        name,
        help: definition.help,
        labelNames: definition.labels,
        registers: [registry],
        enableExemplars: hasExemplars,
    };
}
function* counterValues(family) {
    for (const block of family.blocks) {
        for (const cell of block.cells) {
            if (!(cell instanceof CounterCell))
                continue;
            const { value, exemplar } = cell;
            yield { value, labels: labelsOf(block, cell), ...(exemplar && { exemplar: shown(exemplar) }) };
        }
    }
}
function* gaugeValues(family) {
    for (const block of family.blocks) {
        for (const cell of block.cells) {
            if (cell instanceof GaugeCell)
                yield { value: cell.value, labels: labelsOf(block, cell) };
        }
    }
}
/** A bucket's bound is a label of its own; the others are shared by all lines of a series. */
function* histogramValues(family) {
    const { name, bounds } = family;
    for (const block of family.blocks) {
        for (const cell of block.cells) {
            if (!(cell instanceof HistogramCell))
                continue;
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
function labelsOf({ app }, { labels }) {
    return { ...app, ...labels.values };
}
/** An exemplar in prom-client's words. */
function shown(exemplar) {
    return exemplar && { labelSet: exemplar.labels, value: exemplar.value, timestamp: exemplar.timestamp };
}
