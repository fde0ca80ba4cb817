import { Buffer } from 'node:buffer';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { piecesOf } from './exposition.js';
import { Instruments } from './instruments.js';
import { familyOf } from './prom-faces.js';
import { isOpenMetricsRegistry } from './registry.js';
/**
 * How long a slice of a scrape holds the event loop, in milliseconds, before everything else has its turn. Acks have
 * three seconds and pings ten; five milliseconds are lost in what the loop is late anyway, and few turns are needed.
 */
export const SLICE_MS = 5;
/** So much text becomes bytes at a time. */
const PART_LENGTH = 65_536;
const SYSTEM_PACE = { now: () => performance.now(), nextTurn: () => nextTurn() };
/**
 * The registry's metrics, in the format they were created for: what `registry.metrics()` says, but written in slices of
 * about {@link SLICE_MS}, between which the event loop goes on. All lines of an app's metric are of the same moment; two
 * metrics may be milliseconds apart, and so may two apps.
 * @throws Error if the registry's format was changed since, or a metric that is not ours fails to collect.
 * @throws The signal's reason, once that is aborted.
 */
export async function scrape(registry, options = {}) {
    const { signal, pace = SYSTEM_PACE } = options;
    const { isOpenMetrics } = Instruments.of(registry);
    const slices = new Slices(pace, signal);
    const isPlain = await isWrittenAsHere(registry, isOpenMetrics);
    let isFirst = true;
    for (const metric of registry.getMetricsAsArray()) {
        // Between two metrics the text format has an empty line.
        if (!isFirst && !isOpenMetrics)
            slices.write('\n');
        isFirst = false;
        const family = isPlain ? familyOf(metric) : null;
        if (family === null)
            slices.write(`${await writtenByRegistry(registry, metric)}\n`);
        else {
            family.collect();
            for (const piece of piecesOf(family, isOpenMetrics)) {
                slices.write(piece);
                if (slices.isOver)
                    await slices.next();
            }
        }
        if (slices.isOver)
            await slices.next();
    }
    if (isFirst)
        slices.write('\n');
    if (isOpenMetrics)
        slices.write('# EOF\n');
    return { contentType: registry.contentType, body: slices.end() };
}
/** Text that grows slice by slice. */
class Slices {
    #pace;
    #signal;
    #body = [];
    #text = '';
    #beganAt;
    constructor(pace, signal) {
        this.#pace = pace;
        this.#signal = signal;
        this.#beganAt = pace.now();
    }
    /** Whether the others should have their turn. */
    get isOver() {
        return this.#pace.now() - this.#beganAt >= SLICE_MS;
    }
    write(text) {
        this.#text += text;
        if (this.#text.length >= PART_LENGTH)
            this.#cut();
    }
    async next() {
        await this.#pace.nextTurn();
        this.#signal?.throwIfAborted();
        this.#beganAt = this.#pace.now();
    }
    end() {
        this.#cut();
        return this.#body;
    }
    #cut() {
        this.#body.push(Buffer.from(this.#text));
        this.#text = '';
    }
}
/**
 * Whether this registry writes a metric of ours as we do. One with default labels does not, and all is left to it then;
 * as it is if prom-client ever changes what it writes.
 */
async function isWrittenAsHere(registry, isOpenMetrics) {
    const metric = registry.getMetricsAsArray().find((each) => familyOf(each)?.name === SMALLEST);
    const family = metric && familyOf(metric);
    if (metric === undefined || !family)
        return false;
    return [...piecesOf(family, isOpenMetrics)].join('') === `${await writtenByRegistry(registry, metric)}\n`;
}
const SMALLEST = 'feishu_connector_telemetry_errors_total';
/** One metric as `registry.metrics()` writes it, without the line's end. */
async function writtenByRegistry(registry, metric) {
    // It goes on being registered under the name that it came with.
    const key = [metric.name, `${metric.name}_total`].find((name) => Object.is(registry.getSingleMetric(name), metric));
    if (key === undefined)
        throw new Error(`the metric ${metric.name} is registered under another name`);
    // Where `metrics()` renames counters, and leaves them so, the text of a single one is only right after that.
    if (isOpenMetricsRegistry(registry) && metric.type === 'counter')
        metric.name = metric.name.replace(/_total$/, '');
    return registry.getSingleMetricAsString(key);
}
