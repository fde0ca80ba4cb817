import { expect, test } from 'vitest';
import { RETRY_AFTER_MAX_MS, retryAfterMs } from '../../src/sinks/retry-after.js';

const NOW = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT');

test.each<[string | undefined, number | null]>([
  ['120', 120_000],
  ['0', 0],
  [' 5 ', 5_000],
  ['Wed, 21 Oct 2026 07:28:30 GMT', 30_000],
  ['Wednesday, 21-Oct-26 07:28:30 GMT', 30_000],
  ['Wed Oct 21 07:28:30 2026 GMT', 30_000],
  ['Wed, 21 Oct 2026 07:00:00 GMT', 0],
  ['86400', RETRY_AFTER_MAX_MS],
  ['99999999999', null],
  ['Fri, 31 Dec 9999 23:59:59 GMT', RETRY_AFTER_MAX_MS],
  ['-5', null],
  ['1.5', null],
  ['soon', null],
  ['5 apples', null],
  ['Wed, nonsense', null],
  ['', null],
  [undefined, null],
])('Retry-After: %s', (header, afterMs) => {
  expect(retryAfterMs(header, NOW)).toBe(afterMs);
});
