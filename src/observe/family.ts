import { definitionOf, type MetricDefinition, type MetricName, type TelemetryError } from './catalogue.js';
import { type Cell, type CellHome, CounterCell, GaugeCell, HistogramCell } from './cells.js';
import { type LabelSet, LabelSets, labelsText } from './label-set.js';

/** Full label values, as callers give them. */
export type LabelValues = Readonly<Record<string, string>>;

/** The series that one app has in a family; of a metric without the label `app`, all of them. */
export interface Block {
  /** Empty where the metric has no label `app`. */
  readonly app: LabelValues;
  /** As it is written: `app="x"`, or nothing. */
  readonly appText: string;
  /** In the order in which they were declared. */
  readonly cells: Cell[];
}

/** One metric of the catalogue with all its series: what there is to be scraped. */
export class Family implements CellHome {
  readonly name: MetricName;
  readonly definition: MetricDefinition;
  readonly bounds: readonly number[];
  readonly hasExemplars: boolean;
  /** Write the current values just before a scrape. */
  readonly collectors = new Set<() => void>();
  readonly #onRefusal: (name: MetricName, reason: TelemetryError) => void;
  readonly #hasApp: boolean;
  readonly #labelSets: LabelSets;
  readonly #blocks = new Map<string, Block>();

  constructor(name: MetricName, hasExemplars: boolean, onRefusal: (name: MetricName, reason: TelemetryError) => void) {
    this.name = name;
    this.definition = definitionOf(name);
    this.bounds = this.definition.buckets ?? [];
    this.hasExemplars = hasExemplars;
    this.#onRefusal = onRefusal;
    const { labels } = this.definition;
    this.#hasApp = labels.includes('app');
    this.#labelSets = new LabelSets(labels.filter((label) => label !== 'app'));
  }

  /**
   * By app. What is declared or forgotten while somebody goes through them is seen, or is not; an app that goes and comes
   * again meanwhile is not seen twice.
   */
  get blocks(): Iterable<Block> {
    return this.#eachOnce();
  }

  /** Undefined if no such series was declared. A label too many is as wrong as one too few. */
  find(labels: LabelValues): Cell | undefined {
    if (Object.keys(labels).length !== this.definition.labels.length) return undefined;
    const own = this.#labelSets.find(labels);
    if (own === undefined) return undefined;
    // Few: an app's own of one metric.
    return this.#blocks.get(this.#blockOf(labels))?.cells.find((cell) => cell.labels === own);
  }

  /** Makes a series exist, at 0. One that does is left as it is. */
  declare(labels: LabelValues): Cell {
    const known = this.find(labels);
    if (known !== undefined) return known;
    const key = this.#blockOf(labels);
    let block = this.#blocks.get(key);
    if (block === undefined) {
      const app: LabelValues = this.#hasApp ? { app: key } : {};
      block = { app, appText: labelsText(app), cells: [] };
      this.#blocks.set(key, block);
    }
    const cell = this.#create(this.#labelSets.take(labels));
    block.cells.push(cell);
    return cell;
  }

  forget(labels: LabelValues): void {
    const cell = this.find(labels);
    const key = this.#blockOf(labels);
    const block = this.#blocks.get(key);
    if (cell === undefined || block === undefined) return;
    this.#labelSets.release(cell.labels);
    const cells = block.cells.filter((each) => each !== cell);
    if (cells.length === 0) this.#blocks.delete(key);
    else this.#blocks.set(key, { ...block, cells });
  }

  /** Forgets all series of an app; what has no label `app` belongs to the process and stays. */
  forgetApp(app: string): void {
    if (!this.#hasApp) return;
    for (const { labels } of this.#blocks.get(app)?.cells ?? []) this.#labelSets.release(labels);
    this.#blocks.delete(app);
  }

  /** Lets the collectors write. One that throws is counted, and the scrape goes on. */
  collect(): void {
    for (const collector of this.collectors) {
      try {
        collector();
      } catch {
        this.refuse('collect');
      }
    }
  }

  /** Lets counts begin anew at 0. */
  reset(): void {
    for (const { cells } of this.#blocks.values()) for (const cell of cells) cell.reset();
  }

  refuse(reason: TelemetryError): void {
    this.#onRefusal(this.name, reason);
  }

  *#eachOnce(): Generator<Block> {
    const seen = new Set<string>();
    for (const [key, block] of this.#blocks) {
      if (seen.has(key)) continue;
      seen.add(key);
      yield block;
    }
  }

  #blockOf(labels: LabelValues): string {
    return this.#hasApp ? `${labels.app}` : '';
  }

  #create(labels: LabelSet): Cell {
    switch (this.definition.type) {
      case 'counter':
        return new CounterCell(this, labels);
      case 'gauge':
        return new GaugeCell(this, labels);
      case 'histogram':
        return new HistogramCell(this, labels);
    }
  }
}
