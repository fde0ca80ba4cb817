// The process that is measured: connectors, as many as are asked for, that share a registry. Run with --expose-gc.

import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { createConnector } from '../../dist/index.js';
import { createRegistry, scrape } from '../../dist/observe/index.js';
import { answerParent } from '../throughput/call.mjs';
import { heapAndRssMb } from './memory-use.mjs';

const MOST_CONNECTIONS = 10; // of one connector
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
      const [scrapeMs, scrapeCpuMs, blockMs] = ['scrapeMs', 'scrapeCpuMs', 'blockMs'].map(median);
      return { scrapeMb, scrapeMs, scrapeCpuMs, blockMs, promClientMs };
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

/** One scrape, and the longest time between two turns of the event loop meanwhile. */
async function scraped() {
  let blockMs = 0;
  let turnAt = performance.now();
  let isOver = false;
  const turn = () => {
    const now = performance.now();
    blockMs = Math.max(blockMs, now - turnAt);
    turnAt = now;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const before = process.cpuUsage();
  const beganAt = performance.now();
  const { body } = await scrape(registry);
  const scrapeMs = performance.now() - beganAt;
  const { user, system } = process.cpuUsage(before);
  await new Promise(setImmediate);
  isOver = true;
  const scrapeMb = body.reduce((sum, { length }) => sum + length, 0) / 1e6;
  return { scrapeMb, scrapeMs, scrapeCpuMs: (user + system) / 1_000, blockMs };
}
