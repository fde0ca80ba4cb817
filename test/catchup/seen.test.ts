import { expect, test } from 'vitest';
import { Seen } from '../../src/catchup/seen.js';

test('the latest 30,000 are known, and no others', () => {
  const seen = new Seen();
  for (let nth = 0; nth < 200_000; nth += 1) seen.note(`om_${nth}`);
  const known = Array.from({ length: 200_000 }, (_, nth) => seen.has(`om_${nth}`));
  expect(known.slice(-30_000).every(Boolean)).toBe(true);
  expect(known.filter(Boolean).length).toBe(30_000);
  expect(seen.has('om_of_somebody_else')).toBe(false);
});

test('one that comes again is known for as long as a new one', () => {
  const seen = new Seen();
  seen.note('om_again');
  for (let nth = 0; nth < 30_000; nth += 1) seen.note(`om_${nth}`);
  seen.note('om_again');
  for (let nth = 0; nth < 29_000; nth += 1) seen.note(`om_more_${nth}`);
  expect(seen.has('om_again')).toBe(true);
});
