import { definitionOf } from './catalogue.js';
import { CounterCell, GaugeCell, HistogramCell } from './cells.js';
import { LabelSets, labelsText } from './label-set.js';
/** One metric of the catalogue with all its series: what there is to be scraped. */
export class Family {
    name;
    definition;
    bounds;
    hasExemplars;
    /** Write the current values just before a scrape. */
    collectors = new Set();
    #onRefusal;
    #hasApp;
    #labelSets;
    #blocks = new Map();
    constructor(name, hasExemplars, onRefusal) {
        this.name = name;
        this.definition = definitionOf(name);
        this.bounds = this.definition.buckets ?? [];
        this.hasExemplars = hasExemplars;
        this.#onRefusal = onRefusal;
        const { labels } = this.definition;
        this.#hasApp = labels.includes('app');
        this.#labelSets = new LabelSets(labels.filter((label) => label !== 'app'));
    }
    /** By app. What is declared or forgotten while somebody goes through them is seen, or is not. */
    get blocks() {
        return this.#blocks.values();
    }
    /** Undefined if no such series was declared. A label too many is as wrong as one too few. */
    find(labels) {
        if (Object.keys(labels).length !== this.definition.labels.length)
            return undefined;
        const own = this.#labelSets.find(labels);
        if (own === undefined)
            return undefined;
        // Few: an app's own of one metric.
        return this.#blocks.get(this.#blockOf(labels))?.cells.find((cell) => cell.labels === own);
    }
    /** Makes a series exist, at 0. One that does is left as it is. */
    declare(labels) {
        const known = this.find(labels);
        if (known !== undefined)
            return known;
        const key = this.#blockOf(labels);
        let block = this.#blocks.get(key);
        if (block === undefined) {
            const app = this.#hasApp ? { app: key } : {};
            block = { app, appText: labelsText(app), cells: [] };
            this.#blocks.set(key, block);
        }
        const cell = this.#create(this.#labelSets.take(labels));
        block.cells.push(cell);
        return cell;
    }
    forget(labels) {
        const cell = this.find(labels);
        const key = this.#blockOf(labels);
        const block = this.#blocks.get(key);
        if (cell === undefined || block === undefined)
            return;
        this.#labelSets.release(cell.labels);
        const cells = block.cells.filter((each) => each !== cell);
        if (cells.length === 0)
            this.#blocks.delete(key);
        else
            this.#blocks.set(key, { ...block, cells });
    }
    /** Forgets all series of an app; what has no label `app` belongs to the process and stays. */
    forgetApp(app) {
        if (!this.#hasApp)
            return;
        for (const { labels } of this.#blocks.get(app)?.cells ?? [])
            this.#labelSets.release(labels);
        this.#blocks.delete(app);
    }
    /** Lets the collectors write. One that throws is counted, and the scrape goes on. */
    collect() {
        for (const collector of this.collectors) {
            try {
                collector();
            }
            catch {
                this.refuse('collect');
            }
        }
    }
    /** Lets counts begin anew at 0. */
    reset() {
        for (const { cells } of this.#blocks.values())
            for (const cell of cells)
                cell.reset();
    }
    refuse(reason) {
        this.#onRefusal(this.name, reason);
    }
    #blockOf(labels) {
        return this.#hasApp ? `${labels.app}` : '';
    }
    #create(labels) {
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
