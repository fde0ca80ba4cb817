import { pino } from 'pino';
import {
  type Connector,
  type ConnectorOptions,
  createConnector,
  type FeishuEvent,
  type Handler,
} from '../../src/index.js';
import { seededRandom } from '../../src/ports/index.js';
import { DEFAULT_APP } from '../../src/simulator/app.js';
import { inMemoryFace } from '../../src/simulator/in-memory-face.js';
import { Platform, type PlatformOptions } from '../../src/simulator/platform.js';
import { VirtualClock } from '../../src/simulator/virtual-clock.js';
import { MemoryStore, type MemoryStoreOptions } from './memory-store.js';
import { MortalClock } from './mortal-clock.js';
import { metricOf } from './world.js';

export interface DurableWorldOptions {
  readonly seed?: number;
  readonly platform?: Partial<PlatformOptions>;
  readonly store?: Partial<MemoryStoreOptions>;
  readonly connector?: Partial<ConnectorOptions>;
  /** Called for every run; what it returns is the handler's result. */
  readonly handle?: (event: FeishuEvent, context: Parameters<Handler>[1]) => unknown;
}

const LADDER_MS = 8 * 3_600_000;

/** One platform and one disk, on which processes come and go, in virtual time. */
export class DurableWorld {
  readonly clock = new VirtualClock();
  readonly platform: Platform;
  readonly logs: Record<string, unknown>[] = [];
  /** Events in the order in which runs ended well. */
  readonly handled: FeishuEvent[] = [];
  store: MemoryStore;
  connector: Connector;
  readonly #options: DurableWorldOptions;
  readonly #seed: number;
  #life = new MortalClock(this.clock);
  #lives = 0;

  constructor(options: DurableWorldOptions = {}) {
    this.#options = options;
    this.#seed = options.seed ?? 1;
    this.platform = new Platform({ clock: this.clock, random: seededRandom(this.#seed), ...options.platform });
    this.store = new MemoryStore({ clock: this.clock, commitDelayMs: 2, ...options.store });
    this.connector = this.#newConnector();
  }

  async connect(): Promise<void> {
    await this.connector.start();
    const isConnected = await this.clock.runUntil(() => this.connector.status().connected.is, 120_000);
    if (!isConnected) throw new Error(`not connected: ${JSON.stringify(this.connector.status())}`);
  }

  /** The process is killed, and `awayMs` later another one starts. */
  async crash(awayMs = 1_000): Promise<void> {
    this.#life.die();
    this.#life = new MortalClock(this.clock);
    this.store = this.store.crash();
    this.platform.inject({ fault: 'drop_socket' });
    await this.clock.advanceBy(awayMs);
    this.connector = this.#newConnector();
    await this.connect();
  }

  async restart(awayMs = 1_000): Promise<void> {
    await this.stop();
    this.store = this.store.crash();
    await this.clock.advanceBy(awayMs);
    this.connector = this.#newConnector();
    await this.connect();
  }

  async stop(): Promise<void> {
    let isStopped = false;
    const stopped = this.connector.stop().then(() => {
      isStopped = true;
    });
    await this.clock.runUntil(() => isStopped, 60_000);
    await stopped;
  }

  async metric(series: string): Promise<number> {
    return metricOf(await this.connector.registry.metrics(), series);
  }

  /** Lets the redelivery ladder run out, and compares what the platform sent with what was handled. */
  async reckon(): Promise<{ sent: number; lost: string[]; handledTwice: string[] }> {
    await this.clock.advanceBy(LADDER_MS);
    const sent = this.platform.ledger.events.map(({ eventId }) => eventId);
    const times = new Map<string, number>();
    for (const { id } of this.handled) times.set(id, (times.get(id) ?? 0) + 1);
    const handledTwice = [...times].filter(([, count]) => count > 1).map(([id]) => id);
    return { sent: sent.length, lost: sent.filter((id) => !times.has(id)), handledTwice };
  }

  #newConnector(): Connector {
    this.#lives += 1;
    const life = new MortalClock(this.clock);
    this.#life = life;
    const random = (offset: number) => seededRandom(this.#seed + 10 * this.#lives + offset);
    const face = inMemoryFace(this.platform, { random: random(1) });
    const { handle = async () => {}, connector } = this.#options;
    return createConnector({
      ...DEFAULT_APP,
      app: 'bot',
      domain: 'http://platform.invalid',
      handlers: {
        '*': async (event, context) => {
          const result = await handle(event, context);
          // A process that was killed meanwhile has handled nothing that anybody could count on.
          if (life === this.#life) this.handled.push(event);
          return result;
        },
      },
      journal: { directory: 'in memory' },
      logger: pino({ level: 'debug' }, { write: (line: string) => void this.logs.push(JSON.parse(line)) }),
      seams: { clock: life, random: random(2), ...face, store: async () => this.store },
      ...connector,
    });
  }
}
