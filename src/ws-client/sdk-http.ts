import { networkErrorOf, networkMessageOf } from '../adapters/index.js';
import { type Http, HttpError, type HttpRequest, type HttpResponse } from '../ports/index.js';
import type { SdkParameters } from './parameters.js';

type HttpInstance = NonNullable<SdkParameters['httpInstance']>;

/**
 * Our HTTP port over an `httpInstance` of the SDK's kind, an axios instance as a rule: whoever passes one has a proxy, a
 * certificate or a header in it that all calls need.
 */
export function httpOf(instance: HttpInstance): Http {
  return (request) =>
    new Promise((resolve, reject) => {
      const { method, route, signal, timeoutMs } = request;
      const ended = new AbortController();
      const finish = (settle: () => void): void => {
        clearTimeout(deadline);
        signal?.removeEventListener('abort', abandon);
        settle();
        ended.abort();
      };
      const abandon = (): void => finish(() => reject(new HttpError('aborted', `${method} ${route} was aborted`)));
      // The instance's own deadline is a promise of somebody else's code; ours holds whatever it does.
      const deadline = setTimeout(() => {
        finish(() => reject(new HttpError('timeout', `${method} ${route} took more than ${timeoutMs} ms`)));
      }, timeoutMs);
      if (signal?.aborted) {
        abandon();
        return;
      }
      signal?.addEventListener('abort', abandon, { once: true });
      send(instance, request, ended.signal).then(
        (response) => finish(() => resolve(response)),
        (error: unknown) => finish(() => reject(error)),
      );
    });
}

async function send(instance: HttpInstance, request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
  const options = {
    method: request.method.toLowerCase(),
    url: request.url,
    headers: headersOf(request),
    // Not the text: an instance that writes JSON itself, as one over `fetch` does, would write it twice.
    ...(request.body !== undefined && { data: parsed(request.body) }),
    timeout: request.timeoutMs,
    signal,
  };
  try {
    return bounded(answerOf(200, {}, await instance.request<unknown>(options)), request);
  } catch (error) {
    if (error instanceof HttpError) throw error;
    const response = responseIn(error);
    if (response !== null) return bounded(response, request);
    throw new HttpError(networkErrorOf(error), `${request.method} ${request.route}: ${networkMessageOf(error)}`);
  }
}

/** Written as the SDK's own instance looks for it: that puts a name of its own in the place of one it does not find. */
function headersOf({ headers: { 'user-agent': userAgent, ...headers } = {} }: HttpRequest): Record<string, string> {
  return userAgent === undefined ? headers : { ...headers, 'User-Agent': userAgent };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body; // all of ours are JSON; somebody else's goes as it came
  }
}

/** Axios throws for what is not 2xx; its error carries the answer. */
function responseIn(error: unknown): HttpResponse | null {
  if (typeof error !== 'object' || error === null || !('response' in error)) return null;
  const { response } = error;
  if (typeof response !== 'object' || response === null || !('status' in response)) return null;
  const headers = 'headers' in response && typeof response.headers === 'object' ? { ...response.headers } : {};
  return answerOf(Number(response.status), headers, 'data' in response ? response.data : '');
}

/** An instance of the SDK's kind hands out the parsed body; ours is text. */
function answerOf(status: number, given: Readonly<Record<string, unknown>>, data: unknown): HttpResponse {
  const headers = Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), String(value)]));
  const body = typeof data === 'string' ? data : (JSON.stringify(data) ?? '');
  return { status, headers, body };
}

function bounded(response: HttpResponse, { method, route, maxBytes, whenLarger }: HttpRequest): HttpResponse {
  if (Buffer.byteLength(response.body) <= maxBytes) return response;
  if (whenLarger === 'cut') return { ...response, body: response.body.slice(0, maxBytes) };
  throw new HttpError('too_large', `${method} ${route} answered more than ${maxBytes} bytes`);
}
