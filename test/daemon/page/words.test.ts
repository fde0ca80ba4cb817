import { expect, test } from 'vitest';
import { bytes, trip } from '../../../src/daemon/index.js';

test.each([
  [0, '0 bytes'],
  [1_023, '1023 bytes'],
  [1_024, '1.0 KiB'],
  [1_048_576, '1.0 MiB'],
  [10 * 1_024 ** 3, '10 GiB'],
  [5_000 * 1_024 ** 4, '5000 TiB'],
])('%i bytes are told in powers of 1,024, on the page as by the doctor', (count, words) => {
  expect(bytes(count)).toBe(words);
});

test.each([
  [0.42, '0.4 ms'],
  [12.4, '12 ms'],
  [1_500, '1.5 s'],
])('a round trip of %d ms', (ms, words) => {
  expect(trip(ms)).toBe(words);
});
