import { answerOf } from '../catchup/index.js';
import { HttpError } from '../ports/index.js';
// A hundred scopes, or an app with all its texts.
const MAX_ANSWER_BYTES = 1024 * 1024;
/** One GET with the app's own token, which is fetched if nobody did before. It counts against the monthly quota. */
export async function callApi(visit, route, query, limitMs) {
    const startedAt = visit.clock.now();
    const grant = await visit.signIn(limitMs);
    if (!('token' in grant))
        return { ok: false, tokenDetail: `${grant.failure}: ${grant.detail}` };
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
    }
    catch (error) {
        if (!(error instanceof HttpError))
            throw error;
        const failure = { failure: 'unreachable', code: null, detail: error.message, scopes: [] };
        return { ok: false, failure, retryAfterMs: null };
    }
}
/** Why a call failed, in words. */
export function whyNot(outcome) {
    return 'tokenDetail' in outcome ? outcome.tokenDetail : `${outcome.failure.failure}: ${outcome.failure.detail}`;
}
