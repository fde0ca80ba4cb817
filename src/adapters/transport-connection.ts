import type { ClientRequestArgs } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Transport } from './transport.js';

/** What Node's `http.request`, its agents and ws take as `createConnection`: no socket at once, but a callback. */
export type OpenConnection = (
  options: ClientRequestArgs,
  callback: (error: Error | null, socket: Duplex) => void,
) => undefined;

/** Connections of the {@link Transport}, for Node's own client. */
export function connectionOf(transport: Transport, url: URL, signal?: AbortSignal): OpenConnection {
  return (_options, callback) => {
    transport(url, signal).then(
      (socket: Socket) => callback(null, socket),
      // Node looks at the error alone; its type has no room for a missing socket.
      (error: unknown) => (callback as (error: unknown) => void)(error),
    );
  };
}
