// The process that is measured: connectors, as many as are asked for, that share a registry. Run with --expose-gc.

import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { createConnector } from '../../build/index.js';
import { createRegistry, scrape } from '../../build/observe/index.js';
import { answerParent } from '../throughput/call.mjs';
import { heapAndRssMb } from './memory-use.mjs';

const MOST_CONNECTIONS = 10; // of one connector
/** Standbys come when the first connection is stable, one after the other: pauses that are no part of what they cost. */
const AT_ONCE = { stableAfterMs: 100, standbyPauseMs: 50, standbyEveryMs: 50 };
const READY_MS = 50_000;
const SETTLED_MS = 500; // first heartbeats and token refreshes are over
const SCRAPES = 5;
const HANDLED_WITHIN_MS = 10_000;

const registry = createRegistry();
const logger = pino({ level: 'silent' });
const connectors = [];
let handled = 0;

answerParent(
  {
    async connect({ url, appIds, connections }) {
      for (const appId of appIds) {
        for (let left = connections; left > 0; left -= MOST_CONNECTIONS) {
          const connector = createConnector({
            appId,
            app: connections > MOST_CONNECTIONS ? `${appId} ${left}` : appId,
            appSecret: 'scale',
            domain: url,
            connections: Math.min(left, MOST_CONNECTIONS),
            connection: AT_ONCE,
            registry,
            logger,
            handlers: {
              'im.message.receive_v1': async () => {
                handled += 1;
              },
            },
          });
          connectors.push(connector);
          await connector.start();
        }
      }
      await Promise.all(connectors.map((connector) => connector.ready({ timeoutMs: READY_MS })));
      const isWhole = ({ connections: { wanted, proven } }) => proven === wanted;
      const limitAt = performance.now() + READY_MS;
      while (!connectors.every((connector) => isWhole(connector.status()))) {
        if (performance.now() > limitAt) throw new Error(`not all connections were proven within ${READY_MS} ms`);
        await sleep(20);
      }
      await sleep(SETTLED_MS);
    },
    memory: heapAndRssMb,
    /** @returns CPU in percent of a core. */
    async watch({ seconds }) {
      const before = process.cpuUsage();
      const beganAt = performance.now();
      await sleep(seconds * 1_000);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 10 / (performance.now() - beganAt);
    },
    async scrape() {
      const runs = [];
      for (let run = 0; run < SCRAPES; run += 1) runs.push(await scraped());
      const promClientBeganAt = performance.now();
      await registry.metrics();
      const promClientMs = performance.now() - promClientBeganAt;
      const [{ scrapeMb }] = runs;
      const median = (figure) => runs.map((run) => run[figure]).sort((a, b) => a - b)[SCRAPES >> 1];
      const medians = ['scrapeMs', 'scrapeCpuMs', 'blockMs', 'blockCpuMs'].map((figure) => [figure, median(figure)]);
      return { scrapeMb, ...Object.fromEntries(medians), promClientMs };
    },
    async handled({ count }) {
      const limitAt = performance.now() + HANDLED_WITHIN_MS;
      while (handled < count && performance.now() < limitAt) await sleep(10);
      return { handled };
    },
    async stop() {
      await Promise.all(connectors.map((connector) => connector.stop()));
    },
  },
  () => process.exit(),
);

/**
 * One scrape, and the longest turn of the event loop meanwhile: by the clock, which also counts what other processes take
 * of the machine, and by the CPU time of this one, which also counts what collects its garbage beside it.
 */
async function scraped() {
  let [blockMs, blockCpuMs] = [0, 0];
  let [turnAt, turnCpuMs] = [performance.now(), cpuMs()];
  let isOver = false;
  const turn = () => {
    const [now, cpuNow] = [performance.now(), cpuMs()];
    blockMs = Math.max(blockMs, now - turnAt);
    blockCpuMs = Math.max(blockCpuMs, cpuNow - turnCpuMs);
    [turnAt, turnCpuMs] = [now, cpuNow];
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const cpuBefore = cpuMs();
  const beganAt = performance.now();
  const { body } = await scrape(registry);
  const scrapeMs = performance.now() - beganAt;
  const scrapeCpuMs = cpuMs() - cpuBefore;
  await new Promise(setImmediate);
  isOver = true;
  const scrapeMb = body.reduce((sum, { length }) => sum + length, 0) / 1e6;
  return { scrapeMb, scrapeMs, scrapeCpuMs, blockMs, blockCpuMs };
}

function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
