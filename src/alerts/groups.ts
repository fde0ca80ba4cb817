import { type Alert, LAYERS, wordsOf } from './alert.js';
import { STATE_ALERTS } from './alerts.js';
import { type Duration, timeScale } from './duration.js';
import type { AlertOptions } from './options.js';
import { type Query, queryOf } from './query.js';
import { BASELINE_RECORDINGS, RECORDINGS, type Recording } from './recording.js';
import { BASELINE_ALERTS } from './rules/baseline.js';

/** A rule as Prometheus reads it. */
export type Rule =
  | { readonly record: string; readonly expr: string }
  | {
      readonly alert: string;
      readonly expr: string;
      readonly for?: Duration;
      readonly keep_firing_for?: Duration;
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
    };

/** A rule group as Prometheus reads it. All names begin with `feishu-`: the alert on failing rules goes by that. */
export interface RuleGroup {
  readonly name: string;
  readonly interval?: Duration;
  readonly rules: readonly Rule[];
}

const RECORDING_INTERVAL: Duration = '30s';

/** What the other rules are made of. */
export function recordingGroups(options: AlertOptions): readonly RuleGroup[] {
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
export function alertGroups(options: AlertOptions): readonly RuleGroup[] {
  const query = queryOf(options);
  return LAYERS.map((layer) => ({
    name: `feishu-${layer}`,
    rules: STATE_ALERTS.filter((alert) => alert.layer === layer).map((alert) => alertRule(alert, query, options)),
  }));
}

/** The comparison with days past, in one group: each rule reads what the one before it wrote. */
export function baselineGroups(options: AlertOptions): readonly RuleGroup[] {
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

function recordingRule({ record, expr }: Recording, query: Query): Rule {
  return { record, expr: expr(query) };
}

function alertRule(alert: Alert, query: Query, options: AlertOptions): Rule {
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
function dashboardUrl({ by, dashboard, from }: Alert, { appLabel, dashboardBaseUrl }: AlertOptions): string {
  const variables = ['job', 'instance', 'app']
    .filter((name) => by.includes(name))
    .map((name) => `var-${name}={{ $labels.${name === 'app' ? appLabel : name} | urlquery }}`);
  return `${dashboardBaseUrl}/d/${dashboard}?${[...variables, `from=now-${from ?? '6h'}`, 'to=now'].join('&')}`;
}
