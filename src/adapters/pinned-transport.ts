import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { TLSSocket } from 'node:tls';
import { TransportError } from './network-error.js';
import { hostOf, portOf } from './proxy.js';
import { type Opening, openTcp, openTls, type Transport } from './transport.js';

/**
 * TLS to a peer that must show the very certificate of a file, whatever names stand in it: for whoever has the file that
 * the peer has. Goes by no proxy. Rejects with a {@link TransportError} `tls`, or the system's error.
 */
export function createPinnedTransport(certFile: string): Transport {
  return async (url, signal) => {
    const pinned = await certificateIn(certFile);
    const never = new AbortController().signal;
    const opening: Opening = { signal: signal ?? never, lookup: undefined, step: 'connection' };
    const socket = await openAny(url, opening).catch((error: unknown) => {
      throw signal?.aborted ? signal.reason : error;
    });
    if (socket.getPeerX509Certificate()?.fingerprint256 === pinned.fingerprint256) return socket;
    socket.destroy();
    throw new TransportError('tls', `the peer shows another certificate than the one in ${certFile}`);
  };
}

/** Whom it is with is for the caller to check, and more strictly than by a chain. */
async function openAny(url: URL, opening: Opening): Promise<TLSSocket> {
  const host = hostOf(url);
  const port = portOf(url);
  const plain = await openTcp(host, port, opening);
  const mayBeAnybody = true;
  return openTls(plain, host, `${host}:${port}`, undefined, opening.signal, mayBeAnybody);
}

async function certificateIn(path: string): Promise<X509Certificate> {
  try {
    return new X509Certificate(await readFile(path));
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'it holds no certificate';
    throw new TransportError('tls', `the certificate in ${path} can't be used: ${why}`);
  }
}
