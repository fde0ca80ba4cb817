import { expect, test } from 'vitest';
import { CanaryWatch } from '../../src/catchup/canary-watch.js';
import { WorkGround } from '../../src/catchup/ground.js';
import type { CatchupReport } from '../../src/catchup/index.js';
import { Presence } from '../../src/catchup/presence.js';
import { VirtualClock } from '../../src/simulator/index.js';

test('a canary that is caused while an earlier one still is, is seen even if it comes before its answer', async () => {
  const clock = new VirtualClock();
  const told: CatchupReport[] = [];
  const ground = new WorkGround({ clock, random: () => 0, report: (report) => told.push(report) });
  ground.open();
  const presence = new Presence();
  const answers: ((marker: string) => void)[] = [];
  const watch = new CanaryWatch({
    ground,
    presence,
    settleMs: 5_000,
    schedule: { everyMs: 300_000, waitMs: 60_000 },
    canary: {
      cause: () => new Promise((resolve) => answers.push(resolve)),
      sees: ({ data }, marker) => data.marker === marker,
    },
    proven: () => {},
    rescheduled: () => {},
  });
  presence.served = { now: 0, wallNow: 0 };
  watch.gained(clock.now());
  watch.turn(clock.now());
  // It reconnects before the first has been answered for.
  watch.lost();
  presence.served = { now: 1, wallNow: 1 };
  watch.gained(clock.now());
  await clock.advanceBy(5_000);
  watch.turn(clock.now());
  answers[0]?.('first');
  await clock.advanceBy(10);
  watch.arrived({ id: 'e', type: 't', data: { marker: 'second' }, createTime: null, tenantKey: '' }, clock.now());
  answers[1]?.('second');
  await clock.advanceBy(10);
  expect(told).toMatchObject([{ type: 'canary_seen', roundTripMs: 10 }]);
  await ground.close();
});
