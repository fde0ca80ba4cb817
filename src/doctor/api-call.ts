import { type ApiAnswer, answerOf } from '../catchup/index.js';
import { HttpError } from '../ports/index.js';
import type { Visit } from './visit.js';

/** What a call of the API came to, or why there is no token to make it with. */
export type CallOutcome = ApiAnswer | { readonly ok: false; readonly tokenDetail: string };

// A hundred scopes, or an app with all its texts.
const MAX_ANSWER_BYTES = 1024 * 1024;

/** One GET with the app's own token, which is fetched if nobody did before. It counts against the monthly quota. */
export async function callApi(
  visit: Visit,
  route: string,
  query: Readonly<Record<string, string>>,
  limitMs: number,
): Promise<CallOutcome> {
  const startedAt = visit.clock.now();
  const grant = await visit.signIn(limitMs);
  if (!('token' in grant)) return { ok: false, tokenDetail: `${grant.failure}: ${grant.detail}` };
  const { http } = visit.wayOut;
  const search = new URLSearchParams(query).toString();
  const timeoutMs = Math.max(1, Math.floor(limitMs - (visit.clock.now() - startedAt)));
  try {
    const response = await http({
      method: 'GET',
      url: `${visit.app.baseUrl}${route}${search === '' ? '' : `?${search}`}`,
      route,
      headers: { authorization: `Bearer ${grant.token}` },
      timeoutMs,
      maxBytes: MAX_ANSWER_BYTES,
    });
    return answerOf(response);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    const failure = { failure: 'unreachable', code: null, detail: error.message, scopes: [] } as const;
    return { ok: false, failure, retryAfterMs: null };
  }
}

/** Why a call failed, in words. */
export function whyNot(outcome: Exclude<CallOutcome, { ok: true }>): string {
  return 'tokenDetail' in outcome ? outcome.tokenDetail : `${outcome.failure.failure}: ${outcome.failure.detail}`;
}
