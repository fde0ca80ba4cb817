import { momentOf } from '../../ports/index.js';
import { HistoryRecorder } from './history.js';
import { keptIn, PastKeeper } from './past-keeper.js';
/** Remembers what a connector reports from now on, for as long as it lives. Call it before `start`. */
export function record(connector, clock) {
    const recording = new Recording(clock, () => { });
    recording.follow(connector);
    return recording;
}
/** What is remembered of one app, also over restarts where its connector keeps a journal. */
export class Recording {
    #clock;
    #recorder;
    #keeper;
    /** @param failed The past could not be read from the journal's store, or written there; called once per trouble. */
    constructor(clock, failed) {
        this.#clock = clock;
        this.#recorder = new HistoryRecorder(momentOf(clock), () => this.#keeper.changed());
        this.#keeper = new PastKeeper({ clock, past: this.#recorder.past, failed });
    }
    /** The seam `store` of the connector: its journal's store, with the past in a table of its own. */
    keptIn(open) {
        return async () => keptIn(await open(), this.#keeper);
    }
    /** Call it before the connector starts. */
    follow(connector) {
        connector.on('report', ({ moment, ...report }) => this.#recorder.onReport(report, moment));
    }
    history = () => this.#recorder.read(momentOf(this.#clock));
}
