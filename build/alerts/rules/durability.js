import { PER_CONNECTION } from '../alert.js';
/** How long a sink may be down before a ticket becomes a page. */
const SINK_DOWN = [
    { severity: 'warning', for: '1m' },
    // A restart of a broker is over by then, and of the platform's five tries to deliver three are still to come.
    { severity: 'critical', for: '10m' },
];
/** What keeps events from being lost: the journal, the dead letters in it, and the sink that takes them over. */
export const DURABILITY_ALERTS = [
    {
        name: 'FeishuJournalFailing',
        severity: 'critical',
        layer: 'events',
        by: [...PER_CONNECTION, 'reason'],
        expr: (q) => [
            `${q.growth(`${q.connection}, reason`, 'feishu_journal_failures_total', '5m')} > 0`,
            // What it cannot read at its start is counted before the first scrape of a new instance: no growth shows it.
            `or feishu_journal_failures_total > 0 unless feishu_journal_failures_total ${q.ago('5m')}`,
            `and on (job, instance) (time() - process_start_time_seconds${q.target} < ${q.allowance(600)})`,
        ].join('\n'),
        keepFiringFor: '10m',
        summary: 'The journal cannot keep events: acks are withheld, or outcomes are forgotten.',
        description: ({ app, instance, label, count }) => `The journal of app ${app} on ${instance} failed ${count} times in 5 minutes (${label('reason')}). What it cannot take is not acked and comes again for 7 hours, then never. Look first at the disk it is on, then at the log.`,
        dashboard: 'feishu-events',
        failureModes: ['F13', 'F25'],
    },
    {
        name: 'FeishuDeadLetters',
        severity: 'warning',
        layer: 'events',
        by: PER_CONNECTION,
        // As long as there are any, not while they become more: one that is forgotten is an event lost.
        expr: (q) => `min_over_time(feishu_event_dead_letters${q.over('10m')}) > 0`,
        for: '1m',
        summary: 'Events could not be handled and wait for a human.',
        description: ({ app, instance, count }) => `App ${app} on ${instance} has ${count} dead letters or more: events that failed for good, or were held as too old. They are kept, and handled by nobody until they are replayed or dropped. Look first at their reasons, then at the log.`,
        dashboard: 'feishu-events',
        failureModes: ['F36', 'F40'],
    },
    ...SINK_DOWN.map(({ severity, for: hold }) => ({
        name: 'FeishuSinkDown',
        severity,
        layer: 'events',
        by: [...PER_CONNECTION, 'sink'],
        // Over two minutes: one failed scrape must not take the alert away.
        expr: (q) => `max_over_time(feishu_sink_up${q.over('2m')}) == 0`,
        for: hold,
        summary: 'Events do not get through to the sink: nobody handles them.',
        description: ({ app, instance, label }) => `The ${label('sink')} sink of app ${app} on ${instance} takes no events. With a journal they wait; without one they are refused, and come again for 7 hours. Look first at the other side and the way there, then at the failures by kind.`,
        dashboard: 'feishu-events',
        failureModes: ['F13'],
    })),
];
