import { expect, test } from 'vitest';
import { seededRandom } from '../../src/ports/index.js';
import { CallLog } from '../../src/simulation/call-log.js';
import { Chronicle } from '../../src/simulation/chronicle.js';
import { Dice, streamOf } from '../../src/simulation/dice.js';
import { drawFault } from '../../src/simulation/fault-deck.js';
import { Trouble } from '../../src/simulation/trouble.js';
import { FAULT_KINDS, parseFault } from '../../src/simulator/index.js';

test('whatever is drawn for a kind of fault is a fault that the simulator takes', () => {
  const dice = new Dice(seededRandom(3));
  for (const kind of FAULT_KINDS) {
    for (let draw = 0; draw < 200; draw++) {
      const fault = drawFault(kind, dice);
      expect(parseFault(fault)).toEqual(fault);
      expect(fault.fault).toBe(kind);
    }
  }
});

test('dice keep within their bounds, at both ends of chance', () => {
  for (const draw of [0, 0.5, 1 - 2 ** -32]) {
    const dice = new Dice(() => draw);
    for (const value of [dice.between(3, 7), dice.whole(3, 7), dice.magnitude(3, 7)]) {
      expect(value).toBeGreaterThanOrEqual(3);
      expect(value).toBeLessThanOrEqual(7);
    }
    expect(dice.gapMs(1_000)).toBeGreaterThanOrEqual(1);
    expect(dice.gapMs(1_000)).toBeLessThanOrEqual(20_000);
    expect(['a', 'b']).toContain(dice.pick(['a', 'b']));
  }
});

test('the streams of a seed differ from each other and from those of the next seed', () => {
  const draws = [streamOf(1, 'weather'), streamOf(1, 'crowd'), streamOf(2, 'weather')].map((random) => random());
  expect(new Set(draws).size).toBe(3);
  expect(streamOf(1, 'weather')()).toBe(draws[0]);
});

test('trouble is over only when every cause is, and what was calm is remembered', () => {
  const trouble = new Trouble();
  trouble.begin('one', 100);
  trouble.begin('two', 150);
  trouble.end('one', 200);
  expect(trouble.calmMs(220)).toBe(0);
  trouble.end('two', 250);
  expect(trouble.calmMs(300)).toBe(50);
  expect(trouble.wasCalm(0, 100)).toBe(true);
  expect(trouble.wasCalm(90, 110)).toBe(false);
  expect(trouble.wasCalm(160, 170)).toBe(false);
  expect(trouble.wasCalm(240, 260)).toBe(false);
  expect(trouble.wasCalm(260, 290)).toBe(true);
  trouble.passed(300, 400);
  expect(trouble.wasCalm(260, 299)).toBe(true);
  expect(trouble.wasCalm(260, 301)).toBe(false);
  expect(trouble.calmMs(450)).toBe(50);
});

test('calls are counted in windows that slide, and peaks stay', () => {
  const calls = new CallLog();
  for (const at of [0, 1_000, 2_000, 61_000]) calls.record(at);
  expect(calls.peaks).toEqual({ perMinute: 3, perHour: 4 });
  // Of the first hour only the last call counts, and none of its last minute.
  calls.record(3_602_000);
  calls.record(3_603_000);
  expect(calls.peaks).toEqual({ perMinute: 3, perHour: 4 });
  for (const at of [3_604_000, 3_605_000]) calls.record(at);
  expect(calls.peaks).toEqual({ perMinute: 4, perHour: 5 });
  calls.clear();
  for (const at of [3_606_000, 3_607_000, 3_608_000]) calls.record(at);
  expect(calls.peaks).toEqual({ perMinute: 4, perHour: 5 });
});

test('a chronicle keeps the latest fifty entries, and its digest all of them, in their order', () => {
  const tell = (numbers: readonly number[]): Chronicle => {
    const chronicle = new Chronicle();
    for (const number of numbers) chronicle.add(number * 1_000, `entry ${number}`, { number });
    return chronicle;
  };
  const numbers = Array.from({ length: 60 }, (_, index) => index);
  const lines = tell(numbers).lines();
  expect(lines.length).toBe(50);
  expect(lines[0]).toBe('0d 00:00:10.000  entry 10 {"number":10}');
  expect(lines.at(-1)).toBe('0d 00:00:59.000  entry 59 {"number":59}');
  expect(tell(numbers).digest).toBe(tell(numbers).digest);
  expect(tell(numbers.slice(1)).digest).not.toBe(tell(numbers).digest);
  expect(tell([...numbers].reverse()).digest).not.toBe(tell(numbers).digest);
});
