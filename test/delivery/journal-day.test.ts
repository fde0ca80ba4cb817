import { expect, test } from 'vitest';
import { handlersDispatcher, Pipeline } from '../../src/delivery/index.js';
import type { DeliveryReport } from '../../src/delivery/report.js';
import { seededRandom } from '../../src/ports/index.js';
import { VirtualClock } from '../../src/simulator/virtual-clock.js';
import { eventFrame, SILENT_LOGGER, StagedSession } from '../support/delivery-stage.js';
import { PlainStore } from '../support/plain-store.js';

const HOUR = 3_600_000;
const EVERY_MS = 4_000;
const RETENTION_MS = 8 * HOUR;
const DEADLINE_MS = 60_000;

test('a day of traffic, with handlers that are slow, fail and hang: acks stay fast, memory and disk stay flat (seed 42)', {
  timeout: 120_000,
}, async () => {
  const clock = new VirtualClock({ timersPerTurn: 64 });
  const random = seededRandom(42);
  const store = new PlainStore(clock, () => 1 + 4 * random());
  const latencies: number[] = [];
  const dead = new Set<string>();
  const handled = new Map<string, number>();
  let deepest = 0;
  const onReport = (report: DeliveryReport): void => {
    if (report.type === 'acked') latencies.push(report.latencyMs);
    if (report.type === 'dead_lettered') dead.add(report.eventId);
    if (report.type === 'pending') deepest = Math.max(deepest, report.depth);
  };
  const after = (ms: number) => new Promise<void>((resolve) => clock.timer(ms, resolve));
  const pipeline = new Pipeline({
    clock,
    random,
    report: onReport,
    dispatcher: handlersDispatcher({
      '*': async ({ id, data }, { attempt, signal }) => {
        const { kind, ms } = data as { kind: string; ms: number };
        await after(ms);
        if (kind === 'poison' || (kind === 'flaky' && attempt < 3)) throw new Error(kind);
        if (kind === 'stubborn') await after(3 * DEADLINE_MS);
        if (kind === 'hangs')
          await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        handled.set(id, (handled.get(id) ?? 0) + 1);
      },
    }),
    contextOf: (_event, { attempt, signal }) => ({ client: null, logger: SILENT_LOGGER, attempt, signal }),
    policy: { handlerDeadlineMs: DEADLINE_MS },
    journal: { open: async () => store, retentionMs: RETENTION_MS },
  });
  await pipeline.open();
  pipeline.start();

  const session = new StagedSession(1);
  const count = (24 * HOUR) / EVERY_MS;
  const remembered: number[] = [];
  const timers: number[] = [];
  for (let index = 0; index < count; index++) {
    const chance = random();
    const kind =
      chance < 0.002 ? 'poison' : chance < 0.004 ? 'hangs' : chance < 0.005 ? 'stubborn' : chance < 0.02 ? 'flaky' : '';
    const ms = random() < 0.05 ? 30_000 * random() : 200 * random();
    const content = { kind, ms, message: { message_id: `om_${index}`, chat_id: `oc_${Math.floor(50 * random())}` } };
    const frame = eventFrame({ id: `e${index}`, messageId: `m${index}`, content });
    pipeline.receive(frame, session);
    // Now and then the platform repeats itself, at once or the other way round.
    if (random() < 0.05) pipeline.receive(frame, session);
    await clock.advanceBy(EVERY_MS);
    session.acks.length = 0;
    session.frames.length = 0;
    if (index % (HOUR / EVERY_MS) !== 0) continue;
    remembered.push(pipeline.snapshot().rememberedCount);
    timers.push(clock.pendingTimers);
  }
  await clock.advanceBy(2 * HOUR);

  latencies.sort((a, b) => a - b);
  expect(latencies.length).toBeGreaterThan(count);
  expect(latencies[Math.floor(0.99 * latencies.length)]).toBeLessThan(20);
  expect(latencies.at(-1)).toBeLessThan(100);
  // Nothing is missing, and nothing happened twice but what outlived two deadlines.
  const stubborn = [...handled.values()].filter((times) => times > 1).length;
  expect(stubborn).toBeLessThan(count * 0.002);
  for (let index = 0; index < count; index++) {
    if (!handled.has(`e${index}`) && !dead.has(`e${index}`)) throw new Error(`e${index} is lost`);
  }
  expect(pipeline.snapshot()).toMatchObject({ depth: 0, abandonedCount: 0 });
  // Flat: an id and a message for each event of the retention, and what waits behind the slow ones.
  const mostKeys = 2 * (RETENTION_MS / EVERY_MS) + 1_000;
  expect(Math.max(...remembered)).toBeLessThan(mostKeys);
  expect(remembered.at(-1)).toBeGreaterThan(mostKeys / 2);
  expect(deepest).toBeLessThan(300);
  expect(Math.max(...timers)).toBeLessThan(300);
  expect(store.count('entries')).toBe(0);
  expect(store.count('progress')).toBe(0);
  const stopped = pipeline.stop({ drainMs: 0 });
  await clock.advanceBy(100);
  await stopped;
  expect(clock.pendingTimers).toBe(0);
});
