import {
  ALERTS,
  type Alert,
  alertGroups,
  baselineGroups,
  INHIBITIONS,
  LAYERS,
  type Layer,
  resolveAlertOptions,
  THRESHOLDS,
  type Thresholds,
} from '../../src/alerts/index.js';
import { table } from './support/root.js';

const TITLES: Readonly<Record<Layer, string>> = {
  meta: 'Monitoring itself',
  process: 'The process',
  connection: 'The connection',
  auth: 'What a request to the platform needs',
  events: 'Events, their gaps, and where they go',
  ack: 'Acknowledgements',
  slo: 'Objectives',
};

/** The parts of docs/alerts.md that are written by the code. */
export function alertParts(): Readonly<Record<string, string>> {
  return {
    alerts: LAYERS.map((layer) => `### ${TITLES[layer]}\n\n${alertTable(layer)}`).join('\n\n'),
    thresholds: thresholdTable(),
    inhibitions: inhibitionTable(),
  };
}

function alertTable(layer: Layer): string {
  const names = [...new Set(ALERTS.filter((alert) => alert.layer === layer).map(({ name }) => name))];
  return table(
    ['alert', 'severity', 'holds for', 'per', 'means', 'thresholds', 'catches'],
    names.map((name) =>
      alertRow(
        name,
        ALERTS.filter((alert) => alert.name === name),
      ),
    ),
  );
}

/** One row of a table: alerts of one name differ in their window and severity alone. */
function alertRow(name: string, twins: readonly Alert[]): readonly string[] {
  const [first] = twins;
  if (first === undefined) throw new Error(`no alert ${name}`);
  return [
    `[${name}](../alerts/runbooks/${name}.md)`,
    distinct(twins.map(({ severity }) => severity)),
    distinct(twins.map((alert) => alert.for ?? 'at once')),
    first.by.join(', ') || 'Prometheus',
    distinct(twins.map(({ summary }) => summary)),
    thresholdsOf(name)
      .map((threshold) => `\`${threshold}\``)
      .join(', '),
    [...new Set(twins.flatMap(({ failureModes }) => failureModes))]
      .map((id) => `[${id}](incident-table.md#${id.toLowerCase()})`)
      .join(' '),
  ];
}

function distinct(values: readonly string[]): string {
  return [...new Set(values)].join(' / ');
}

/** The alerts whose expression each threshold changes, found by changing it. */
const MOVED = new Map(
  Object.entries(THRESHOLDS).map(([threshold, { value }]) => {
    const before = expressions({});
    const after = expressions({ [threshold]: value / 2 });
    return [threshold, [...new Set(before.keys())].filter((name) => before.get(name) !== after.get(name))] as const;
  }),
);

/** By the alert's name; twins of one name in one text. */
function expressions(thresholds: Partial<Thresholds>): ReadonlyMap<string, string> {
  const options = resolveAlertOptions({ thresholds });
  const found = new Map<string, string>();
  for (const rule of [...alertGroups(options), ...baselineGroups(options)].flatMap(({ rules }) => rules)) {
    if ('alert' in rule) found.set(rule.alert, `${found.get(rule.alert) ?? ''}${rule.expr}\n`);
  }
  return found;
}

function thresholdsOf(name: string): readonly string[] {
  return [...MOVED].filter(([, alerts]) => alerts.includes(name)).map(([threshold]) => threshold);
}

function thresholdTable(): string {
  return table(
    ['threshold', 'default', 'reason', 'alerts'],
    Object.entries(THRESHOLDS).map(([threshold, { value, why }]) => [
      `\`${threshold}\``,
      String(value),
      why,
      (MOVED.get(threshold) ?? []).join(', '),
    ]),
  );
}

function inhibitionTable(): string {
  const matchers = (each: readonly string[]) => each.map((matcher) => `\`${matcher}\``).join(' and ');
  return table(
    ['while this fires', 'this is not sent', 'where these are equal', 'because'],
    INHIBITIONS.map(({ sources, targets, equal, why }) => [
      matchers(sources),
      matchers(targets),
      equal.join(', '),
      why,
    ]),
  );
}
