import { PER_APP } from '../alert.js';
import { AVAILABLE, expected, received, SILENCE_WINDOWS } from '../recording.js';
/** Fewer events than the same hour of days past: what shows when a connection lies. */
export const BASELINE_ALERTS = [
    ...SILENCE_WINDOWS.map((window) => ({
        name: 'FeishuEventsSilent',
        severity: 'critical',
        layer: 'events',
        by: PER_APP,
        expr: ({ limit }) => [
            `${received(window)} == 0`,
            `and ${expected(window)} >= ${limit.silentBaselineEvents}`,
            `and ${AVAILABLE} == 1`,
        ].join('\n'),
        for: window === '30m' ? '5m' : '15m',
        labels: { window },
        summary: 'Connected, but none of the usual events came.',
        description: ({ app }) => `App ${app} is connected and received nothing for ${window}, at a time of day that used to bring some. Send the bot a message: if it does not arrive, reconnect; if it does, look for another client of this app.`,
        dashboard: 'feishu-events',
        from: '2d',
        failureModes: ['F04', 'F07', 'F10'],
    })),
    {
        name: 'FeishuEventsBelowBaseline',
        severity: 'warning',
        layer: 'events',
        by: PER_APP,
        expr: ({ limit }) => [
            `${received('30m')} < ${limit.belowBaselineRatio} * ${expected('30m')}`,
            `and ${expected('30m')} >= ${limit.belowBaselineEvents}`,
            `and ${AVAILABLE} == 1`,
        ].join('\n'),
        for: '15m',
        summary: 'Connected, but most of the usual events do not come.',
        description: ({ app, count }) => `App ${app} received ${count} events in 30 minutes, far fewer than this time of day used to bring. Look first for another client of the same app: the platform gives each event to one of them.`,
        dashboard: 'feishu-events',
        from: '2d',
        failureModes: ['F04', 'F07'],
    },
];
