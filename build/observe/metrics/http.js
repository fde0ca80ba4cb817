import { closedSet } from '../closed-set.js';
import { API_FAILURES, API_LIMITS, apiFailureOf, apiLimitOf, OWN_ROUTES } from '../http.js';
/**
 * Declares the `feishu_api_*` series of one app and feeds them from finished HTTP calls.
 * @param routes Those that this app calls besides the ones that every app does.
 */
export function httpMetrics(series, routes, spans) {
    const apis = closedSet([...OWN_ROUTES, ...routes]);
    for (const api of apis.values) {
        series.declare('feishu_api_requests_total', { api });
        series.declare('feishu_api_duration_seconds', { api });
        for (const failure of API_FAILURES)
            series.declare('feishu_api_failures_total', { api, failure });
    }
    for (const reason of API_LIMITS)
        series.declare('feishu_api_limited_total', { reason });
    return (call) => {
        const api = apis.of(call.route);
        const failure = apiFailureOf(call);
        const limit = apiLimitOf(call);
        series.add('feishu_api_requests_total', { api });
        series.observe('feishu_api_duration_seconds', { api }, call.durationMs / 1_000, spans.ofCall(call));
        if (failure !== null)
            series.add('feishu_api_failures_total', { api, failure });
        if (limit !== null)
            series.add('feishu_api_limited_total', { reason: limit });
    };
}
