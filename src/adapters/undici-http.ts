import { Agent, request as send } from 'undici';
import { type Http, HttpError, type HttpRequest, type HttpResponse } from '../ports/index.js';
import { networkErrorOf, networkMessageOf } from './network-error.js';

/** An {@link Http} and the way to let go of its sockets. */
export interface HttpAdapter {
  readonly http: Http;
  close(): Promise<void>;
}

/** HTTP over undici. Its one deadline covers name resolution, connection, headers and body. */
export function createUndiciHttp(): HttpAdapter {
  // Calls are minutes apart: a kept-alive socket would be stale more often than useful, and F28 grew from one.
  const agent = new Agent({ keepAliveTimeout: 1_000, keepAliveMaxTimeout: 1_000, connections: 16, pipelining: 0 });
  return {
    http: (request) => exchange(agent, request),
    close: () => agent.destroy(),
  };
}

async function exchange(agent: Agent, request: HttpRequest): Promise<HttpResponse> {
  const deadline = AbortSignal.timeout(Math.max(1, request.timeoutMs));
  const signal = request.signal ? AbortSignal.any([request.signal, deadline]) : deadline;
  try {
    const answer = await send(request.url, {
      dispatcher: agent,
      method: request.method,
      headers: { ...request.headers },
      body: request.body ?? null,
      signal,
    });
    const body = await readBody(answer.body, request.maxBytes);
    return { status: answer.statusCode, headers: joinHeaders(answer.headers), body };
  } catch (error) {
    if (error instanceof HttpError) throw error;
    if (request.signal?.aborted) throw new HttpError('aborted', `${request.route}: aborted`, { cause: error });
    if (deadline.aborted)
      throw new HttpError('timeout', `${request.route}: no answer in ${request.timeoutMs} ms`, { cause: error });
    throw new HttpError(networkErrorOf(error), `${request.route}: ${networkMessageOf(error)}`, { cause: error });
  }
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
