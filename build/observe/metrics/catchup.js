import { PROOFS, paceOf, RECONCILE_VERDICTS, RECOVERIES, ROUTES, SUSPICIONS, VIEW_VERDICTS, } from '../../catchup/index.js';
/** What may end a run of catch-up before its end. The others leave out part of a gap, or all of it: its record says so. */
const RUN_FAILURES = [
    'rate_limited',
    'quota_exhausted',
    'budget_spared',
    'token_unavailable',
    'unreachable',
    'http_status',
    'bad_answer',
    'aborted',
    'bounds',
    'refused',
];
/** What a scrape asks the budget for. */
const QUOTA = [
    ['feishu_api_quota_used', ({ used }) => used],
    ['feishu_api_quota_projected', ({ projected }) => projected],
    ['feishu_api_quota_limit', ({ quota }) => quota],
];
/** Routes that are called for what is looked at, the only ones of the room that have series. */
export function routesOf(lookout) {
    if (lookout === null)
        return [];
    const { view, ...ofHistory } = ROUTES;
    return [
        ...(lookout.serverViewIntervalMs === null ? [] : [view]),
        ...(lookout.hasCatchup ? Object.values(ofHistory) : []),
    ];
}
/** Declares the series that one app has because somebody looks from outside, and feeds them from the room's reports. */
export function catchupMetrics(series, lookout) {
    declareLookout(series, lookout);
    const hasView = lookout.serverViewIntervalMs !== null;
    const hasCanary = lookout.canaryIntervalMs !== null;
    const { hasCatchup } = lookout;
    return (report, { wallNow }) => {
        const now = wallNow / 1_000;
        switch (report.type) {
            case 'server_view':
                if (!hasView)
                    return;
                // Not declared before somebody knows: 0 would say that the platform sees nobody.
                series.declare('feishu_ws_server_connections', {});
                series.set('feishu_ws_server_connections', {}, report.seen);
                series.set('feishu_ws_server_view_timestamp_seconds', {}, now);
                setVerdict(series, report.verdict);
                return;
            case 'view_failed':
                if (hasView)
                    setVerdict(series, 'unknown');
                return;
            case 'gaps':
                if (hasCatchup)
                    series.set('feishu_event_gaps_open', {}, report.open);
                return;
            case 'gap_closed':
                if (hasCatchup)
                    close(series, report.record);
                return;
            case 'catchup_started':
                if (hasCatchup)
                    series.add('feishu_catchup_runs_total', {});
                return;
            case 'catchup_finished':
                if (hasCatchup)
                    series.set('feishu_catchup_last_success_timestamp_seconds', {}, now);
                return;
            case 'catchup_failed':
                if (hasCatchup)
                    series.add('feishu_catchup_failures_total', { failure: report.failure });
                return;
            case 'catchup_found':
                if (hasCatchup)
                    series.add('feishu_catchup_events_total', {});
                return;
            case 'reconciled':
                if (hasCatchup)
                    series.add('feishu_catchup_comparisons_total', { verdict: report.verdict });
                return;
            case 'suspected':
                series.add('feishu_ws_suspicions_total', { reason: report.suspicion });
                return;
            case 'replace_advised':
                series.add('feishu_ws_replacements_advised_total', {});
                for (const reason of report.proofs)
                    series.add('feishu_ws_proofs_total', { reason });
                return;
            case 'replace_judged':
                if (!report.isEffective)
                    series.add('feishu_ws_replacements_vain_total', {});
                return;
            case 'canary_seen':
                if (hasCanary)
                    series.set('feishu_canary_last_received_timestamp_seconds', {}, now);
                return;
            case 'canary_missing':
                if (hasCanary)
                    series.add('feishu_canary_missed_total', {});
                return;
            case 'gap_opened': // `gaps` counts them
            case 'cleared':
            case 'canary_failed': // that none comes is what the gauge shows
            case 'budget': // read at each scrape
            case 'look_failed':
            case 'notes_failed':
                return; // lines in the log
        }
    };
}
function declareLookout(series, { serverViewIntervalMs, hasCatchup, canaryIntervalMs, budget }) {
    for (const reason of SUSPICIONS)
        series.declare('feishu_ws_suspicions_total', { reason });
    for (const reason of PROOFS)
        series.declare('feishu_ws_proofs_total', { reason });
    series.declare('feishu_ws_replacements_advised_total', {});
    series.declare('feishu_ws_replacements_vain_total', {});
    for (const [name, amountOf] of QUOTA) {
        series.onCollect(name, () => {
            const known = budget();
            if (known === null)
                return;
            // Not declared before somebody knows: 0 of 0 calls would be a quota that is used up.
            series.declare(name, {});
            series.set(name, {}, amountOf(known));
        });
    }
    if (serverViewIntervalMs !== null) {
        for (const verdict of VIEW_VERDICTS)
            series.declare('feishu_ws_server_view', { verdict });
        setVerdict(series, 'unknown');
        series.declare('feishu_ws_server_view_timestamp_seconds', {});
        series.declare('feishu_ws_server_view_interval_seconds', {});
        series.onCollect('feishu_ws_server_view_interval_seconds', () => {
            const pace = paceOf(budget()?.level ?? 'free');
            series.set('feishu_ws_server_view_interval_seconds', {}, (serverViewIntervalMs * pace) / 1_000);
        });
    }
    if (hasCatchup)
        declareCatchup(series);
    if (canaryIntervalMs !== null) {
        series.declare('feishu_canary_last_received_timestamp_seconds', {});
        series.declare('feishu_canary_interval_seconds', {});
        series.declare('feishu_canary_missed_total', {});
        series.set('feishu_canary_interval_seconds', {}, canaryIntervalMs / 1_000);
    }
}
function declareCatchup(series) {
    for (const name of [
        'feishu_event_gap_seconds_total',
        'feishu_event_gaps_open',
        'feishu_catchup_runs_total',
        'feishu_catchup_events_total',
        'feishu_catchup_last_success_timestamp_seconds',
    ]) {
        series.declare(name, {});
    }
    for (const recovered of RECOVERIES)
        series.declare('feishu_event_gaps_closed_total', { recovered });
    for (const failure of RUN_FAILURES)
        series.declare('feishu_catchup_failures_total', { failure });
    for (const verdict of RECONCILE_VERDICTS)
        series.declare('feishu_catchup_comparisons_total', { verdict });
}
function close(series, { cause, from, to, recovered }) {
    series.add('feishu_event_gaps_closed_total', { recovered });
    if (cause !== 'operator')
        series.add('feishu_event_gap_seconds_total', {}, Math.max(0, to - from) / 1_000);
}
function setVerdict(series, verdict) {
    for (const each of VIEW_VERDICTS)
        series.set('feishu_ws_server_view', { verdict: each }, each === verdict ? 1 : 0);
}
