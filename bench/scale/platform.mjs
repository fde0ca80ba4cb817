// The simulator in a process of its own, so that the measured one is a client alone.

import { setTimeout as sleep } from 'node:timers/promises';
import { createSimulator, messageEvent } from '../../build/simulator/index.js';
import { answerParent } from '../throughput/call.mjs';

const TURN_MS = 50;

let simulator = null;
let appIds = [];

answerParent(
  {
    async listen(wanted) {
      appIds = wanted.appIds;
      simulator = createSimulator({ apps: appIds.map((appId) => ({ appId, appSecret: 'scale' })) });
      return simulator.start();
    },
    /** To all apps in turn, evenly over the time. */
    async send({ perSecond, seconds }) {
      const beganAt = performance.now();
      let sent = 0;
      for (let passed = 0; passed < seconds * 1_000; passed = performance.now() - beganAt) {
        for (; sent < (passed / 1_000) * perSecond; sent += 1) {
          simulator.send(messageEvent({ text: `event ${sent}` }), { appId: appIds[sent % appIds.length] });
        }
        await sleep(TURN_MS);
      }
      return { sent };
    },
    ledger: () => ({ acknowledged: simulator.ledger.summary.acknowledged }),
  },
  () => process.exit(),
);
