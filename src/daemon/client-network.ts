import { isIPv6 } from 'node:net';

const GROUPS = 8;
/** Of the groups of an address of IPv6: whoever has one has the 2^64 beside it. */
const NETWORK_GROUPS = 4;

/** Whom an address is counted for in every limit by address: itself, and of IPv6 its network of 64 bits. */
export function networkOf(address: string): string {
  if (!isIPv6(address) || address.includes('.')) return address;
  const [head = [], tail] = address.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = tail === undefined ? [] : Array<string>(GROUPS - head.length - tail.length).fill('0');
  return [...head, ...zeros, ...(tail ?? [])].slice(0, NETWORK_GROUPS).join(':');
}
