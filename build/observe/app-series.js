import { definitionOf } from './catalogue.js';
import { Keyed } from './keyed.js';
/**
 * One app's series: {@link Instruments} with the label `app` filled in where the metric has one. What comes with each
 * event takes its cells at the start and writes those; all else is written by name.
 */
export class AppSeries {
    #instruments;
    #app;
    #unsubscribe = [];
    #isDisposed = false;
    constructor(instruments, app) {
        this.#instruments = instruments;
        this.#app = app;
    }
    declare(name, labels) {
        if (!this.#isDisposed)
            this.#instruments.declare(name, this.#full(name, labels));
    }
    /** A series to be written with each event: declared, and its cell. Of an app that is gone, nobody sees what is written. */
    counter(name, labels) {
        return this.#instruments.counter(name, this.#full(name, labels));
    }
    /** See {@link counter}. */
    gauge(name, labels) {
        return this.#instruments.gauge(name, this.#full(name, labels));
    }
    /** See {@link counter}. */
    histogram(name, labels) {
        return this.#instruments.histogram(name, this.#full(name, labels));
    }
    /**
     * The series for each of these values of a label, by value. One that is not among them is counted as `bad_labels`.
     * @param take Declares the series of a value: `(kind) => series.counter('feishu_event_acks_total', { kind })`.
     */
    each(values, take) {
        return new Keyed(values, take, () => {
            if (!this.#isDisposed)
                this.#instruments.onError('bad_labels');
        });
    }
    add(name, labels, value = 1, trace = null) {
        if (!this.#isDisposed)
            this.#instruments.add(name, this.#full(name, labels), value, trace);
    }
    set(name, labels, value) {
        if (!this.#isDisposed)
            this.#instruments.set(name, this.#full(name, labels), value);
    }
    observe(name, labels, value, trace = null) {
        if (!this.#isDisposed)
            this.#instruments.observe(name, this.#full(name, labels), value, trace);
    }
    onCollect(name, collect) {
        this.#unsubscribe.push(this.#instruments.onCollect(name, collect));
    }
    /** Takes this app's series out of the registry. Reports that still come are ignored. */
    dispose() {
        this.#isDisposed = true;
        for (const unsubscribe of this.#unsubscribe.splice(0))
            unsubscribe();
        this.#instruments.forgetApp(this.#app);
    }
    #full(name, labels) {
        // The catalogue says which metrics have `app`, and the signatures above ask for all its other labels.
        return (definitionOf(name).labels.includes('app') ? { app: this.#app, ...labels } : labels);
    }
}
