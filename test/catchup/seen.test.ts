import { expect, test } from 'vitest';
import { Seen } from '../../src/catchup/seen.js';

test('what is safe stays safe, whatever arrives afterwards', () => {
  const seen = new Seen();
  seen.note('om_1', 'arrived');
  expect([seen.has('om_1'), seen.isTaken('om_1'), seen.has('om_2')]).toEqual([true, false, false]);
  seen.note('om_1', 'taken');
  seen.note('om_1', 'arrived');
  expect(seen.isTaken('om_1')).toBe(true);
});

test('the latest 30,000 are known for certain, and no more than 60,000 are kept', () => {
  const seen = new Seen();
  for (let nth = 0; nth < 200_000; nth += 1) seen.note(`om_${nth}`, 'taken');
  const known = Array.from({ length: 200_000 }, (_, nth) => seen.has(`om_${nth}`));
  expect(known.slice(-30_000).every(Boolean)).toBe(true);
  expect(known.filter(Boolean).length).toBeLessThanOrEqual(60_000);
});

test('one that arrived long ago is safe as soon as it is taken', () => {
  const seen = new Seen();
  seen.note('om_slow', 'arrived');
  for (let nth = 0; nth < 30_000; nth += 1) seen.note(`om_${nth}`, 'taken');
  seen.note('om_slow', 'taken');
  for (let nth = 0; nth < 29_000; nth += 1) seen.note(`om_more_${nth}`, 'taken');
  expect(seen.isTaken('om_slow')).toBe(true);
});
