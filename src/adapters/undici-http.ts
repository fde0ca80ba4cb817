import { Client, request as send } from 'undici';
import { type Http, HttpError, type HttpRequest, type HttpResponse } from '../ports/index.js';
import { networkErrorOf, networkMessageOf } from './network-error.js';
import { createTransport, type Transport } from './transport.js';

/** An {@link Http} and the way to let go of its sockets. */
export interface HttpAdapter {
  readonly http: Http;
  /** Ends every exchange that is under way, as `aborted`. It can be used again afterwards. */
  close(): Promise<void>;
}

/**
 * HTTP over undici. Its one deadline covers name resolution, connection, headers and body. Every exchange has a
 * connection of its own: calls are minutes apart, and a pool that went bad once kept failing until the restart (F28).
 */
export function createUndiciHttp(transport: Transport = createTransport()): HttpAdapter {
  const open = new Map<Promise<HttpResponse>, AbortController>();
  return {
    async http(request) {
      const closing = new AbortController();
      const answer = exchange(transport, request, closing.signal);
      open.set(answer, closing);
      try {
        return await answer;
      } finally {
        open.delete(answer);
      }
    },
    async close() {
      const ending = [...open.keys()];
      for (const closing of open.values()) closing.abort();
      await Promise.allSettled(ending);
    },
  };
}

async function exchange(transport: Transport, request: HttpRequest, closing: AbortSignal): Promise<HttpResponse> {
  const deadline = AbortSignal.timeout(Math.max(1, request.timeoutMs));
  const given = request.signal ? AbortSignal.any([request.signal, closing]) : closing;
  const signal = AbortSignal.any([given, deadline]);
  let client: Client | null = null;
  try {
    const url = new URL(request.url);
    client = new Client(url.origin, { pipelining: 0, connect: connectorOf(transport, url, signal) });
    const answer = await send(url, {
      dispatcher: client,
      method: request.method,
      headers: { ...request.headers },
      body: request.body ?? null,
      signal,
    });
    const body = await readBody(answer.body, request.maxBytes);
    return { status: answer.statusCode, headers: joinHeaders(answer.headers), body };
  } catch (error) {
    if (error instanceof HttpError) throw error;
    if (given.aborted) throw new HttpError('aborted', `${request.route}: aborted`, { cause: error });
    if (deadline.aborted)
      throw new HttpError('timeout', `${request.route}: no answer in ${request.timeoutMs} ms`, { cause: error });
    throw new HttpError(networkErrorOf(error), `${request.route}: ${networkMessageOf(error)}`, { cause: error });
  } finally {
    await client?.destroy();
  }
}

/** undici asks for a connection; ours come with the proxy and TLS done. */
function connectorOf(transport: Transport, url: URL, signal: AbortSignal): NonNullable<Client.Options['connect']> {
  return (_options, callback) => {
    transport(url, signal).then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    );
  };
}

async function readBody(
  body: AsyncIterable<Buffer> & { destroy(error?: Error): unknown },
  maxBytes: number,
): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) throw new HttpError('too_large', `the answer is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function joinHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) joined[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return joined;
}
