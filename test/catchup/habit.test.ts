import { expect, test } from 'vitest';
import { Habit } from '../../src/catchup/habit.js';
import { LOOKOUT_DEFAULTS } from '../../src/catchup/index.js';
import { Notes } from '../../src/catchup/notes.js';
import { Presence } from '../../src/catchup/presence.js';
import { momentOf } from '../../src/ports/index.js';
import { VirtualClock } from '../../src/simulator/index.js';

/** A bot that hears an event a minute for three hours, and what was noted of that. */
async function threeHours(isEnabled: boolean): Promise<unknown> {
  const clock = new VirtualClock();
  const presence = new Presence();
  presence.connections = 1;
  const notes = new Notes({ clock, intervalMs: 60_000, report: () => {} });
  const habit = new Habit({ clock, policy: { ...LOOKOUT_DEFAULTS.baseline, isEnabled }, presence, notes });
  habit.start(clock.now());
  for (let minute = 0; minute < 180; minute += 1) {
    await clock.advanceBy(60_000);
    habit.heard(momentOf(clock));
    habit.learn();
  }
  return notes.read('baseline').get('');
}

test('events between two lessons count, each hour for itself', async () => {
  const { hours } = (await threeHours(true)) as { hours: readonly (number | null)[] };
  const known = hours.filter((rate) => rate !== null);
  expect(known.length).toBeGreaterThanOrEqual(2);
  for (const rate of known) expect(rate).toBeGreaterThanOrEqual(29);
});

test('where it is switched off, nothing is learned and nothing is noted', async () => {
  expect(await threeHours(false)).toBeUndefined();
});
