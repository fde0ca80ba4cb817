import { PER_CONNECTION } from '../alert.js';
const PER_TOKEN = [...PER_CONNECTION, 'token_type'];
/** What a request to the platform needs: accepted credentials, a valid token, quota. */
export const AUTH_ALERTS = [
    {
        name: 'FeishuConnectRejected',
        severity: 'critical',
        layer: 'auth',
        by: ['job', 'app', 'failure'],
        expr: (q) => `${q.growth(`job, ${q.app}, failure`, 'feishu_ws_connect_failures_total{verdict="operator"}', '10m')} > 0`,
        for: '1m',
        summary: 'The platform, or our own set-up, refuses the connection: waiting will not help.',
        description: ({ app, label, count }) => `Attempts of app ${app} to connect failed ${count} times in 10 minutes with ${label('failure')}. It is retried slowly, but only a change by a human ends it. Look first at the failure's row in the runbook.`,
        dashboard: 'feishu-connection',
        failureModes: ['F06', 'F09', 'F18'],
    },
    {
        name: 'FeishuTokenRefreshFailing',
        severity: 'warning',
        layer: 'auth',
        by: PER_TOKEN,
        expr: (q) => {
            const by = `${q.connection}, token_type`;
            const failures = q.growth(by, 'feishu_token_refresh_failures_total', '15m');
            // Attempts that ended: one that hangs until its deadline (F02) would look like a success for as long.
            const ended = q.growth(by, 'feishu_token_refresh_duration_seconds_count', '15m');
            // Half a success: extrapolation makes neither a whole one nor none of the difference.
            return [`${failures} > ${q.limit.tokenFailuresPer15m}`, `and ${ended} - ${failures} < 0.5`].join('\n');
        },
        for: '1m',
        summary: 'Every recent attempt to refresh a token failed.',
        description: ({ app, instance, label, count }) => `Refreshing the ${label('token_type')} token of app ${app} on ${instance} failed ${count} times in 15 minutes, and never succeeded. Look first at the failures by code, then at how long the token in use still lasts.`,
        dashboard: 'feishu-connection',
        failureModes: ['F02', 'F30'],
    },
    {
        name: 'FeishuTokenNearExpiry',
        severity: 'critical',
        layer: 'auth',
        by: PER_TOKEN,
        expr: (q) => `((feishu_token_expiry_timestamp_seconds > 0) - time()) < on (${q.connection}, token_type) (${q.limit.tokenMarginRatio} * feishu_token_refresh_margin_seconds)`,
        for: '30s',
        summary: 'A token expires soon, and was not renewed in the time kept for that.',
        description: ({ app, instance, label, duration }) => `The ${label('token_type')} token of app ${app} on ${instance} expires in ${duration}, and half of the time to renew it has gone by. Look first at its refresh failures; with none, at the supervisor.`,
        dashboard: 'feishu-connection',
        failureModes: ['F02', 'F22', 'F30'],
    },
    {
        name: 'FeishuTokenExpired',
        severity: 'critical',
        layer: 'auth',
        by: PER_TOKEN,
        expr: () => '(feishu_token_expiry_timestamp_seconds > 0) < time()',
        for: '1m',
        summary: 'A token has expired: calls to the platform fail now.',
        description: ({ app, instance, label, moment }) => `The ${label('token_type')} token of app ${app} on ${instance} expired at ${moment}. Sending messages fails. Look first at its refresh failures, and whether the app secret was rotated.`,
        dashboard: 'feishu-connection',
        failureModes: ['F02', 'F22', 'F30'],
    },
    {
        name: 'FeishuApiLimited',
        severity: 'warning',
        layer: 'auth',
        by: [...PER_CONNECTION, 'reason'],
        expr: (q) => `${q.growth(`${q.connection}, reason`, 'feishu_api_limited_total', '15m')} > 0`,
        for: '1m',
        summary: 'The platform refuses REST calls for their rate or for the monthly quota.',
        description: ({ app, instance, label, count }) => `${count} REST calls of app ${app} on ${instance} were refused in 15 minutes for the ${label('reason')}. Look first at the calls by route: one of them is made too often. The quota comes back only with the next month.`,
        dashboard: 'feishu-events',
        failureModes: ['F29'],
    },
];
