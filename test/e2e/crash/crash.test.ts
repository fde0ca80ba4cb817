import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { NatsServer } from '../../support/nats-server.js';
import { type CrashPlan, crashRun } from './crash-run.js';
import { readRecord } from './record.js';
import { messagesInStream } from './stream-record.js';
import { judge } from './verdict.js';

const HANDLER = fileURLToPath(new URL('../fixtures/recording-handler.mjs', import.meta.url));
/** `npm run crash` asks for many; these are what every run of all tests can afford. */
const KILLS = Number(process.env.KILLS ?? 20);
const SEED = Number(process.env.SEED ?? 1);
const LIMIT_MS = 60_000 + KILLS * 10_000;

const PROGRESS: Pick<CrashPlan, 'onProgress'> =
  process.env.KILLS === undefined ? {} : { onProgress: (kills) => console.log(`${kills} of ${KILLS} kills`) };

test(
  `a daemon killed ${KILLS} times under load loses nothing that it acknowledged, and handles nothing twice (seed ${SEED})`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'feishu-crash-record-'));
    try {
      const file = join(folder, 'record.jsonl');
      const app = { handler: HANDLER };
      const run = await crashRun({ seed: SEED, kills: KILLS, app, environment: { RECORD_FILE: file }, ...PROGRESS });
      const verdict = judge(run.sent, readRecord(file), run.lives);
      console.log(JSON.stringify(verdict));
      expect(verdict).toMatchObject({ lost: [], twice: [] });
      // Without these the kills would have proven nothing.
      expect(verdict.redelivered).toBeGreaterThan(KILLS);
      expect(verdict.acknowledged).toBeGreaterThan(KILLS * 10);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  LIMIT_MS,
);

test(
  `with a stream behind it, and its broker killed as well, each acknowledged event is in the stream exactly once (seed ${SEED})`,
  async () => {
    const broker = await NatsServer.create();
    try {
      await broker.start();
      const jetstream = {
        servers: [broker.url],
        stream: { name: 'CRASH', create: true, duplicateWindowMs: 86_400_000 },
      };
      const run = await crashRun({
        seed: SEED + 1,
        kills: Math.ceil(KILLS / 2),
        app: { sink: { jetstream } },
        // Every third life meets the broker dead for a while, or loses it.
        meanwhile: async (life) => {
          if (life % 3 !== 0) return;
          await broker.kill();
          await broker.start();
        },
        ...PROGRESS,
      });
      const ids = await messagesInStream(broker, 'CRASH');
      const acknowledged = run.sent.filter(({ event }) => event.state === 'acknowledged');
      const stored = new Set(ids);
      expect(ids.length).toBe(stored.size);
      expect(acknowledged.filter(({ messageId }) => !stored.has(messageId))).toEqual([]);
      expect(acknowledged.length).toBeGreaterThan(KILLS * 5);
    } finally {
      await broker.dispose();
    }
  },
  LIMIT_MS,
);
