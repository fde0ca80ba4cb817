import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { networkOf } from './client-network.js';
import { addressOf, type SurfaceLimits } from './surface-limits.js';

/** One connection that is open. */
interface Guest {
  readonly socket: Socket;
  readonly place: unknown;
  readonly address: string;
  /** Whom it is counted for. */
  readonly network: string;
  /** Answers that are under way on it. */
  answers: number;
}

/**
 * Keeps the connections within the limits. Whoever comes is let in, and whoever has been idle longest makes room: were the
 * newcomer refused, a few clients that hang would be enough for probes to find a healthy process dead.
 * @param onEnded Told of each that had to make room.
 * @returns Ends all that there are.
 */
export function limitConnections(
  server: Server,
  limits: Pick<SurfaceLimits, 'connections' | 'connectionsPerAddress'>,
  onEnded: (address: string) => void,
): () => void {
  /** Whoever began or ended a request last stands last. */
  const guests = new Map<unknown, Guest>();
  const touch = (guest: Guest): void => {
    if (guests.get(guest.place) !== guest) return;
    guests.delete(guest.place);
    guests.set(guest.place, guest);
  };
  const makeRoom = (network: string): void => {
    const all = [...guests.values()];
    const neighbours = all.filter((guest) => guest.network === network);
    const crowd = neighbours.length >= limits.connectionsPerAddress ? neighbours : all;
    if (crowd === all && all.length < limits.connections) return;
    // Even whoever is being served: what has been under way longest is what nobody takes.
    const leaving = crowd.find(({ answers }) => answers === 0) ?? crowd[0];
    if (leaving === undefined) return;
    guests.delete(leaving.place);
    leaving.socket.destroy();
    onEnded(leaving.address);
  };
  server.on('connection', (socket: Socket) => {
    const address = addressOf(socket);
    const guest = { socket, place: placeOf(socket), address, network: networkOf(address), answers: 0 };
    makeRoom(guest.network);
    guests.set(guest.place, guest);
    socket.once('close', () => {
      if (guests.get(guest.place) === guest) guests.delete(guest.place);
    });
  });
  server.on('request', ({ socket }, response) => {
    const guest = guests.get(placeOf(socket));
    if (guest === undefined) return;
    guest.answers += 1;
    touch(guest);
    response.once('close', () => {
      guest.answers -= 1;
      touch(guest);
    });
  });
  return () => {
    for (const { socket } of guests.values()) socket.destroy();
  };
}

/** What a connection is known by: with TLS the socket of a request is another one, at the same end of the same wire. */
function placeOf(socket: Socket): unknown {
  const { remoteAddress, remotePort } = socket;
  return remotePort === undefined ? socket : `${remoteAddress} ${remotePort}`;
}
