import { parse, stringify } from 'yaml';
import { resolveAlertOptions, ruleFiles } from '../../../src/alerts/index.js';
import { runTool } from '../../support/run-tool.js';
import { withFiles } from '../../support/temporary-folder.js';
import type { World } from './world.js';

/** An alert as it is sent: name, all labels, rendered annotations. */
export interface FiringAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What must hold at a moment of a story, in seconds since it began. */
export type Claim =
  /** Exactly these alerts of this name fire, down to the last word. */
  | { readonly at: number; readonly alert: string; readonly fires: readonly FiringAlert[] }
  /** An expression has exactly these series, each with the value 1. */
  | { readonly at: number; readonly expr: string; readonly series: readonly Readonly<Record<string, string>>[] };

export interface Story {
  /** The alert it is about. */
  readonly alert: string;
  readonly world: World;
  /** Seconds. */
  readonly until: number;
  /** Between two scrapes, and between two evaluations. Default 15 s; longer for stories of days. */
  readonly stepSeconds?: number;
  readonly claims: readonly Claim[];
  /** Recording rules that are not loaded, their series being in the world. */
  readonly without?: readonly string[];
  /** About everything else that the same world does, with the whole of these rule files loaded. */
  readonly whole?: { readonly files: readonly string[]; readonly claims: readonly Claim[] };
}

interface Group {
  readonly name: string;
  readonly rules: readonly { readonly record?: string; readonly alert?: string; readonly expr: string }[];
}

const SHIPPED = ruleFiles(resolveAlertOptions());

/**
 * Plays a story to the rules as both majors of Prometheus read them: first to the alert and what it is made of, and if
 * the story has claims about the rest, to the whole files too. Returns promtool's complaints, empty if there are none.
 */
export async function play(story: Story): Promise<string> {
  const focus = focusOn(story.alert, story.without ?? []);
  const files: Record<string, string> = {};
  const add = (name: string, groups: readonly Group[], claims: readonly Claim[], edit = (rules: string) => rules) => {
    files[`${name}-rules.yml`] = edit(stringify({ groups }, { lineWidth: 0 }));
    files[`${name}.yml`] = suite(`${name}-rules.yml`, groups, story, claims);
  };
  add('left-open', focus, story.claims, leftOpen);
  if (story.whole === undefined) add('left-closed', focus, story.claims);
  else add('whole', groupsOf(story.whole.files), [...story.claims, ...story.whole.claims]);

  const suites = Object.keys(files).filter((name) => !name.endsWith('-rules.yml'));
  return withFiles(files, async (folder) => {
    const { exitCode, output } = await runTool('promtool', ['test', 'rules', ...suites], folder);
    return exitCode === 0 ? '' : output;
  });
}

function suite(file: string, groups: readonly Group[], story: Story, claims: readonly Claim[]): string {
  const { stepSeconds = 15, until, world } = story;
  const expressions = groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)).join('\n');
  const used = world.series.filter(({ metric }) => expressions.includes(metric)).map(({ metric }) => metric);
  return stringify(
    {
      rule_files: [file],
      evaluation_interval: `${stepSeconds}s`,
      group_eval_order: groups.map(({ name }) => name),
      tests: [
        {
          interval: `${stepSeconds}s`,
          input_series: world.only(...used).inputSeries(stepSeconds, until),
          alert_rule_test: claims.flatMap((claim) =>
            'alert' in claim
              ? [{ eval_time: `${claim.at}s`, alertname: claim.alert, exp_alerts: claim.fires.map(expectedAlert) }]
              : [],
          ),
          promql_expr_test: claims.flatMap((claim) =>
            'expr' in claim
              ? [{ eval_time: `${claim.at}s`, expr: claim.expr, exp_samples: claim.series.map(expectedSample) }]
              : [],
          ),
        },
      ],
    },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}

function groupsOf(files: readonly string[]): Group[] {
  return files.flatMap((name) => parse(SHIPPED[name] ?? '').groups as Group[]);
}

/** The rules of one name, and the recording rules they read, directly or through each other. */
function focusOn(alert: string, without: readonly string[]): Group[] {
  const groups = groupsOf(Object.keys(SHIPPED));
  const wanted = new Set<Group['rules'][number]>();
  const want = (rule: Group['rules'][number]) => {
    if (wanted.has(rule)) return;
    wanted.add(rule);
    for (const other of groups.flatMap(({ rules }) => rules)) {
      const { record } = other;
      if (record !== undefined && !without.includes(record) && rule.expr.includes(record)) want(other);
    }
  };
  for (const rule of groups.flatMap(({ rules }) => rules)) if (rule.alert === alert) want(rule);
  return groups
    .map(({ name, rules }) => ({ name, rules: rules.filter((rule) => wanted.has(rule)) }))
    .filter(({ rules }) => rules.length > 0);
}

/**
 * The ranges of a rule file, a millisecond shorter. Up to version 2 a range includes the sample at its left edge, from
 * version 3 on it does not; with samples at whole seconds this is the same as version 3, read by version 2.
 */
function leftOpen(rules: string): string {
  const ms = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  return rules.replaceAll(/\[(\d+)([smhd])\]/g, (_, count: string, unit: keyof typeof ms) => {
    return `[${Number(count) * ms[unit] - 1}ms]`;
  });
}

function expectedAlert({ labels, annotations }: FiringAlert) {
  // promtool adds the name itself.
  const { alertname: _, ...rest } = labels;
  return { exp_labels: rest, exp_annotations: annotations };
}

function expectedSample(labels: Readonly<Record<string, string>>) {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return { labels: `{${pairs.join(',')}}`, value: 1 };
}
