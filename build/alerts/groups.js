import { LAYERS, wordsOf } from './alert.js';
import { STATE_ALERTS } from './alerts.js';
import { timeScale } from './duration.js';
import { queryOf } from './query.js';
import { BASELINE_RECORDINGS, RECORDINGS } from './recording.js';
import { BASELINE_ALERTS } from './rules/baseline.js';
const RECORDING_INTERVAL = '30s';
/** What the other rules are made of. */
export function recordingGroups(options) {
    const query = queryOf(options);
    return [
        {
            name: 'feishu-recording',
            interval: timeScale(options.timeScale).hold(RECORDING_INTERVAL),
            rules: RECORDINGS.map((recording) => recordingRule(recording, query)),
        },
    ];
}
/** The alerts on what is true now: a group per layer. */
export function alertGroups(options) {
    const query = queryOf(options);
    return LAYERS.map((layer) => ({
        name: `feishu-${layer}`,
        rules: STATE_ALERTS.filter((alert) => alert.layer === layer).map((alert) => alertRule(alert, query, options)),
    }));
}
/** The comparison with days past, in one group: each rule reads what the one before it wrote. */
export function baselineGroups(options) {
    const query = queryOf(options);
    return [
        {
            name: 'feishu-baseline',
            interval: timeScale(options.timeScale).hold(RECORDING_INTERVAL),
            rules: [
                ...BASELINE_RECORDINGS.map((recording) => recordingRule(recording, query)),
                ...BASELINE_ALERTS.map((alert) => alertRule(alert, query, options)),
            ],
        },
    ];
}
function recordingRule({ record, expr }, query) {
    return { record, expr: expr(query) };
}
function alertRule(alert, query, options) {
    const time = timeScale(options.timeScale);
    return {
        alert: alert.name,
        expr: alert.expr(query),
        ...(alert.for !== undefined && { for: time.hold(alert.for) }),
        ...(alert.keepFiringFor !== undefined && { keep_firing_for: time.hold(alert.keepFiringFor) }),
        labels: { severity: alert.severity, layer: alert.layer, ...alert.labels },
        annotations: {
            summary: alert.summary,
            description: alert.description(wordsOf(options.appLabel)),
            runbook_url: `${options.runbookBaseUrl}/${alert.name}.md`,
            dashboard_url: dashboardUrl(alert, options),
        },
    };
}
/** A link that opens the dashboard on the very series of the alert, as far as its labels tell. */
function dashboardUrl({ by, dashboard, from }, { appLabel, dashboardBaseUrl }) {
    const variables = ['job', 'instance', 'app']
        .filter((name) => by.includes(name))
        .map((name) => `var-${name}={{ $labels.${name === 'app' ? appLabel : name} | urlquery }}`);
    return `${dashboardBaseUrl}/d/${dashboard}?${[...variables, `from=now-${from ?? '6h'}`, 'to=now'].join('&')}`;
}
