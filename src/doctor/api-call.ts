import { type ApiAnswer, answerOf, type CallFailureCode } from '../catchup/index.js';
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

const ADVICE: Partial<Readonly<Record<CallFailureCode, string>>> = {
  rate_limited: 'The platform limits how often this app may ask: ask again in a minute.',
  quota_exhausted:
    'The monthly quota of calls is used up: it starts anew with the month, or with a larger plan. --no-api asks nothing.',
  token_unavailable:
    'The platform does not take the token that it has just granted: ask again; if it stays so, tell its support.',
  unreachable:
    'It did not answer in time, or broke off: ask again, with more time by --timeout. If it stays so, its API has an outage.',
  http_status:
    'With 5xx its API has an outage: ask again later. With any other a proxy or a firewall may answer in its place.',
  bad_answer:
    'A proxy or a captive portal may answer in its place: ask again, and report it with --json if it stays so.',
};

/** What to do about it. That events come all the same is to be said by whoever asks. */
export function callAdvice(outcome: Exclude<CallOutcome, { ok: true }>): string {
  if ('tokenDetail' in outcome)
    return 'There is no token to ask with: check the app id and the secret, and the way to the platform.';
  const { failure, scopes } = outcome.failure;
  if (failure === 'scope_missing') {
    const named = scopes.length === 0 ? 'the scope that it names' : `one of ${scopes.join(', ')}`;
    return `Add ${named} in the developer console, and publish a version.`;
  }
  return ADVICE[failure] ?? 'Look its code up in the documentation of the platform, or ask its support.';
}
