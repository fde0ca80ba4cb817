import { z } from 'zod';
import { type Clock, type Http, HttpError, type HttpResponse } from '../ports/index.js';
import { type DaemonStatus, parseDaemonStatus } from './daemon-status.js';
import { jsonOf, text } from './foreign.js';
import { SILENCE_BY_ERROR, type Silence } from './silence.js';

/** Who is behind the address of a daemon's HTTP surface. */
export type DaemonAnswer =
  | {
      readonly is: 'ours';
      readonly url: string;
      readonly tookMs: number;
      readonly status: DaemonStatus;
      /** HTTP statuses of `/livez` and `/readyz`; null if there was no answer. */
      readonly livez: number | null;
      readonly readyz: number | null;
    }
  | { readonly is: Silence; readonly url: string; readonly detail: string };

/** A cache in between would answer with what was true once. */
export const DAEMON_HEADERS = { 'cache-control': 'no-cache', accept: 'application/json' };
/** Two kilobytes per app, and ten with all its gaps; a thousand apps fit in. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/** Asks a daemon what it knows of itself. Never rejects but for a bug. */
export async function askDaemon(http: Http, clock: Clock, url: string, timeoutMs: number): Promise<DaemonAnswer> {
  const get = (route: string) =>
    http({ method: 'GET', url: url + route, route, headers: DAEMON_HEADERS, timeoutMs, maxBytes: MAX_ANSWER_BYTES });
  const statusOf = (route: string) =>
    get(route).then(
      ({ status }) => status,
      (error: unknown) => {
        if (error instanceof HttpError) return null;
        throw error;
      },
    );
  const startedAt = clock.now();
  const answers = Promise.all([
    get('/status').then((response) => ({ response, tookMs: clock.now() - startedAt })),
    statusOf('/livez'),
    statusOf('/readyz'),
  ]);
  try {
    const [{ response, tookMs }, livez, readyz] = await answers;
    if (response.status !== 200) return { url, ...silenceOf(response) };
    const status = parseDaemonStatus(response.body);
    if (typeof status === 'string') return { is: 'foreign', url, detail: `GET /status was answered with ${status}` };
    return { is: 'ours', url, tookMs, status, livez, readyz };
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return { is: SILENCE_BY_ERROR[error.kind], url, detail: error.message };
  }
}

/** What each of our answers says that tells of no success. */
const problem = z.object({ error: text, hint: text });

/** What an answer means that holds no status: ours says why in words of its own, and a proxy before it may ask for a password. */
function silenceOf({ status, body }: HttpResponse): { readonly is: Silence; readonly detail: string } {
  const said = problem.safeParse(jsonOf(body));
  if (said.success) {
    const { error, hint } = said.data;
    return { is: status >= 500 ? 'busy' : 'refused', detail: `HTTP ${status}: ${error}. ${hint}` };
  }
  if (status !== 401) return { is: 'foreign', detail: `GET /status was answered with HTTP ${status}` };
  const detail = 'it asks who you are: set FEISHU_HTTP_USER and FEISHU_HTTP_PASSWORD_FILE as it has them';
  return { is: 'refused', detail };
}
