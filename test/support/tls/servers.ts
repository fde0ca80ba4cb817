import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { type Loopback, loopback } from '../loopback.js';

/** Certificates of the throwaway authority for platform.test, localhost and 127.0.0.1, but for what the name says. */
export type CertificateName = 'trusted' | 'self-signed' | 'expired' | 'not-yet-valid' | 'wrong-host';

/** The authority that the certificates are trusted with. */
export const AUTHORITY_FILE = fileURLToPath(new URL('authority.pem', import.meta.url));
export const AUTHORITY = readFileSync(AUTHORITY_FILE, 'utf8');

/** Key and certificate as `tls.createServer` takes them. */
export function identity(name: CertificateName): { readonly key: Buffer; readonly cert: Buffer } {
  const read = (file: string) => readFileSync(new URL(file, import.meta.url));
  return { key: read('throwaway.key'), cert: read(`${name}.pem`) };
}

export async function serveHttps(name: CertificateName, listener: RequestListener): Promise<Loopback<HttpsServer>> {
  return loopback(createHttpsServer(identity(name), listener), 'https');
}

/** Answers every request with 200, and every upgrade with 101. */
export async function serveTls(name: CertificateName): Promise<Loopback<HttpsServer>> {
  const serving = await serveHttps(name, (_request, response) => response.end('fine'));
  new WebSocketServer({ server: serving.server });
  return serving;
}
