import { FAILURES, FRAME_ERROR_REASONS, FRAME_TYPES, STATES, STEPS, verdictOf, } from '../../connection/index.js';
const FAILURE_CODES = Object.keys(FAILURES);
const DIRECTIONS = ['in', 'out'];
/** Declares the `feishu_ws_*` series of one app and feeds them from the connection's reports. */
export function connectionMetrics(series, limits, spans) {
    declareConnection(series, limits);
    let state = 'idle';
    let connectedAttempt = null;
    let latestConnected = 0;
    let hasConnected = false;
    const proven = new Set();
    const count = () => series.set('feishu_ws_connections_proven', {}, proven.size);
    const states = STATES.map((each) => ({ each, gauge: series.gauge('feishu_ws_state', { state: each }) }));
    series.onCollect('feishu_ws_state', () => {
        for (const { each, gauge } of states)
            gauge.set(each === state ? 1 : 0);
    });
    // What comes with each frame.
    const lastFrame = series.gauge('feishu_ws_last_frame_timestamp_seconds', {});
    const frames = series.each(DIRECTIONS, (direction) => series.each(FRAME_TYPES, (type) => series.counter('feishu_ws_frames_total', { direction, type })));
    const lose = () => {
        connectedAttempt = null;
        series.set('feishu_ws_connected', {}, 0);
    };
    return (report, { wallNow }) => {
        const now = wallNow / 1_000;
        switch (report.type) {
            case 'state_changed':
                state = report.to;
                // The 101 is the first thing a socket says.
                if (report.from === 'dialing' && report.to === 'proving')
                    lastFrame.set(now);
                // A suspect connection is still one; every other state is none, whatever was or was not reported.
                if (report.to !== 'connected' && report.to !== 'suspect')
                    lose();
                if (report.to === 'stopped') {
                    proven.clear();
                    count();
                }
                if (report.to === 'stopped' || report.to === 'idle') {
                    series.set('feishu_ws_next_attempt_timestamp_seconds', {}, 0);
                    series.set('feishu_ws_outage_started_timestamp_seconds', {}, 0);
                }
                return;
            case 'attempt_started':
                series.add('feishu_ws_connect_attempts_total', {});
                if (report.isReconnect) {
                    series.add('feishu_ws_reconnect_attempts_total', {}, 1, spans.ofAttempt(report.attempt));
                }
                series.set('feishu_ws_last_attempt_timestamp_seconds', {}, now);
                series.set('feishu_ws_next_attempt_timestamp_seconds', {}, 0);
                return;
            case 'step_finished': {
                const { step, durationMs, attempt } = report;
                const trace = spans.ofAttempt(attempt);
                series.observe('feishu_ws_connect_duration_seconds', { step }, durationMs / 1_000, trace);
                return;
            }
            case 'attempt_failed': {
                const failure = report.failure.code;
                series.add('feishu_ws_connect_failures_total', { failure, verdict: verdictOf(failure) });
                return;
            }
            case 'connected':
                proven.add(report.attempt);
                count();
                if (report.isStandby)
                    return; // the app was connected already
                connectedAttempt = report.attempt;
                latestConnected = report.attempt;
                series.set('feishu_ws_connected', {}, 1);
                if (!hasConnected)
                    series.set('feishu_ws_first_open_timestamp_seconds', {}, now);
                hasConnected = true;
                series.set('feishu_ws_last_open_timestamp_seconds', {}, now);
                series.set('feishu_ws_next_attempt_timestamp_seconds', {}, 0);
                return;
            case 'disconnected': {
                proven.delete(report.attempt);
                count();
                const trace = spans.ofAttempt(report.attempt);
                series.add('feishu_ws_disconnects_total', { failure: report.failure.code });
                series.observe('feishu_ws_session_duration_seconds', {}, report.sessionMs / 1_000, trace);
                // The end of a socket that was replaced meanwhile, or of one beside others, says nothing about those.
                if (connectedAttempt === report.attempt && !report.isStandby)
                    lose();
                return;
            }
            case 'waiting':
                series.set('feishu_ws_next_attempt_timestamp_seconds', {}, now + report.retryInMs / 1_000);
                return;
            case 'outage_started':
                series.set('feishu_ws_outage_started_timestamp_seconds', {}, now);
                return;
            case 'outage_ended': {
                const trace = spans.ofAttempt(latestConnected);
                series.observe('feishu_ws_outage_duration_seconds', {}, report.outage.durationMs / 1_000, trace);
                series.set('feishu_ws_outage_started_timestamp_seconds', {}, 0);
                return;
            }
            case 'heartbeat_sent':
                series.add('feishu_ws_heartbeats_sent_total', {});
                return;
            case 'heartbeat_answered':
                series.add('feishu_ws_heartbeats_answered_total', {});
                series.observe('feishu_ws_heartbeat_rtt_seconds', {}, report.rttMs / 1_000);
                lastFrame.set(now);
                return;
            case 'frame':
                frames.of(report.direction)?.of(report.frameType)?.add();
                if (report.direction === 'in')
                    lastFrame.set(now);
                return;
            case 'frame_error':
                series.add('feishu_ws_frame_errors_total', { reason: report.reason });
                lastFrame.set(now);
                return;
            case 'pacing':
                setPacing(series, report);
                return;
            case 'sockets':
                series.set('feishu_ws_sockets_open', {}, report.open);
                return;
            case 'pacing_rejected':
            case 'late':
                return; // log lines tell of these; the event loop's lag is a metric of the process
        }
    };
}
function declareConnection(series, limits) {
    for (const name of [
        'feishu_ws_enabled',
        'feishu_ws_connected',
        'feishu_ws_connect_attempts_total',
        'feishu_ws_reconnect_attempts_total',
        'feishu_ws_session_duration_seconds',
        'feishu_ws_outage_duration_seconds',
        'feishu_ws_outage_started_timestamp_seconds',
        'feishu_ws_first_open_timestamp_seconds',
        'feishu_ws_last_open_timestamp_seconds',
        'feishu_ws_last_attempt_timestamp_seconds',
        'feishu_ws_next_attempt_timestamp_seconds',
        'feishu_ws_last_frame_timestamp_seconds',
        'feishu_ws_heartbeats_sent_total',
        'feishu_ws_heartbeats_answered_total',
        'feishu_ws_heartbeat_rtt_seconds',
        'feishu_ws_heartbeat_interval_seconds',
        'feishu_ws_silence_limit_seconds',
        'feishu_ws_backoff_max_seconds',
        'feishu_ws_sockets_open',
        'feishu_ws_connections_wanted',
        'feishu_ws_connections_proven',
    ]) {
        series.declare(name, {});
    }
    for (const state of STATES)
        series.declare('feishu_ws_state', { state });
    for (const failure of FAILURE_CODES) {
        series.declare('feishu_ws_connect_failures_total', { failure, verdict: verdictOf(failure) });
        series.declare('feishu_ws_disconnects_total', { failure });
    }
    for (const step of STEPS)
        series.declare('feishu_ws_connect_duration_seconds', { step });
    for (const type of FRAME_TYPES) {
        for (const direction of DIRECTIONS)
            series.declare('feishu_ws_frames_total', { direction, type });
    }
    for (const reason of FRAME_ERROR_REASONS)
        series.declare('feishu_ws_frame_errors_total', { reason });
    series.set('feishu_ws_enabled', {}, 1);
    setPacing(series, limits);
    series.set('feishu_ws_backoff_max_seconds', {}, limits.backoffMaxMs / 1_000);
    series.set('feishu_ws_connections_wanted', {}, limits.connectionsWanted);
}
function setPacing(series, pacing) {
    series.set('feishu_ws_heartbeat_interval_seconds', {}, pacing.heartbeatIntervalMs / 1_000);
    series.set('feishu_ws_silence_limit_seconds', {}, pacing.silenceLimitMs / 1_000);
}
