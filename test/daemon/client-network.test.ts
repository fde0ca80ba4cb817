import { expect, test } from 'vitest';
import { networkOf } from '../../src/daemon/client-network.js';

test.each([
  ['192.0.2.1', '192.0.2.2', false],
  ['192.0.2.1', '192.0.2.1', true],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.2', false],
  ['2001:db8:1:2::1', '2001:db8:1:2:ffff:1:2:3', true],
  ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
  ['2001:db8::1', '2001:db8::2', true],
  ['2001::3:a:b:c:d', '2001::4:a:b:c:d', false],
  ['2001::3:a:b:c:d', '2001:0:0:3::1', true],
  ['fe80::1%eth0', 'fe80::2%eth0', true],
  ['::1', '::1', true],
  ['', '', true],
])('%s counts with %s: %s', (one, other, isShared) => {
  expect(networkOf(one) === networkOf(other)).toBe(isShared);
});
