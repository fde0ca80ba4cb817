import type { Duration } from './duration.js';
import type { Query } from './query.js';

/** `none` is for the one alert that always fires. */
export type Severity = 'critical' | 'warning' | 'none';

/** The part of the system an alert is about, and the rule group it is in. */
export const LAYERS = [
  'meta', // can the connector be seen, and can these rules see
  'process', // the process and its event loop
  'connection',
  'auth', // what a request to the platform needs: credentials, tokens, quota
  'events',
  'ack',
  'slo',
] as const;
export type Layer = (typeof LAYERS)[number];

export const DASHBOARDS = ['feishu-overview', 'feishu-connection', 'feishu-events', 'feishu-objectives'] as const;
/** The `uid` of a dashboard. */
export type Dashboard = (typeof DASHBOARDS)[number];

/** A row of section 3 of the incident catalogue, `F01` to `F43`. */
export type FailureMode = `F${number}`;

/** The labels an alert's series carry besides those of the rule; `app` is replaced where relabelling renamed it. */
export const PER_APP = ['job', 'app'] as const;
export const PER_CONNECTION = ['job', 'instance', 'app'] as const;
export const PER_INSTANCE = ['job', 'instance'] as const;

/** What a description is made of: templates that Prometheus fills in. */
export interface Words {
  /** The value of the label that tells apps apart. */
  readonly app: string;
  readonly instance: string;
  readonly job: string;
  label(name: string): string;
  /** The value of the expression: as a whole number, a length of time, a percentage, a moment. */
  readonly count: string;
  readonly duration: string;
  readonly percentage: string;
  readonly moment: string;
}

/** One alert: a row of the table. Its name is a contract, with runbooks, dashboards and whoever routes it. */
export interface Alert {
  readonly name: `Feishu${string}`;
  readonly severity: Severity;
  readonly layer: Layer;
  readonly by: readonly string[];
  readonly expr: (query: Query) => string;
  /** How long the expression must be true. Left out: at once, where a window of the expression stands in. */
  readonly for?: Duration;
  /** How long it goes on after the expression became false. */
  readonly keepFiringFor?: Duration;
  /** Labels that tell twins of one name apart. */
  readonly labels?: Readonly<Record<string, string>>;
  /** What is true, in one sentence, the same for every series. */
  readonly summary: string;
  /** Who, how much, and what to look at first. */
  readonly description: (words: Words) => string;
  readonly dashboard: Dashboard;
  /** How far back the dashboard opens. Default `6h`. */
  readonly from?: Duration;
  readonly failureModes: readonly FailureMode[];
}

export function wordsOf(appLabel: string): Words {
  const label = (name: string) => `{{ $labels.${name} }}`;
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
