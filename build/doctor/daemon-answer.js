import { HttpError } from '../ports/index.js';
import { parseDaemonStatus } from './daemon-status.js';
import { SILENCE_BY_ERROR } from './silence.js';
/** A cache in between would answer with what was true once. */
export const DAEMON_HEADERS = { 'cache-control': 'no-cache', accept: 'application/json' };
/** A kilobyte or two per app; a thousand apps fit in. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
/** Asks a daemon what it knows of itself. Never rejects but for a bug. */
export async function askDaemon(http, clock, url, timeoutMs) {
    const get = (route) => http({ method: 'GET', url: url + route, route, headers: DAEMON_HEADERS, timeoutMs, maxBytes: MAX_ANSWER_BYTES });
    const statusOf = (route) => get(route).then(({ status }) => status, (error) => {
        if (error instanceof HttpError)
            return null;
        throw error;
    });
    const startedAt = clock.now();
    const answers = Promise.all([
        get('/status').then((response) => ({ response, tookMs: clock.now() - startedAt })),
        statusOf('/livez'),
        statusOf('/readyz'),
    ]);
    try {
        const [{ response, tookMs }, livez, readyz] = await answers;
        const { status: code, body } = response;
        if (code !== 200)
            return { is: 'foreign', url, detail: `GET /status was answered with HTTP ${code}` };
        const status = parseDaemonStatus(body);
        if (typeof status === 'string')
            return { is: 'foreign', url, detail: `GET /status was answered with ${status}` };
        return { is: 'ours', url, tookMs, status, livez, readyz };
    }
    catch (error) {
        if (!(error instanceof HttpError))
            throw error;
        return { is: SILENCE_BY_ERROR[error.kind], url, detail: error.message };
    }
}
