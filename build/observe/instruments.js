import { carriesExemplars, TELEMETRY_ERRORS, } from './catalogue.js';
import { CounterCell, GaugeCell, HistogramCell } from './cells.js';
import { Family } from './family.js';
import { showIn } from './prom-faces.js';
import { isOpenMetricsRegistry } from './registry.js';
const instrumentsOf = new WeakMap();
/**
 * The metrics of the catalogue in one prom-client 15 registry, shared by all connectors that use that registry.
 * prom-client has traps; values are kept in {@link Cell}s of our own, and no method here throws but where it says so:
 * - A series must be declared before it is written, at 0. So a scrape shows every known label set from the start, and
 *   a misspelt or incomplete one is refused (prom-client adds a second, half-labelled series).
 * - A value that is not finite is refused (`inc(NaN)` poisons a counter for good).
 * - Exemplars belong to the series that they were given with (with exemplars on, `.labels().inc()` drops the labels).
 * - A collector that throws is counted (prom-client fails the whole scrape).
 * - The format is the registry's at its first use (a change renames the counters for good): see `scrape`.
 * What is refused is counted in `feishu_connector_telemetry_errors_total`.
 */
export class Instruments {
    isOpenMetrics;
    #registry;
    #families = new Map();
    /**
     * The Instruments of a registry, made at its first use.
     * @throws TypeError if the registry speaks another format than asked for, or than at its first use.
     */
    static of(registry, openMetrics) {
        const instruments = instrumentsOf.get(registry) ?? new Instruments(registry);
        if (isOpenMetricsRegistry(registry) !== instruments.isOpenMetrics) {
            throw new TypeError('the registry changed its format after its first use; a process speaks one format');
        }
        if (openMetrics !== undefined && openMetrics !== instruments.isOpenMetrics) {
            throw new TypeError(`openMetrics is ${openMetrics}, but the registry's content type is ${registry.contentType}; make it with createRegistry(${openMetrics})`);
        }
        instrumentsOf.set(registry, instruments);
        return instruments;
    }
    constructor(registry) {
        this.#registry = registry;
        this.isOpenMetrics = isOpenMetricsRegistry(registry);
        for (const reason of TELEMETRY_ERRORS)
            this.declare('feishu_connector_telemetry_errors_total', { reason });
    }
    /** Whether a series was declared. */
    has(name, labels) {
        return this.#families.get(name)?.find(labels) !== undefined;
    }
    /**
     * Makes a series exist, at 0. Twice does nothing.
     * @throws Error if the registry holds a metric of that name that is not ours.
     */
    declare(name, labels) {
        this.#family(name).declare(labels);
    }
    /**
     * The cell of a series, declared by this: for whoever writes it with each event.
     * @throws Error as {@link declare} does.
     */
    counter(name, labels) {
        return as(CounterCell, this.#family(name).declare(labels));
    }
    /** See {@link counter}. */
    gauge(name, labels) {
        return as(GaugeCell, this.#family(name).declare(labels));
    }
    /** See {@link counter}. */
    histogram(name, labels) {
        return as(HistogramCell, this.#family(name).declare(labels));
    }
    /** Takes a series out of the registry. One that does not exist is no error. */
    forget(name, labels) {
        this.#families.get(name)?.forget(labels);
    }
    /** Takes all series of an app out of the registry. */
    forgetApp(app) {
        for (const family of this.#families.values())
            family.forgetApp(app);
    }
    /** Adds to a counter, see {@link CounterCell.add}. */
    add(name, labels, value = 1, trace = null) {
        const cell = this.#find(name, labels);
        if (cell instanceof CounterCell)
            cell.add(value, trace);
        else if (cell !== undefined)
            this.#refuse(name, 'bad_value');
    }
    /** Sets a gauge. */
    set(name, labels, value) {
        const cell = this.#find(name, labels);
        if (cell instanceof GaugeCell)
            cell.set(value);
        else if (cell !== undefined)
            this.#refuse(name, 'bad_value');
    }
    /** Adds an observation to a histogram, see {@link HistogramCell.observe}. */
    observe(name, labels, value, trace = null) {
        const cell = this.#find(name, labels);
        if (cell instanceof HistogramCell)
            cell.observe(value, trace);
        else if (cell !== undefined)
            this.#refuse(name, 'bad_value');
    }
    /**
     * Runs `collect` before each scrape, to write values that are only known then.
     * @returns Ends that.
     */
    onCollect(name, collect) {
        const { collectors } = this.#family(name);
        collectors.add(collect);
        return () => {
            collectors.delete(collect);
        };
    }
    /** Counts a failure of our own instrumentation. */
    onError = (reason) => {
        this.add('feishu_connector_telemetry_errors_total', { reason });
    };
    #find(name, labels) {
        const cell = this.#families.get(name)?.find(labels);
        if (cell === undefined)
            this.#refuse(name, 'bad_labels');
        return cell;
    }
    #refuse = (name, reason) => {
        // Were the counter of refusals refused itself, counting that would never end.
        if (name !== 'feishu_connector_telemetry_errors_total')
            this.onError(reason);
    };
    #family(name) {
        const known = this.#families.get(name);
        if (known !== undefined)
            return known;
        if (this.#registry.getSingleMetric(name) !== undefined) {
            throw new Error(`the registry already holds a metric ${name} that is not feishu-connector's`);
        }
        const family = new Family(name, this.isOpenMetrics && carriesExemplars(name), this.#refuse);
        showIn(this.#registry, family);
        this.#families.set(name, family);
        return family;
    }
}
/** Counts failures of the instrumentation around a registry: for whoever runs it besides the connectors. */
export function telemetryErrorsOf(registry) {
    return Instruments.of(registry).onError;
}
/** The types of a metric's name promise which cells it has. */
function as(kind, cell) {
    if (cell instanceof kind)
        return cell;
    throw new TypeError(`a metric has cells of another type: ${cell.constructor.name}`);
}
