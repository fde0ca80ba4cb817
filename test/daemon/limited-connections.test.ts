import { createServer } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { limitConnections } from '../../src/daemon/limited-connections.js';

/** A server on which whoever comes from these addresses, one after the other, is let in. */
function crowded(addresses: readonly string[], limits: Parameters<typeof limitConnections>[1]) {
  const server = createServer();
  const ended: string[] = [];
  limitConnections(server, limits, (address) => void ended.push(address));
  addresses.forEach((remoteAddress, index) => {
    const socket = new Socket();
    Object.defineProperties(socket, { remoteAddress: { value: remoteAddress }, remotePort: { value: 1_024 + index } });
    server.emit('connection', socket);
  });
  return ended;
}

test('whoever has a network of IPv6 has one share of the connections, however many addresses it comes from', () => {
  const attackers = Array.from({ length: 6 }, (_, index) => `2001:db8:1:2::${index + 1}`);
  const limits = { connections: 5, connectionsPerAddress: 3 };
  expect(crowded(['2001:db8::1', ...attackers], limits)).toEqual(attackers.slice(0, 3));
  expect(crowded(['192.0.2.1', ...attackers], limits)).toEqual(attackers.slice(0, 3));
});

test('networks that crowd it together push out whoever has been idle longest', () => {
  const attackers = ['2001:db8:1:1::1', '2001:db8:1:2::1', '2001:db8:1:3::1'];
  expect(crowded(['192.0.2.1', ...attackers], { connections: 3, connectionsPerAddress: 2 })).toEqual(['192.0.2.1']);
});
