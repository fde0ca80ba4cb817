// One variant in a process of its own, so that its CPU time, memory and event loop are its own: node client.mjs <variant>

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { answerParent } from './call.mjs';
import { VARIANTS } from './variants.mjs';

const LOOKS_EVERY_MS = 10;
const { start } = VARIANTS[process.argv[2]];
// What it records is the time between two looks, the pause that was asked for included.
const loop = monitorEventLoopDelay({ resolution: LOOKS_EVERY_MS });
const delayMs = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - LOOKS_EVERY_MS);

let client = null;
let before = null;

answerParent(
  {
    async connect(at) {
      client = await start(at);
    },
    begin() {
      loop.reset();
      loop.enable();
      before = { cpu: process.cpuUsage(), count: client.count() };
    },
    end() {
      const { user, system } = process.cpuUsage(before.cpu);
      const count = client.count() - before.count;
      loop.disable();
      return {
        cpuMicrosPerEvent: (user + system) / count,
        loopDelayP99Ms: delayMs(loop.percentile(99)),
        loopDelayMaxMs: delayMs(loop.max),
      };
    },
    async stop() {
      await client.stop();
      return { handled: client.count(), peakRssMb: process.resourceUsage().maxRSS / 1_024 };
    },
  },
  () => process.exit(),
);
