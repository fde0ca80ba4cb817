/** The part of the system an alert is about, and the rule group it is in. */
export const LAYERS = [
    'meta', // can the connector be seen, and can these rules see
    'process', // the process and its event loop
    'connection',
    'auth', // what a request to the platform needs: credentials, tokens, quota
    'events',
    'ack',
    'slo',
];
export const DASHBOARDS = ['feishu-overview', 'feishu-connection', 'feishu-events', 'feishu-objectives'];
/** The labels an alert's series carry besides those of the rule; `app` is replaced where relabelling renamed it. */
export const PER_APP = ['job', 'app'];
export const PER_CONNECTION = ['job', 'instance', 'app'];
export const PER_INSTANCE = ['job', 'instance'];
export function wordsOf(appLabel) {
    const label = (name) => `{{ $labels.${name} }}`;
    return {
        app: label(appLabel),
        instance: label('instance'),
        job: label('job'),
        label,
        // Growth of a counter is extrapolated to the edges of its window: its decimals would look like news.
        count: '{{ $value | printf "%.0f" }}',
        duration: '{{ $value | humanizeDuration }}',
        percentage: '{{ $value | humanizePercentage }}',
        moment: '{{ $value | humanizeTimestamp }}',
    };
}
