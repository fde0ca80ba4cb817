import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compare, NO_MEMORY, Outlook, type Sight } from '../../src/connection/outlook.js';
import { VirtualClock } from '../../src/simulator/virtual-clock.js';
import { FakeSurroundings } from '../support/fake-surroundings.js';

const SEED = 20_261_123;
const HOME = ['eth0 10.0.0.5'];

/** Which of these sights were news. */
function newsOf(...sights: readonly Sight[]): boolean[] {
  let memory = NO_MEMORY;
  return sights.map((sight) => {
    const seen = compare(memory, sight);
    memory = seen.memory;
    return seen.isNews;
  });
}
const at = (addresses: readonly string[], resolved: readonly string[] = ['1.1.1.1']): Sight => ({
  addresses,
  resolved,
});

test.each<[string, readonly Sight[], readonly boolean[]]>([
  ['the first look has nothing to compare with', [at(HOME)], [false]],
  ['the same again is none', [at(HOME), at(HOME)], [false, false]],
  ['an address that comes is news', [at(HOME), at([...HOME, 'wlan0 192.168.1.7'])], [false, true]],
  ['an address that goes is news, as long as one is left', [at(['a 1', 'b 2']), at(['b 2'])], [false, true]],
  ['a machine without a network has no hope to offer', [at(HOME), at([])], [false, false]],
  ['a network that comes back is news', [at(HOME), at([]), at(HOME)], [false, false, true]],
  ['a name that resolves after it did not is news', [at(HOME, []), at(HOME)], [false, true]],
  ['a name that resolves no more is none', [at(HOME), at(HOME, []), at(HOME)], [false, false, true]],
  ['a name that leads elsewhere is news', [at(HOME, ['1.1.1.1']), at(HOME, ['2.2.2.2'])], [false, true]],
  [
    'a name that rotates among known addresses is none',
    [at(HOME, ['1.1.1.1', '2.2.2.2']), at(HOME, ['2.2.2.2', '3.3.3.3']), at(HOME, ['3.3.3.3']), at(HOME, ['1.1.1.1'])],
    [false, false, false, false],
  ],
])('%s', (_what, sights, news) => {
  expect(newsOf(...sights)).toEqual(news);
});

test(`a name that rotates among what was seen tells nothing, for ever, and is remembered within bounds (seed ${SEED})`, () => {
  const pool = fc.uniqueArray(fc.ipV4(), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(
      pool,
      fc.array(fc.array(fc.nat({ max: 39 }), { minLength: 1, maxLength: 4 }), { maxLength: 30 }),
      (all, picks) => {
        const rotation = picks.map((pick) =>
          at(
            HOME,
            pick.map((index) => all[index % all.length] ?? ''),
          ),
        );
        expect(newsOf(at(HOME, all), ...rotation)).not.toContain(true);
      },
    ),
    { seed: SEED },
  );
  let memory = NO_MEMORY;
  for (let turn = 0; turn < 1_000; turn++) memory = compare(memory, at(HOME, [`host ${turn}`])).memory;
  expect(memory.known.length).toBe(256);
});

function outlookIn(surroundings: FakeSurroundings) {
  const clock = new VirtualClock();
  let news = 0;
  const outlook = new Outlook({ clock, surroundings, host: 'open.feishu.cn', changed: () => void news++ });
  return { clock, outlook, news: () => news };
}

test('nobody looks before somebody waits, nor after: no timer, no question', async () => {
  const surroundings = new FakeSurroundings();
  const { clock, outlook } = outlookIn(surroundings);
  await clock.advanceBy(3_600_000);
  expect([surroundings.questions, clock.pendingTimers]).toEqual([0, 0]);
  outlook.watch();
  outlook.watch();
  await clock.advanceBy(60_000);
  expect(surroundings.questions).toBe(21);
  expect(clock.pendingTimers).toBe(1);
  outlook.rest();
  expect(clock.pendingTimers).toBe(0);
  await clock.advanceBy(60_000);
  expect(surroundings.questions).toBe(21);
});

test('one question at a time; a rest ends it, and its late answer changes nothing', async () => {
  const surroundings = new FakeSurroundings();
  const { clock, outlook, news } = outlookIn(surroundings);
  outlook.watch();
  await clock.advanceBy(0);
  surroundings.isHanging = true;
  await clock.advanceBy(600_000);
  expect(surroundings.questions).toBe(2);
  outlook.rest();
  expect(surroundings.aborted).toBe(1);
  surroundings.interfaces = ['wlan0 192.168.1.7'];
  surroundings.answer([]);
  await clock.advanceBy(600_000);
  expect([news(), clock.pendingTimers]).toEqual([0, 0]);
});

test('what was seen before a rest is compared with, and after a connection it is old', async () => {
  const surroundings = new FakeSurroundings();
  const { clock, outlook, news } = outlookIn(surroundings);
  outlook.watch();
  await clock.advanceBy(1_000);
  outlook.rest();
  surroundings.interfaces = ['wlan0 192.168.1.7'];
  outlook.watch();
  await clock.advanceBy(1_000);
  expect(news()).toBe(1);
  outlook.forget();
  surroundings.interfaces = HOME;
  outlook.watch();
  await clock.advanceBy(1_000);
  expect(news()).toBe(1);
});

test('a resolver that breaks is one that resolves nothing', async () => {
  const surroundings = new FakeSurroundings();
  const { clock, outlook, news } = outlookIn(surroundings);
  surroundings.isBroken = true;
  outlook.watch();
  await clock.advanceBy(10_000);
  expect(news()).toBe(0);
  surroundings.isBroken = false;
  await clock.advanceBy(3_000);
  expect(news()).toBe(1);
});
