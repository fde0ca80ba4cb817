import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { TransportError } from './network-error.js';
import type { Transport } from './transport.js';

/**
 * TLS to a peer that must show the very certificate of a file, whatever names stand in it: for whoever has the file that
 * the peer has. Goes by no proxy. Rejects with a {@link TransportError} `tls`, or the system's error.
 */
export function createPinnedTransport(certFile: string): Transport {
  return async (url, signal) => {
    const pinned = await certificateIn(certFile);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const plain = connect({ host, port: Number(url.port || 443) });
    // Whom it is with is checked below, and more strictly than by a chain.
    const socket = connectTls({ socket: plain, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
    await untilSecure(socket, signal);
    if (socket.getPeerX509Certificate()?.fingerprint256 === pinned.fingerprint256) return socket;
    socket.destroy();
    throw new TransportError('tls', `the peer shows another certificate than the one in ${certFile}`);
  };
}

async function certificateIn(path: string): Promise<X509Certificate> {
  try {
    return new X509Certificate(await readFile(path));
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'it holds no certificate';
    throw new TransportError('tls', `the certificate in ${path} can't be used: ${why}`);
  }
}

function untilSecure(socket: TLSSocket, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      signal?.removeEventListener('abort', abandon);
      socket.off('secureConnect', open).off('error', fail).off('close', close);
      act();
    };
    const open = (): void => settle(resolve);
    const fail = (error: Error): void => settle(() => reject(error));
    const close = (): void =>
      settle(() => reject(new TransportError('reset', 'the connection ended in its handshake')));
    const abandon = (): void => {
      settle(() => reject(signal?.reason));
      socket.destroy();
    };
    socket.once('secureConnect', open).once('error', fail).once('close', close);
    if (signal?.aborted) abandon();
    signal?.addEventListener('abort', abandon, { once: true });
  });
}
