import type { NetworkInterfaceInfo } from 'node:os';
import { expect, test } from 'vitest';
import { systemSurroundings } from '../../src/adapters/index.js';
import { addressesOf } from '../../src/adapters/surroundings.js';

const limits = (timeoutMs = 1_000, signal = new AbortController().signal) => ({ timeoutMs, signal });

const info = (address: string, internal = false): NetworkInterfaceInfo =>
  ({ address, internal, netmask: '', mac: '', cidr: null, family: 'IPv4' }) as NetworkInterfaceInfo;

test('addresses that lead nowhere are left out: the machine itself, and those a link makes up', () => {
  expect(
    addressesOf({
      wlan0: [info('192.168.1.7'), info('fe80::1'), info('FE8a::2'), info('2001:db8::7')],
      lo: [info('127.0.0.1', true)],
      eth0: [info('169.254.3.4'), info('10.0.0.5')],
      gone: undefined,
    }),
  ).toEqual(['eth0 10.0.0.5', 'wlan0 192.168.1.7', 'wlan0 2001:db8::7']);
});

test('the addresses of this machine read the same twice', () => {
  expect(systemSurroundings.addresses()).toEqual(systemSurroundings.addresses());
});

test.each(['127.0.0.1', '::1'])('an address is its own answer: %s', async (address) => {
  expect(await systemSurroundings.resolve(address, limits())).toEqual([address]);
});

test('a name that cannot be one resolves to nothing, and nothing is thrown', async () => {
  expect(await systemSurroundings.resolve('a..b', limits())).toEqual([]);
});

test('a question that was given up is over, whatever the resolver does', async () => {
  const abort = new AbortController();
  const asking = systemSurroundings.resolve('name.invalid', limits(600_000, abort.signal));
  abort.abort();
  expect(await asking).toEqual([]);
  expect(await systemSurroundings.resolve('name.invalid', limits(600_000, abort.signal))).toEqual([]);
});
