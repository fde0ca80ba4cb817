import { idsOf } from '../../../src/delivery/ids.js';
import { Journal } from '../../../src/delivery/journal.js';
import type { Entry } from '../../../src/delivery/journal-entry.js';
import { TABLES } from '../../../src/delivery/journal-tables.js';
import type { DeliveryReport } from '../../../src/delivery/report.js';
import { Reporter } from '../../../src/delivery/reporter.js';
import type { Unfinished } from '../../../src/delivery/unfinished.js';
import { VirtualClock } from '../../../src/simulator/virtual-clock.js';
import { MemoryStore, type MemoryStoreOptions } from '../../support/memory-store.js';

export const HOUR = 3_600_000;

/** A journal over a store in memory, which may end and begin again. */
export class Shelf {
  readonly clock = new VirtualClock();
  readonly reports: DeliveryReport[] = [];
  readonly retentionMs: number;
  store: MemoryStore;
  journal: Journal;
  recovered: readonly Unfinished[] = [];

  constructor(retentionMs = 24 * HOUR, store: Partial<MemoryStoreOptions> = {}) {
    this.retentionMs = retentionMs;
    this.store = new MemoryStore({ clock: this.clock, ...store });
    this.journal = this.#open();
  }

  /** Appends them together, and waits until that has settled. @returns Those that are durable. */
  async append(ids: readonly string[], payload?: Uint8Array): Promise<readonly Unfinished[]> {
    const appended = ids.map((id) => this.journal.append(entryOf(id, payload), () => {}));
    await this.clock.advanceBy(this.store.commitDelayMs ?? 0);
    return appended.filter(({ isDurable }) => isDurable);
  }

  async finish(id: string): Promise<void> {
    const unfinished = this.journal.append(entryOf(id), () => {});
    await this.clock.advanceBy(0);
    this.journal.finish(unfinished);
    await this.clock.advanceBy(0);
  }

  /** Rows of ids, settled and new. */
  get idRows(): number {
    return this.store.count(TABLES.ids) + this.store.count(TABLES.newIds);
  }

  /** Ids of the events that the last start found unfinished. */
  get found(): readonly string[] {
    return this.recovered.map(({ header }) => header.eventId);
  }

  /** What failed, in the words of the reports. */
  get failures(): readonly string[] {
    return this.reports.flatMap((report) => (report.type === 'journal_failed' ? report.detail : []));
  }

  knows(id: string): boolean {
    return this.journal.recall(idsOf(id, [])) === 'finished';
  }

  /** The process is away for so long; `crash`: without a word. */
  async away(ms: number, how: 'close' | 'crash' = 'close'): Promise<void> {
    if (how === 'close') await this.journal.close();
    this.store = this.store.crash();
    await this.clock.advanceBy(ms);
    this.journal = this.#open();
    await this.clock.advanceBy(0);
  }

  #open(): Journal {
    const reporter = new Reporter(this.clock, (report) => this.reports.push(report));
    const { store, clock, retentionMs } = this;
    const journal = new Journal({ store, clock, reporter, retentionMs });
    this.recovered = journal.open(clock.now());
    return journal;
  }
}

export function entryOf(id: string, payload: Uint8Array = new Uint8Array([1, 2, 3])): Entry {
  return {
    header: {
      eventId: id,
      eventType: 'im.message.receive_v1',
      source: 'push',
      arrivedWallAt: 1,
      laneKey: null,
      contentKeys: [],
      traceparent: null,
      isReplayed: false,
    },
    payload,
  };
}
