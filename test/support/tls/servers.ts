import { readFileSync } from 'node:fs';
import { type IncomingMessage, type RequestListener, request } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
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

/**
 * A plain server, such as the simulator, behind TLS: requests and upgrades are passed on, and socket URLs in answers
 * become secure ones. Stopped with the test.
 * Another certificate is presented after `server.setSecureContext(identity(…))`.
 */
export async function tlsTerminator(targetUrl: string, certificate: CertificateName): Promise<Loopback<HttpsServer>> {
  const { hostname, port } = new URL(targetUrl);
  const toTarget = ({ method, url, headers }: IncomingMessage) =>
    request({ hostname, port, method, path: url, headers });
  const server = createHttpsServer(identity(certificate));
  server.on('request', (incoming, response) => {
    const outgoing = toTarget(incoming);
    outgoing.on('error', () => response.destroy());
    outgoing.on('response', async (answer) => {
      const body = (await text(answer)).replaceAll('ws://', 'wss://');
      const length = String(Buffer.byteLength(body));
      response.writeHead(answer.statusCode ?? 502, { ...answer.headers, 'content-length': length }).end(body);
    });
    incoming.pipe(outgoing);
  });
  server.on('upgrade', (incoming, client) => {
    const outgoing = toTarget(incoming);
    outgoing.on('error', () => client.destroy());
    outgoing.on('upgrade', (answer, target, head) => {
      const fields = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}\r\n`);
      client.write(`HTTP/1.1 101 Switching Protocols\r\n${fields.join('')}\r\n`);
      client.write(head);
      client.pipe(target).pipe(client);
      // Either end takes the other with it, however it goes.
      target.on('error', () => client.destroy()).on('close', () => client.destroy());
      client.on('error', () => target.destroy()).on('close', () => target.destroy());
    });
    outgoing.end();
  });
  const serving = await loopback(server, 'https');
  onTestFinished(serving.close);
  return serving;
}
