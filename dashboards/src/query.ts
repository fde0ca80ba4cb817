import { definitionOf, type Label, type MetricName, type MetricNameOf } from '../../src/observe/catalogue.js';

/** Series that the rules record, without their prefix `job_app:`. Each has the labels job and app, never instance. */
export type RecordedName =
  | 'feishu_ws_available:bool'
  | `feishu_events_received:${'increase' | 'baseline'}${'30m' | '6h'}`
  | `feishu_${'ws_unavailable' | 'event_acks_late'}:ratio${'5m' | '30m' | '1h' | '2h' | '6h' | '1d' | '3d'}`;

type Counter = MetricNameOf<'counter'>;
type Histogram = MetricNameOf<'histogram'>;

/** Grafana widens it with the step, so that no sample falls between two steps. */
const RATE_INTERVAL = '$__rate_interval';
const PROCESS = 'job=~"$job", instance=~"$instance"';
const APP = 'app=~"$app"';

function labels(matchers: readonly string[]): string {
  return `{${matchers.filter((matcher) => matcher !== '').join(', ')}}`;
}

/** The selector of a series of `name`; the few that belong to the process have no label app. */
function select(name: MetricName, suffix: '' | '_bucket' | '_count' | '_sum', more: string): string {
  const isOfApp = definitionOf(name).labels.includes('app');
  return `${name}${suffix}${labels([PROCESS, isOfApp ? APP : '', more])}`;
}

/** A gauge as it is. */
export function gauge(name: MetricNameOf<'gauge'>, more = ''): string {
  return select(name, '', more);
}

/** How fast a counter goes up, per second. */
export function rate(name: Counter, more = ''): string {
  return `rate(${select(name, '', more)}[${RATE_INTERVAL}])`;
}

/** By how much a counter went up; over the window of an alert where the panel shows what that alert sees. */
export function increase(name: Counter, window = RATE_INTERVAL, more = ''): string {
  return `increase(${select(name, '', more)}[${window}])`;
}

/**
 * How often things happened, by the labels `by`: only those that did, of dozens of known label sets. While none did it
 * says "none" and 0, so that an empty panel means what it should: no data.
 */
export function counted(name: Counter, ...by: readonly [Label, ...Label[]]): string {
  const none = `label_replace(sum(${increase(name)}) == 0, "${by[0]}", "none", "", "")`;
  return `sum by (${by.join(', ')}) (${increase(name)}) > 0 or ${none}`;
}

/** The buckets of a histogram as a heatmap takes them. */
export function buckets(name: Histogram, more = ''): string {
  return `sum by (le) (increase(${select(name, '_bucket', more)}[${RATE_INTERVAL}]))`;
}

/** A quantile over all series that share the labels `by`. */
export function quantile(q: number, name: Histogram, by: string, more = ''): string {
  return `histogram_quantile(${q}, sum by (le, ${by}) (rate(${select(name, '_bucket', more)}[${RATE_INTERVAL}])))`;
}

/** The share of a histogram's observations up to one bound, which Prometheus 2 and 3 write differently. */
export function shareUpTo(name: Histogram, bound: number, by: string, window: string): string {
  const below = select(name, '_bucket', `le=~"${bound}(\\\\.0)?"`);
  const all = select(name, '_count', '');
  return `sum by (${by}) (increase(${below}[${window}])) / (sum by (${by}) (increase(${all}[${window}])) > 0)`;
}

/** A recorded series. */
export function recorded(name: RecordedName, window = ''): string {
  return `job_app:${name}{job=~"$job", ${APP}}${window === '' ? '' : `[${window}]`}`;
}

/** Seconds since a moment; no sample where the moment is 0, which means never. */
export function secondsSince(name: MetricNameOf<'gauge'>): string {
  return `time() - (${gauge(name)} > 0)`;
}

/** Seconds since a moment, 0 where there is none: so that only missing data is a gap. */
export function secondsSinceOrZero(name: MetricNameOf<'gauge'>): string {
  return `${secondsSince(name)} or 0 * ${gauge(name)}`;
}

/** A series of Prometheus about its targets. Of all targets only ours: their job has an app, now or within a day. */
export function target(name: 'up' | 'scrape_duration_seconds' | 'scrape_samples_scraped'): string {
  return `${name}{${PROCESS}} and on (job) (${recorded('feishu_ws_available:bool')} or ${gauge('feishu_ws_enabled')})`;
}

/** An expression over `process_*` or `nodejs_*` series, of our processes only. `of` is given the matchers. */
export function processes(of: (matchers: string) => string): string {
  return `${of(`{${PROCESS}}`)} and on (job, instance) ${gauge('feishu_connector_build_info')}`;
}

/** Alerts of ours in one state. Those without the label job or app belong to all, those about Prometheus too. */
export function alerts(state: 'pending' | 'firing'): string {
  const ours = `ALERTS{alertname=~"Feishu.+", alertname!="FeishuWatchdog", alertstate="${state}", job=~"$job|", app=~"$app|"}`;
  const aboutPrometheus = `ALERTS{alertname=~"FeishuRuleEvaluationFailing|FeishuAlertsNotDelivered", alertstate="${state}"}`;
  return `max by (severity, alertname, app, instance) (${ours} or ${aboutPrometheus})`;
}

/** The one row that there is when our rules are not evaluated: without it an empty list of alerts would look well. */
export function silentWatchdog(): string {
  return 'label_replace(absent(ALERTS{alertname="FeishuWatchdog", alertstate="firing"}), "severity", "silent", "", "")';
}
