import { timeScale } from './duration.js';
import { INHIBITIONS } from './inhibition.js';
import { yamlFile } from './yaml-file.js';
/** Names that nobody owns: to be replaced before use. */
export const EXAMPLE_RECEIVERS = Object.freeze({
    pagerUrl: 'https://pager.example.com/alertmanager',
    ticketUrl: 'https://tickets.example.com/alertmanager',
    watchdogUrl: 'https://dead-man.example.com/feishu-connector',
});
/** A whole configuration of Alertmanager: routes, receivers and inhibitions for these alerts. */
export function alertmanagerConfig(options, receivers = EXAMPLE_RECEIVERS) {
    const time = timeScale(options.timeScale);
    const hold = (duration) => time.hold(duration);
    const labelOf = (name) => (name === 'app' ? options.appLabel : name);
    return yamlFile([
        'Alertmanager for the alerts of feishu-connector. Generated: an example to copy, or to merge into a configuration',
        'that exists (put the routes under one with the matcher alertname=~"Feishu.+", and append the inhibitions).',
        'Replace the three URLs.',
    ], {
        route: {
            receiver: 'feishu-ticket',
            group_by: ['job', labelOf('app')],
            group_wait: hold('30s'),
            group_interval: hold('5m'),
            repeat_interval: hold('4h'),
            routes: [
                {
                    matchers: ['alertname="FeishuWatchdog"'],
                    receiver: 'feishu-watchdog',
                    group_wait: '0s',
                    group_interval: hold('30s'),
                    repeat_interval: hold('1m'),
                },
                { matchers: ['severity="critical"'], receiver: 'feishu-pager' },
                { matchers: ['severity="warning"'], receiver: 'feishu-ticket' },
            ],
        },
        receivers: [
            { name: 'feishu-pager', webhook_configs: [{ url: receivers.pagerUrl, send_resolved: true }] },
            { name: 'feishu-ticket', webhook_configs: [{ url: receivers.ticketUrl, send_resolved: true }] },
            { name: 'feishu-watchdog', webhook_configs: [{ url: receivers.watchdogUrl, send_resolved: false }] },
        ],
        inhibit_rules: INHIBITIONS.map(({ sources, targets, equal }) => ({
            source_matchers: sources,
            target_matchers: targets,
            equal: equal.map(labelOf),
        })),
    }, [
        { path: ['route', 'receiver'], comment: 'What no route below takes: a ticket rather than nothing.' },
        {
            path: ['route', 'routes', 0],
            comment: 'The watchdog goes to a dead-man service outside the site, every minute. It raises the alarm when nothing comes,\nso it must not be told that anything is resolved.',
        },
        ...INHIBITIONS.map(({ why }, i) => ({ path: ['inhibit_rules', i], comment: why })),
    ]);
}
