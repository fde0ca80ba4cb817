import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { stringify } from 'yaml';
import { freePorts } from '../../../src/monitoring/index.js';
import { seededRandom } from '../../../src/ports/index.js';
import { createSimulator, DEFAULT_APP, type LedgerEvent, messageEvent } from '../../../src/simulator/index.js';
import { eventually } from '../../support/eventually.js';
import { KillableDaemon } from './killable-daemon.js';
import type { Life, Sent } from './verdict.js';

export interface CrashPlan {
  /** Decides when each kill comes. */
  readonly seed: number;
  /** Lives of the daemon that end by SIGKILL. */
  readonly kills: number;
  /** Where events go: a part of the app's configuration. */
  readonly app: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Called in each life once it is under load, before the kill. */
  readonly meanwhile?: (life: number) => Promise<void>;
  readonly onProgress?: (kills: number) => void;
}

/** What happened, for a verdict. */
export interface CrashRun {
  readonly sent: readonly Sent[];
  readonly lives: readonly Life[];
  /** Duplicates that the last life recognised. */
  readonly duplicates: number;
}

const EVENTS_PER_TICK = 3;
const TICK_MS = 10;
const CHATS = 20;
/** One kill in five comes while the daemon starts, the others under load. */
const EARLY_SHARE = 0.2;
const EARLY_MS = 700;
const LATE_MS = 600;

/**
 * The real daemon under load, killed at random moments and started again on the same journal, then left alone until the
 * platform has every event acknowledged and nothing is pending.
 */
export async function crashRun(plan: CrashPlan): Promise<CrashRun> {
  const directory = await mkdtemp(join(tmpdir(), 'feishu-crash-'));
  const simulator = createSimulator({
    clientConfig: { ReconnectCount: 1, ReconnectInterval: 1, ReconnectNonce: 1, PingInterval: 5 },
    redeliveryScale: 0.001, // six hours are 22 s
    maxEvents: 1_000_000,
  });
  const random = seededRandom(plan.seed);
  const sent: { event: LedgerEvent; messageId: string; sentAtNs: bigint }[] = [];
  const lives: Life[] = [];
  let load: NodeJS.Timeout | null = null;
  let daemon: KillableDaemon | null = null;
  try {
    const { url } = await simulator.start();
    const [port] = await freePorts(1);
    const address = `127.0.0.1:${port}`;
    const configFile = join(directory, 'feishu.yaml');
    await writeFile(configFile, stringify(configOf(address, url, directory, plan.app)));
    daemon = new KillableDaemon(configFile, address, plan.environment ?? {});
    load = setInterval(() => {
      for (let count = 0; count < EVENTS_PER_TICK; count += 1) {
        const sentAtNs = process.hrtime.bigint();
        const messageId = `om_crash_${sent.length}`;
        const chatId = `oc_${sent.length % CHATS}`;
        const event = simulator.send(messageEvent({ text: `no. ${sent.length}`, messageId, chatId }));
        sent.push({ event, messageId, sentAtNs });
      }
    }, TICK_MS);
    for (let life = 1; life <= plan.kills; life += 1) {
      const pid = daemon.spawn();
      if (random() < EARLY_SHARE) await pause(random() * EARLY_MS);
      else {
        await daemon.ready();
        await plan.meanwhile?.(life);
        await pause(random() * LATE_MS);
      }
      await daemon.kill();
      lives.push({ pid, killedAtNs: process.hrtime.bigint() });
      plan.onProgress?.(life);
    }
    // What waits for its redelivery comes at once: an hour's rung would only make the test long.
    simulator.inject({ fault: 'backlog_on_connect' });
    clearInterval(load);
    daemon.spawn();
    await daemon.ready();
    const last = daemon;
    await eventually(
      () => sent.every(({ event }) => event.state !== 'pending'),
      `every event being settled; the daemon said ${last.log}`,
      { deadlineMs: 300_000, pauseMs: 100 },
    );
    const depth = `feishu_event_queue_depth{app="crash"}`;
    await eventually(async () => (await last.metric(depth)) === 0, 'the queue being empty', {
      deadlineMs: 120_000,
      pauseMs: 100,
    });
    const duplicates = await last.metric(`feishu_event_duplicates_total{app="crash"}`);
    await daemon.stop();
    return {
      sent: sent.map((one) => ({
        ...one,
        ackedAtNs: ackedAtNs(one.event),
      })),
      lives,
      duplicates,
    };
  } finally {
    if (load !== null) clearInterval(load);
    await daemon?.kill();
    await simulator.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Both clocks of this process are the machine's monotonic one; they only begin at different moments. */
const ORIGIN_NS = process.hrtime.bigint() - BigInt(Math.round(performance.now() * 1e6));

function ackedAtNs(event: LedgerEvent): bigint | null {
  const ack = event.acks.find(({ code }) => code === 200);
  return ack === undefined ? null : ORIGIN_NS + BigInt(Math.round(ack.at * 1e6));
}

function configOf(listen: string, domain: string, directory: string, app: CrashPlan['app']) {
  return {
    listen,
    logLevel: 'warn',
    journal: { directory: join(directory, 'journal') },
    apps: [
      {
        ...DEFAULT_APP,
        app: 'crash',
        domain,
        connection: { quickRetryMs: 20, backoff: { initialMs: 20, maxMs: 200, factor: 2, jitter: 'full' } },
        delivery: { retry: { initialMs: 20, maxMs: 200, factor: 2, jitter: 'full' } },
        ...app,
      },
    ],
  };
}
