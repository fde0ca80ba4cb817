import {
  type DeliveryReport,
  type FeishuEvent,
  type HandlerContext,
  type Handlers,
  handlersDispatcher,
  Pipeline,
  type PipelineParts,
  type Session,
} from '../../src/delivery/index.js';
import type { Store } from '../../src/ports/index.js';
import { VirtualClock } from '../../src/simulator/virtual-clock.js';
import type { Frame } from '../../src/wire/index.js';
import { SILENT_LOGGER, type StagedRun, StagedSession } from './delivery-stage.js';
import { type Crash, MemoryStore, type MemoryStoreOptions } from './memory-store.js';
import { MortalClock } from './mortal-clock.js';

export type JournalStageOptions = Partial<Omit<PipelineParts, 'journal' | 'clock' | 'report'>> & {
  readonly handlers?: Handlers;
  readonly store?: Partial<MemoryStoreOptions>;
  readonly retentionMs?: number;
};

/** A Pipeline with a journal in virtual time, which may crash, stop and start again over what its store kept. */
export class JournalStage {
  readonly clock = new VirtualClock();
  readonly reports: DeliveryReport[] = [];
  readonly runs: StagedRun[] = [];
  session = new StagedSession(1);
  store: MemoryStore;
  pipeline: Pipeline;
  readonly #options: JournalStageOptions;
  /** A process that has crashed reports nothing, and none of its timers fires. */
  #life = 0;
  #mortalClock = new MortalClock(this.clock);

  constructor(options: JournalStageOptions = {}) {
    this.#options = options;
    this.store = new MemoryStore({ clock: this.clock, ...options.store });
    this.pipeline = this.#pipeline();
  }

  /** Opens the journal and takes work. */
  async start(): Promise<void> {
    await this.pipeline.open();
    this.pipeline.start();
    await this.settle();
  }

  /** The process dies, and another one starts on what its store has. */
  async crash(how: Crash = 'process'): Promise<void> {
    this.store = this.store.crash(how);
    this.#mortalClock.die();
    await this.#startAnew();
  }

  /** The process ends as it should, and another one starts. */
  async restart(drainMs = 0): Promise<void> {
    await this.stop(drainMs);
    this.store = this.store.crash();
    await this.#startAnew();
  }

  async stop(drainMs = 0): Promise<void> {
    let isStopped = false;
    const stopped = this.pipeline.stop({ drainMs }).then(() => {
      isStopped = true;
    });
    await this.clock.runUntil(() => isStopped, drainMs + 60_000);
    await stopped;
  }

  /** Brings a frame and lets every promise run. */
  async bring(frame: Frame, session: Session = this.session): Promise<void> {
    this.pipeline.receive(frame, session);
    await this.settle();
  }

  async settle(): Promise<void> {
    await this.clock.advanceBy(0);
  }

  run(index: number): StagedRun {
    const run = this.runs.at(index);
    if (run === undefined) throw new Error(`run ${index} has not begun; ${this.runs.length} have`);
    return run;
  }

  async succeed(index: number, result?: unknown): Promise<void> {
    this.run(index).succeed(result);
    await this.settle();
  }

  async fail(index: number, error: unknown = new Error('as told')): Promise<void> {
    this.run(index).fail(error);
    await this.settle();
  }

  /** Ids of the events in the order in which runs began. */
  get ran(): string[] {
    return this.runs.map(({ event }) => event.id);
  }

  told<Type extends DeliveryReport['type']>(type: Type): Extract<DeliveryReport, { type: Type }>[] {
    return this.reports.filter((report) => report.type === type) as Extract<DeliveryReport, { type: Type }>[];
  }

  async #startAnew(): Promise<void> {
    this.session = new StagedSession(this.session.attempt + 1);
    this.pipeline = this.#pipeline();
    await this.start();
  }

  #pipeline(): Pipeline {
    const { handlers, store: _store, retentionMs, ...rest } = this.#options;
    this.#life += 1;
    this.#mortalClock = new MortalClock(this.clock);
    const life = this.#life;
    const dispatcher = handlersDispatcher(handlers ?? { '*': (event, context) => this.#stage(event, context) });
    return new Pipeline({
      clock: this.#mortalClock,
      report: (report) => {
        if (life === this.#life) this.reports.push(report);
      },
      dispatcher: {
        ...dispatcher,
        dispatch: (event, context) =>
          life === this.#life ? dispatcher.dispatch(event, context) : new Promise<never>(() => {}),
      },
      contextOf: (_event, { attempt, signal }) => ({ client: null, logger: SILENT_LOGGER, attempt, signal }),
      journal: { open: async () => this.#opened(), ...(retentionMs !== undefined && { retentionMs }) },
      ...rest,
    });
  }

  /** A pipeline that is started again opens its store again. */
  #opened(): Store {
    if (this.#closedStores.has(this.store)) this.store = this.store.crash();
    this.#closedStores.add(this.store);
    return this.store;
  }

  readonly #closedStores = new WeakSet<MemoryStore>();

  #stage(event: FeishuEvent, context: HandlerContext): Promise<unknown> {
    return new Promise((succeed, fail) => {
      this.runs.push({ event, context, succeed, fail });
    });
  }
}
