import { pino } from 'pino';
import {
  type Connector,
  type ConnectorOptions,
  createConnector,
  type FeishuEvent,
  type Seams,
} from '../../src/index.js';
import { seededRandom } from '../../src/ports/index.js';
import { DEFAULT_APP } from '../../src/simulator/app.js';
import { messageEvent } from '../../src/simulator/event-builders.js';
import { inMemoryFace } from '../../src/simulator/in-memory-face.js';
import { Platform, type PlatformOptions } from '../../src/simulator/platform.js';
import { VirtualClock } from '../../src/simulator/virtual-clock.js';

export interface WorldOptions {
  /** Seeds everything that chance decides. */
  readonly seed?: number;
  readonly platform?: Partial<PlatformOptions>;
  readonly connector?: Partial<ConnectorOptions>;
}

/** The real connector and the in-memory platform in virtual time: what happens in it is a function of the seed. */
export interface VirtualWorld {
  readonly clock: VirtualClock;
  readonly platform: Platform;
  readonly connector: Connector;
  /** Events in the order in which the handler finished them. */
  readonly handled: FeishuEvent[];
  /** Log lines, parsed. */
  readonly logs: Record<string, unknown>[];
  /** Texts of the log lines at this level or above. */
  said(level?: 'info' | 'warn' | 'error'): string[];
  /** The value of one series now, such as `feishu_ws_connected{app="bot"}`; NaN if there is none. */
  metric(series: string): Promise<number>;
  /** Starts and runs until it is connected. */
  connect(): Promise<void>;
  /** Sends this many messages, `everyMs` apart, while time passes. */
  chat(count: number, everyMs?: number): Promise<void>;
  /** Runs until `connected`, and returns the milliseconds it took from now; fails after `limitMs`. */
  untilConnected(limitMs: number): Promise<number>;
  /** Lets the redelivery ladder run out, and compares what the platform sent with what was handled. */
  reckon(): Promise<Reckoning>;
  /** Stops the connector while time passes. */
  stop(): Promise<void>;
}

/** What became of everything that the platform sent. */
export interface Reckoning {
  readonly sent: number;
  readonly lost: readonly string[];
  readonly handledTwice: readonly string[];
}

/** @param seams Over those of the world. */
export function virtualWorld(
  { seed = 1, platform: platformOptions, connector: connectorOptions }: WorldOptions = {},
  seams: Partial<Seams> = {},
): VirtualWorld {
  const clock = new VirtualClock();
  const platform = new Platform({ clock, random: seededRandom(seed), ...platformOptions });
  const handled: FeishuEvent[] = [];
  const logs: Record<string, unknown>[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => void logs.push(JSON.parse(line)) });
  const face = inMemoryFace(platform, { random: seededRandom(seed + 1) });
  const connector = createConnector({
    ...DEFAULT_APP,
    app: 'bot',
    domain: 'http://platform.invalid',
    handlers: {
      '*': async (event) => {
        handled.push(event);
      },
    },
    logger,
    seams: { clock, random: seededRandom(seed + 2), ...face, ...seams },
    ...connectorOptions,
  });
  const world: VirtualWorld = {
    clock,
    platform,
    connector,
    handled,
    logs,
    said: (level = 'info') =>
      logs.filter((line) => Number(line.level) >= LEVELS[level]).map((line) => String(line.msg)),
    metric: async (series) => metricOf(await connector.registry.metrics(), series),
    connect: async () => {
      await connector.start();
      await world.untilConnected(60_000);
    },
    chat: async (count, everyMs = 100) => {
      for (let index = 0; index < count; index++) {
        platform.send(messageEvent({ text: `message ${index}` }));
        await clock.advanceBy(everyMs);
      }
    },
    untilConnected: async (limitMs) => {
      const startedAt = clock.now();
      const isConnected = await clock.runUntil(() => connector.status().connected.is, limitMs);
      if (!isConnected) throw new Error(`not connected within ${limitMs} ms: ${JSON.stringify(connector.status())}`);
      return clock.now() - startedAt;
    },
    reckon: async () => {
      await clock.advanceBy(LADDER_MS);
      const sent = platform.ledger.events.map(({ eventId }) => eventId);
      const times = new Map<string, number>();
      for (const { id } of handled) times.set(id, (times.get(id) ?? 0) + 1);
      return {
        sent: sent.length,
        lost: sent.filter((id) => !times.has(id)),
        handledTwice: [...times].filter(([, count]) => count > 1).map(([id]) => id),
      };
    },
    stop: async () => {
      let isStopped = false;
      const stopped = connector.stop().then(() => {
        isStopped = true;
      });
      await clock.runUntil(() => isStopped, 60_000);
      await stopped;
    },
  };
  return world;
}

/** The platform's last redelivery comes 7 h 05 m 15 s after the first push. */
const LADDER_MS = 8 * 3_600_000;

const LEVELS = { info: 30, warn: 40, error: 50 } as const;

/** Reads one series out of the text format. */
export function metricOf(exposition: string, series: string): number {
  const line = exposition.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? Number.NaN : Number(line.slice(series.length + 1).split(' ')[0]);
}
