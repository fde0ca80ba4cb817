import { connect, type Socket } from 'node:net';
import { TransportError } from './network-error.js';
import type { Transport } from './transport.js';

/** Opens connections to a Unix socket, whatever host a URL names. Rejects with the system's error. */
export function createUnixTransport(path: string): Transport {
  return (_url, signal) =>
    new Promise<Socket>((resolve, reject) => {
      const socket = connect({ path });
      const settle = (act: () => void): void => {
        signal?.removeEventListener('abort', abandon);
        socket.removeAllListeners('error');
        act();
      };
      const abandon = (): void => {
        settle(() => reject(signal?.reason));
        socket.destroy();
      };
      if (signal?.aborted) {
        abandon();
        return;
      }
      signal?.addEventListener('abort', abandon, { once: true });
      socket.once('connect', () => settle(() => resolve(socket)));
      socket.once('error', (error) => settle(() => reject(told(error, path))));
    });
}

/** Where there is no file, nobody listens, as at a port that refuses. */
function told(error: Error, path: string): Error {
  const isAbsent = 'code' in error && error.code === 'ENOENT';
  return isAbsent ? new TransportError('refused', `there is no socket at ${path}`) : error;
}
