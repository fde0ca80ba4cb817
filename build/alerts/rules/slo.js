import { PER_APP } from '../alert.js';
import { lateAckRatio, unavailableRatio } from '../recording.js';
/** Multi-window, multi-burn-rate: the long window says that it matters, the short one that it is still going on. */
const BURNS = [
    { long: '1h', short: '5m', factor: 14.4, for: '2m', severity: 'critical' }, // 2 % of the budget in an hour
    { long: '6h', short: '30m', factor: 6, for: '15m', severity: 'critical' }, // 5 % in 6 hours
    { long: '1d', short: '2h', factor: 3, for: '1h', severity: 'warning' }, // 10 % in a day
    { long: '3d', short: '6h', factor: 1, for: '3h', severity: 'warning' }, // 10 % in 3 days
];
/** The two objectives over 30 days: connected, and acks on time. */
export const SLO_ALERTS = [
    ...BURNS.map(({ long, short, factor, for: hold, severity }) => ({
        name: 'FeishuConnectivityBudgetBurn',
        severity,
        layer: 'slo',
        by: PER_APP,
        expr: ({ limit }) => [
            `${unavailableRatio(long)} > ${factor} * ${limit.unavailableBudgetRatio}`,
            `and ${unavailableRatio(short)} > ${factor} * ${limit.unavailableBudgetRatio}`,
        ].join('\n'),
        for: hold,
        labels: { long_window: long, short_window: short },
        summary: 'The time without a connection spends the budget of 30 days too fast.',
        description: ({ app, percentage }) => `App ${app} was without a connection for ${percentage} of the last ${long}, ${factor} times the pace that its objective allows, and still is. Look first at its outages: when they began, how long they took.`,
        dashboard: 'feishu-objectives',
        from: long,
        failureModes: ['F11', 'F38'],
    })),
    ...BURNS.map(({ long, short, factor, for: hold, severity }) => ({
        name: 'FeishuAckBudgetBurn',
        severity,
        layer: 'slo',
        by: PER_APP,
        expr: (q) => [
            `${lateAckRatio(long)} > ${factor} * ${q.limit.ackLateBudgetRatio}`,
            `and ${lateAckRatio(short)} > ${factor} * ${q.limit.ackLateBudgetRatio}`,
            `and ${q.growth(`job, ${q.app}`, 'feishu_event_acks_total', long)} >= ${q.limit.ackBurnMin}`,
        ].join('\n'),
        for: hold,
        labels: { long_window: long, short_window: short },
        summary: 'Late acks spend the budget of 30 days too fast.',
        description: ({ app, percentage }) => `${percentage} of the acks of app ${app} in the last ${long} came after 3 seconds, ${factor} times the pace that its objective allows, and they still do. Look first at the ack and handler durations.`,
        dashboard: 'feishu-objectives',
        from: long,
        failureModes: ['F13', 'F14'],
    })),
];
