import { Client, type Dispatcher, request as send } from 'undici';
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
  return createHttpOver((url, signal) => {
    const client = new Client(url.origin, { pipelining: 0, connect: connectorOf(transport, url, signal) });
    return { dispatcher: client, end: () => client.destroy() };
  });
}

/** What one exchange runs on, and how to let go of it: `error` is what it failed with, or null. */
export interface HttpLease {
  readonly dispatcher: Dispatcher;
  end(error: HttpError | null): Promise<void> | void;
}

/**
 * HTTP over whatever connections `lease` gives.
 * @param lease Gets the URL, and the signal that aborts at the exchange's deadline.
 */
export function createHttpOver(lease: (url: URL, signal: AbortSignal) => HttpLease): HttpAdapter {
  const open = new Map<Promise<HttpResponse>, AbortController>();
  return {
    async http(request) {
      const closing = new AbortController();
      const answer = exchange(lease, request, closing.signal);
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

async function exchange(
  lease: (url: URL, signal: AbortSignal) => HttpLease,
  request: HttpRequest,
  closing: AbortSignal,
): Promise<HttpResponse> {
  const deadline = AbortSignal.timeout(Math.max(1, request.timeoutMs));
  const given = request.signal ? AbortSignal.any([request.signal, closing]) : closing;
  const signal = AbortSignal.any([given, deadline]);
  let leased: HttpLease | null = null;
  let failure: HttpError | null = null;
  try {
    const url = new URL(request.url);
    leased = lease(url, signal);
    const sending = send(url, {
      dispatcher: leased.dispatcher,
      method: request.method,
      headers: { ...request.headers },
      body: request.body ?? null,
      signal,
    });
    const answer = await orAborted(sending, signal);
    const body = await readBody(answer.body, request);
    return { status: answer.statusCode, headers: joinHeaders(answer.headers), body };
  } catch (error) {
    failure = failureOf(error, request, given, deadline);
    throw failure;
  } finally {
    await leased?.end(failure);
  }
}

/**
 * undici looks at the signal of a request only once that has a connection: one that waits for it would outlive its
 * deadline. It is not sent any more then.
 */
function orAborted<Result>(pending: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abandon = (): void => reject(signal.reason);
    if (signal.aborted) abandon();
    signal.addEventListener('abort', abandon, { once: true });
    pending.then(resolve, reject).finally(() => signal.removeEventListener('abort', abandon));
  });
}

function failureOf(error: unknown, request: HttpRequest, given: AbortSignal, deadline: AbortSignal): HttpError {
  const { route, timeoutMs } = request;
  if (error instanceof HttpError) return error;
  if (given.aborted) return new HttpError('aborted', `${route}: aborted`, { cause: error });
  if (deadline.aborted) return new HttpError('timeout', `${route}: no answer in ${timeoutMs} ms`, { cause: error });
  return new HttpError(networkErrorOf(error), `${route}: ${networkMessageOf(error)}`, { cause: error });
}

/** undici asks for a connection; ours come with the proxy and TLS done. */
export function connectorOf(
  transport: Transport,
  url: URL,
  signal?: AbortSignal,
): NonNullable<Client.Options['connect']> {
  return (_options, callback) => {
    transport(url, signal).then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    );
  };
}

async function readBody(
  body: AsyncIterable<Buffer> & { destroy(error?: Error): unknown },
  { maxBytes, whenLarger = 'fail' }: HttpRequest,
): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    const room = maxBytes - length;
    length += chunk.length;
    chunks.push(chunk.subarray(0, room));
    if (length <= maxBytes) continue;
    if (whenLarger === 'fail') throw new HttpError('too_large', `the answer is larger than ${maxBytes} bytes`);
    break; // which destroys the rest, and the connection with it
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
