import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import type { Connector } from '../../connector.js';
import { type HttpSurface, openHttpSurface, type Panel, record } from '../../daemon/index.js';
import { readBuild, scrape } from '../../observe/index.js';
import type { Clock, Timer } from '../../ports/index.js';
import type { Simulator } from '../../simulator/index.js';
import { faultPanel } from './fault-panel.js';

/** The simulator, a connector that talks to it over real sockets, and its HTTP surface: all in this process. */
export interface Stage {
  readonly simulator: Simulator;
  readonly simulatorUrl: string;
  readonly connector: Connector;
  readonly surface: HttpSurface;
  /** How often the handler finished each event, by event id. */
  readonly handledCounts: ReadonlyMap<string, number>;
  /** Stops the messages to the bot. */
  endTraffic(): void;
  /** The story is over: a message now and then, which nobody counts, and the buttons of the page are free. */
  goOn(): void;
  close(): Promise<void>;
}

export interface StageSettings {
  readonly clock: Clock;
  readonly seed: number;
  /** Milliseconds between two messages to the bot. */
  readonly messageEveryMs: number;
  /** Whether the outage of the story is one to be paged for. */
  readonly isLong: boolean;
  /** Called once its metrics can be scraped, before the connector starts: what it does counts from then on. */
  readonly beforeStart: (surfaceUrl: string) => Promise<void>;
  /** Whether somebody will break things afterwards: then the status page has buttons for it. */
  readonly hasPanel: boolean;
  /** Each line that the connector logs, as one JSON text. */
  readonly onLogLine: (line: string) => void;
}

/** Milliseconds between two messages once the story is over. */
const CALM_MESSAGE_EVERY_MS = 1_000;

/**
 * Limits an order of magnitude shorter than the defaults, so that a night fits into a minute. Nothing else
 * differs from a connector in production: backoff 1 s → 2 s → 4 s … with full jitter is the default itself.
 */
const QUICK = {
  connection: {
    discoveryTimeoutMs: 2_000,
    dialTimeoutMs: 2_000,
    proofTimeoutMs: 2_000,
    heartbeatMs: 1_000,
    answerTimeoutMs: 1_500,
    suspicionMs: 1_000,
    stableAfterMs: 2_000,
    evidencePause: { initialMs: 1_000, maxMs: 4_000, factor: 2, jitter: 'none' },
    evidenceJitterMs: 500,
  },
  token: { fetchTimeoutMs: 2_000, wantedIntervalMs: 2_000 },
} as const;

/**
 * The platform's side on the same scale: tokens that live 12 s, and a redelivery ladder of 0.7 s, 13.5 s … (the real one
 * goes 15 s, 5 min, 1 h, 6 h), whose second rung outlasts the outage of the story.
 */
const QUICK_PLATFORM = { tokenLifetimeMs: 12_000, redeliveryScale: 0.045 } as const;

/**
 * For an outage that lasts until somebody is paged: tokens whose renewal is due towards its end and that outlive it, and
 * a ladder of 1.2 s, 24 s … whose second rung outlasts it.
 */
const PATIENT_PLATFORM = { tokenLifetimeMs: 28_000, redeliveryScale: 0.08 } as const;

/** Starts everything; nothing is left running if a part of it cannot start. */
export async function openStage(settings: StageSettings): Promise<Stage> {
  const { clock, seed, messageEveryMs, isLong, beforeStart, hasPanel, onLogLine } = settings;
  // Loaded only here: no other command needs both sides at once.
  const [{ createSimulator, DEFAULT_APP, messageEvent }, { createConnector }] = await Promise.all([
    import('../../simulator/index.js'),
    import('../../connector.js'),
  ]);
  const simulator = createSimulator({ seed, clock, ...(isLong ? PATIENT_PLATFORM : QUICK_PLATFORM) });
  const { url: simulatorUrl } = await simulator.start();
  const handledCounts = new Map<string, number>();
  const logger = pino({ level: 'info' }, { write: onLogLine });
  const directory = await mkdtemp(join(tmpdir(), 'feishu-demo-'));
  const connector = createConnector({
    ...DEFAULT_APP,
    app: 'demo',
    domain: simulatorUrl,
    ...QUICK,
    journal: { directory },
    // The story is about redelivery; what history gives would be there before it.
    catchup: false,
    logger,
    handlers: {
      'im.message.receive_v1': (event) => {
        if (!isOver) handledCounts.set(event.id, (handledCounts.get(event.id) ?? 0) + 1);
      },
    },
  });
  let surface: HttpSurface | null = null;
  let isOver = false;
  const say = (text: string) => void simulator.send(messageEvent({ text }));
  try {
    const panel = faultPanel({ simulator, say: () => say('hello'), isFree: () => isOver });
    surface = await openSurface(connector, clock, logger, hasPanel ? panel : null);
    await beforeStart(surface.url);
    await connector.start();
  } catch (error) {
    await surface?.close();
    await connector.dispose();
    await simulator.stop();
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
  const endStory = every(clock, messageEveryMs, (count) => say(`message ${count}`));
  let endCalm = (): void => {};
  const endTraffic = (): void => {
    endStory();
    endCalm();
  };
  return {
    simulator,
    simulatorUrl,
    connector,
    surface,
    handledCounts,
    endTraffic,
    goOn: () => {
      isOver = true;
      endCalm = every(clock, CALM_MESSAGE_EVERY_MS, (count) => say(`afterwards ${count}`));
    },
    close: async () => {
      endTraffic();
      await connector.stop({ drainMs: 1_000 });
      await surface.close();
      await simulator.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function openSurface(connector: Connector, clock: Clock, logger: Logger, panel: Panel | null): Promise<HttpSurface> {
  const recorded = record(connector, clock);
  return openHttpSurface(
    { host: '127.0.0.1', port: 0 },
    {
      apps: () => [
        {
          app: connector.app,
          appId: connector.appId,
          status: () => connector.status(),
          reconnect: () => connector.reconnect(),
          catchUp: (span) => connector.catchUp(span),
          ...recorded,
          deadLetters: () => connector.deadLetters,
        },
      ],
      phase: () => 'running',
      scrape: () => scrape(connector.registry),
      version: readBuild().version,
      startedAt: clock.wallNow(),
      clock,
      logger,
      ...(panel && { panel }),
    },
  );
}

/** @returns Ends it. */
function every(clock: Clock, intervalMs: number, act: (count: number) => void): () => void {
  let timer: Timer | null = null;
  let count = 0;
  const next = (): void => {
    timer = clock.timer(intervalMs, () => {
      next();
      act(++count);
    });
  };
  next();
  return () => timer?.cancel();
}
