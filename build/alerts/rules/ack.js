import { PER_APP } from '../alert.js';
/** Our answers to the platform. */
export const ACK_ALERTS = [
    {
        name: 'FeishuAckLate',
        severity: 'warning',
        layer: 'ack',
        by: PER_APP,
        expr: (q) => {
            const late = q.growth(`job, ${q.app}`, 'feishu_event_acks_late_total', '10m');
            return [
                `${late} / ${q.growth(`job, ${q.app}`, 'feishu_event_acks_total', '10m')} > ${q.limit.ackLateRatio}`,
                `and ${late} >= ${q.limit.ackLateMin}`,
            ].join('\n');
        },
        for: '2m',
        summary: 'Acks are written after the 3 seconds the platform waits: it will redeliver.',
        description: ({ app, percentage }) => `${percentage} of the acks of app ${app} in the last 10 minutes came later than 3 seconds. Look first at what the ack waits for, the journal or without one the handlers, then at the event loop.`,
        dashboard: 'feishu-events',
        failureModes: ['F13', 'F14'],
    },
];
