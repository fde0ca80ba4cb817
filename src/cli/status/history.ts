import { z } from 'zod';
import { STANDINGS } from '../../daemon/index.js';
import { count, DAEMON_HEADERS, momentMs, spanMs, text } from '../../doctor/index.js';
import { type Http, HttpError } from '../../ports/index.js';

// What answers may be older or newer than this program: what is not needed may be missing, and more may be there.

const outcomes = z.object({ handled: count, failed: count, duplicate: count, dropped: count, dead: count });

const history = z.object({
  at: momentMs,
  since: momentMs,
  startedAt: momentMs,
  spans: z
    .array(z.object({ standing: z.enum(STANDINGS), from: momentMs, to: momentMs.nullable(), ending: text.optional() }))
    .max(10_000),
  outages: z
    .array(
      z.object({
        number: count,
        cause: text,
        startedAt: momentMs,
        attempts: count,
        durationMs: spanMs.nullable(),
        endedBy: text.nullable(),
      }),
    )
    .max(10_000),
  attempts: z
    .array(
      z.object({
        attempt: count,
        startedAt: momentMs,
        outcome: text,
        durationMs: spanMs.nullable(),
        step: text.nullable(),
        failure: z.object({ code: text, verdict: text, detail: text }).nullable(),
        isStandby: z.boolean(),
      }),
    )
    .max(1_000),
  sessions: z
    .array(
      z.object({
        attempt: count,
        connectionId: text,
        provenAt: momentMs,
        answeredAt: momentMs.nullable(),
        rttMs: spanMs.nullable(),
      }),
    )
    .max(1_000),
  heartbeats: z.array(z.object({ at: momentMs, rttMs: spanMs })).max(1_000),
  eventsPerMinute: z.array(count).max(1_000),
  outcomesPerMinute: z.array(outcomes).max(1_000),
  lastRefresh: z
    .object({ at: momentMs, durationMs: spanMs, failure: z.object({ code: text, detail: text }).nullable() })
    .nullable(),
  concerns: z.array(z.object({ tone: z.enum(['bad', 'warn']), says: text, runbook: text, url: text })).max(100),
});

/** What `/status/history` says of one app, as far as it is shown. */
export type HistoryReading = z.output<typeof history>;

const ROUTE = '/status/history';
/** At most some 100 kB. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/**
 * Asks a daemon for the past of one app. Null where it cannot be had: an older daemon tells less, one that just stopped
 * nothing. The status says whether it is well.
 */
export async function askHistory(
  http: Http,
  url: string,
  app: string,
  timeoutMs: number,
): Promise<HistoryReading | null> {
  const query = new URLSearchParams({ app }).toString();
  try {
    const { status, body } = await http({
      method: 'GET',
      url: `${url}${ROUTE}?${query}`,
      route: ROUTE,
      headers: DAEMON_HEADERS,
      timeoutMs,
      maxBytes: MAX_ANSWER_BYTES,
    });
    return status === 200 ? parseHistory(body) : null;
  } catch (error) {
    if (error instanceof HttpError) return null;
    throw error;
  }
}

/** Null for what is none. */
export function parseHistory(body: string): HistoryReading | null {
  try {
    return history.safeParse(JSON.parse(body)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
