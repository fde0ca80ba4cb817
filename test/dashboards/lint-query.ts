import { collectDefaultMetrics, Registry } from 'prom-client';
import { interpolate } from '../../dashboards/src/interpolate.js';
import { BASELINE_RECORDINGS, RECORDINGS } from '../../src/alerts/index.js';
import { definitionOf, METRIC_NAMES, type MetricType } from '../../src/observe/index.js';
import { type Selector, selectorsOf } from './selectors.js';

interface Known {
  readonly type: MetricType;
  /** Matchers that every selector of it must have. */
  readonly matchers: readonly string[];
}

const ON_PROCESS = ['job=~"$job"', 'instance=~"$instance"'];
const ON_APP = 'app=~"$app"';

/** What Prometheus itself knows, as far as the boards ask for it. They select by what they are about, not by $job. */
const OF_PROMETHEUS: Readonly<Record<string, Known>> = {
  ALERTS: { type: 'gauge', matchers: [] }, // alerts lack job, instance or app, each by what it is about
  prometheus_rule_evaluation_failures_total: { type: 'counter', matchers: ['rule_group=~".*;feishu-.*"'] },
  prometheus_notifications_errors_total: { type: 'counter', matchers: [] },
  prometheus_notifications_sent_total: { type: 'counter', matchers: [] },
  prometheus_notifications_alertmanagers_discovered: { type: 'gauge', matchers: [] },
  up: { type: 'gauge', matchers: ON_PROCESS },
  scrape_duration_seconds: { type: 'gauge', matchers: ON_PROCESS },
  scrape_samples_scraped: { type: 'gauge', matchers: ON_PROCESS },
};

const KNOWN = new Map<string, Known>([
  ...METRIC_NAMES.flatMap((name) => {
    const { type, labels } = definitionOf(name);
    return series(name, type, labels.includes('app') ? [...ON_PROCESS, ON_APP] : ON_PROCESS);
  }),
  ...(await ofProcess()),
  // Recorded over all instances of an app: the written exception, they have no label instance.
  ...[...RECORDINGS, ...BASELINE_RECORDINGS].map(
    ({ record }) => [record, { type: 'gauge', matchers: ['job=~"$job"', ON_APP] }] as const,
  ),
  ...Object.entries(OF_PROMETHEUS),
]);

function series(name: string, type: string, matchers: readonly string[]): [string, Known][] {
  if (type !== 'histogram' && type !== 'summary') return [[name, { type: type as MetricType, matchers }]];
  // A histogram's parts are counters each.
  return ['_bucket', '_count', '_sum'].map((part) => [`${name}${part}`, { type: 'counter', matchers }]);
}

/** The `process_*` and `nodejs_*` series that prom-client really exports. */
async function ofProcess(): Promise<[string, Known][]> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const metrics = await registry.getMetricsAsJSON();
  registry.clear();
  return metrics.flatMap(({ name, type }) => series(name, String(type), ON_PROCESS));
}

/** What is wrong with a query: an empty list for a good one. */
export function lintQuery(expr: string): string[] {
  const faults: string[] = [];
  try {
    selectorsOf(interpolate(expr));
  } catch (error) {
    return [`does not parse ${error instanceof Error ? error.message : String(error)}`];
  }
  // The grammar takes $__rate_interval for no duration: it is read as one that no query uses.
  const selectors = selectorsOf(expr.replaceAll('$__rate_interval', '59s'));
  for (const selector of selectors) faults.push(...lintSelector(selector));
  if (/\$(?!__rate_interval\b|job\b|instance\b|app\b)/.test(expr)) faults.push('uses an unknown variable');
  if (/\[\s*\$__(interval|range)/.test(expr)) faults.push('uses a window other than $__rate_interval');
  return faults;
}

function lintSelector({ name, matchers, range, calledBy }: Selector): string[] {
  const known = KNOWN.get(name);
  if (known === undefined) return [`${name} is no metric we know`];
  const faults = known.matchers.filter((matcher) => !matchers.includes(matcher)).map((m) => `${name} lacks ${m}`);
  const isRate = calledBy !== null && ['rate', 'increase'].includes(calledBy);
  if (known.type === 'counter' && !(range !== null && isRate)) {
    faults.push(`${name} is a counter outside rate and increase`);
  }
  if (known.type === 'gauge' && isRate) faults.push(`${name} is a gauge inside ${calledBy}`);
  // A fixed window is right where a panel shows what an alert sees; Prometheus' own counters are shown only so.
  if (calledBy === 'rate' && range !== '59s' && !name.startsWith('prometheus_')) {
    faults.push(`${name} has rate over ${range}, not over $__rate_interval`);
  }
  return faults;
}
