/** 1 while any connection of the app is up, 0 while none is although it should, no sample during maintenance. */
export const AVAILABLE = 'job_app:feishu_ws_available:bool';
/** Share of the window without a connection. */
export const unavailableRatio = (window) => `job_app:feishu_ws_unavailable:ratio${window}`;
/** Share of the window's acks that came late. */
export const lateAckRatio = (window) => `job_app:feishu_event_acks_late:ratio${window}`;
/** Events received in the window. */
export const received = (window) => `job_app:feishu_events_received:increase${window}`;
/** Events expected in the window, by the same hour of days past. */
export const expected = (window) => `job_app:feishu_events_received:baseline${window}`;
/** The windows of the burn alerts, each used as long or short one. */
const RATIO_WINDOWS = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'];
/** The windows in which silence is looked for: busy apps and quiet ones. */
export const SILENCE_WINDOWS = ['30m', '6h'];
/** Whether each app is served, and how much of its objectives is spent. */
export const RECORDINGS = [
    {
        record: AVAILABLE,
        // The second half is for series that are gone: gone is 0, unless the last word was a pause.
        expr: (q) => [
            `max by (job, ${q.app}) (feishu_ws_connected and on (${q.connection}) feishu_ws_enabled == 1)`,
            `or 0 * max by (job, ${q.app}) (last_over_time(feishu_ws_enabled${q.over('1d')}) == 1)`,
        ].join('\n'),
    },
    ...RATIO_WINDOWS.map((window) => ({
        record: unavailableRatio(window),
        expr: (q) => `1 - avg_over_time(${AVAILABLE}${q.over(window)})`,
    })),
    ...RATIO_WINDOWS.map((window) => ({
        record: lateAckRatio(window),
        // No acks, no ratio: a silence must not count as a success.
        expr: (q) => [
            `sum by (job, ${q.app}) (rate(feishu_event_acks_late_total${q.over(window)}))`,
            `/ sum by (job, ${q.app}) (rate(feishu_event_acks_total${q.over(window)}) > 0)`,
        ].join('\n'),
    })),
];
/** How many events came, and how many would have been usual. */
export const BASELINE_RECORDINGS = SILENCE_WINDOWS.flatMap((window) => [
    {
        record: received(window),
        expr: (q) => q.growth(`job, ${q.app}`, 'feishu_events_received_total', window),
    },
    {
        record: expected(window),
        expr: (q) => [
            `(${received(window)} ${q.ago('1d')} + ${received(window)} ${q.ago('1w')} + ${received(window)} ${q.ago('2w')}) / 3`,
            `or ${received(window)} ${q.ago('1w')}`,
            `or ${received(window)} ${q.ago('1d')}`,
        ].join('\n'),
    },
]);
