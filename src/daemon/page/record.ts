import type { Connector } from '../../connector.js';
import { type Clock, momentOf, type Store } from '../../ports/index.js';
import { type AppHistory, HistoryRecorder, type Lately } from './history.js';
import { keptIn, PastKeeper } from './past-keeper.js';

/** One app whose past may be asked for. */
export interface RecordedApp {
  /** What is remembered of it, now. */
  readonly history: () => AppHistory;
  /** The part of it that is asked of all apps at once. Default: from the whole. */
  readonly lately?: () => Lately;
}

/** Remembers what a connector reports from now on, for as long as it lives. Call it before `start`. */
export function record(connector: Pick<Connector, 'on'>, clock: Clock): RecordedApp {
  const recording = new Recording(clock, () => {});
  recording.follow(connector);
  const { history, lately } = recording;
  return { history, lately };
}

/** What is remembered of one app, also over restarts where its connector keeps a journal. */
export class Recording implements RecordedApp {
  readonly #clock: Clock;
  readonly #recorder: HistoryRecorder;
  readonly #keeper: PastKeeper;

  /** @param failed The past could not be read from the journal's store, or written there; called once per trouble. */
  constructor(clock: Clock, failed: (error: unknown) => void) {
    this.#clock = clock;
    this.#recorder = new HistoryRecorder(momentOf(clock), () => this.#keeper.changed());
    this.#keeper = new PastKeeper({ clock, past: this.#recorder.past, failed });
  }

  /** The seam `store` of the connector: its journal's store, with the past in a table of its own. */
  keptIn(open: () => Promise<Store>): () => Promise<Store> {
    return async () => keptIn(await open(), this.#keeper);
  }

  /** Call it before the connector starts. */
  follow(connector: Pick<Connector, 'on'>): void {
    connector.on('report', (told) => this.#recorder.onReport(told, told.moment));
  }

  readonly history = (): AppHistory => this.#recorder.read(momentOf(this.#clock));

  readonly lately = (): Lately => this.#recorder.readLately(momentOf(this.#clock));
}
