import { expect, test } from 'vitest';
import { Lanes } from '../../src/delivery/lanes.js';

function next(lanes: Lanes<string>) {
  const lane = lanes.next();
  if (lane === null) throw new Error('no lane may run');
  return lane;
}

test('the first of a lane runs, and the next one when it has passed', () => {
  const lanes = new Lanes<string>(10);
  lanes.add('A', 'a1');
  lanes.add('A', 'a2');
  const lane = next(lanes);
  expect(lane.items.first).toBe('a1');
  expect(lanes.next()).toBeNull();
  lanes.pass(lane);
  expect(next(lanes).items.first).toBe('a2');
});

test('lanes run side by side up to the slots, and take turns', () => {
  const lanes = new Lanes<string>(2);
  for (const item of ['a1', 'a2', 'a3']) lanes.add('A', item);
  lanes.add('B', 'b1');
  lanes.add('C', 'c1');
  const [a, b] = [next(lanes), next(lanes)];
  expect(lanes.next()).toBeNull();
  lanes.pass(a);
  // A had its turn: C was there before its next one.
  expect(next(lanes).items.first).toBe('c1');
  lanes.pass(b);
  expect(next(lanes).items.first).toBe('a2');
});

test('a held lane takes no slot, and goes on with the same item', () => {
  const lanes = new Lanes<string>(1);
  lanes.add('A', 'a1');
  lanes.add('B', 'b1');
  const a = next(lanes);
  lanes.hold(a);
  const b = next(lanes);
  expect(b.items.first).toBe('b1');
  lanes.resume(a);
  expect(lanes.next()).toBeNull();
  lanes.pass(b);
  expect(next(lanes)).toBe(a);
});

test('a held lane may pass, and to resume any other changes nothing', () => {
  const lanes = new Lanes<string>(1);
  lanes.add('A', 'a1');
  const a = next(lanes);
  lanes.resume(a);
  expect(lanes.runningCount).toBe(1);
  lanes.hold(a);
  lanes.pass(a);
  expect([lanes.size, lanes.runningCount]).toEqual([0, 0]);
  expect(lanes.next()).toBeNull();
});

test('items without a key keep no order', () => {
  const lanes = new Lanes<string>(5);
  lanes.add(null, 'x');
  lanes.add(null, 'y');
  expect([next(lanes), next(lanes)].map(({ items }) => items.first)).toEqual(['x', 'y']);
});

test('a lane that ran empty is forgotten, and begins anew', () => {
  const lanes = new Lanes<string>(5);
  lanes.add('A', 'a1');
  const first = next(lanes);
  lanes.pass(first);
  lanes.add('A', 'a2');
  expect(next(lanes)).not.toBe(first);
  expect(lanes.size).toBe(1);
});
