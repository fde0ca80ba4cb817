import { TOKEN_FAILURES, TOKEN_TYPES } from '../../token/index.js';
const FAILURE_CODES = Object.keys(TOKEN_FAILURES);
/** Declares the `feishu_token_*` series of one app and feeds them from the token room's reports. */
export function tokenMetrics(series, limits) {
    for (const token_type of TOKEN_TYPES) {
        series.declare('feishu_token_refresh_attempts_total', { token_type });
        series.declare('feishu_token_refresh_duration_seconds', { token_type });
        series.declare('feishu_token_expiry_timestamp_seconds', { token_type });
        series.declare('feishu_token_refresh_margin_seconds', { token_type });
        for (const failure of FAILURE_CODES) {
            series.declare('feishu_token_refresh_failures_total', { token_type, failure });
        }
        series.set('feishu_token_refresh_margin_seconds', { token_type }, limits.tokenRefreshMarginMs / 1_000);
    }
    return (report, { wallNow }) => {
        const token_type = report.tokenType;
        switch (report.type) {
            case 'refresh_started':
                series.add('feishu_token_refresh_attempts_total', { token_type });
                return;
            case 'refreshed': {
                const expiresAt = (wallNow + report.expiresInMs) / 1_000;
                series.observe('feishu_token_refresh_duration_seconds', { token_type }, report.durationMs / 1_000);
                series.set('feishu_token_expiry_timestamp_seconds', { token_type }, expiresAt);
                series.set('feishu_token_refresh_margin_seconds', { token_type }, report.marginMs / 1_000);
                return;
            }
            case 'refresh_failed':
                series.add('feishu_token_refresh_failures_total', { token_type, failure: report.failure });
                series.observe('feishu_token_refresh_duration_seconds', { token_type }, report.durationMs / 1_000);
                return;
            case 'invalidated':
                // The platform ended it before its time: whoever uses it now fails, as if it had expired.
                series.set('feishu_token_expiry_timestamp_seconds', { token_type }, wallNow / 1_000);
                return;
        }
    };
}
