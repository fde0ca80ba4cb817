import { afterAll, describe, expect, test } from 'vitest';
import {
  ALERTS,
  ALERTS_FILE,
  type Alert,
  type Layer,
  RECORDING_FILE,
  type Severity,
} from '../../../src/alerts/index.js';
import { type Claim, type FiringAlert, play } from './play.js';
import type { World } from './world.js';

interface Scene {
  readonly world: World;
  /** Seconds. Default: two minutes after the last moment named. */
  readonly until?: number;
  readonly stepSeconds?: number;
}

/** How an alert comes and goes. All moments are seconds since the story began. */
export interface Fires extends Scene {
  /** The condition holds, but not for long enough: pending. Left out where there is no hold. */
  readonly pendingAt?: number;
  /** Not even pending. */
  readonly quietAt?: number;
  readonly firesAt: number;
  /** Still firing, now for the sake of `keep_firing_for` or because it lasts. */
  readonly stillAt?: number;
  /** All is over. Left out for what never ends. */
  readonly resolvedAt?: number;
  /** The series it fires for; every other series of its name is refused. */
  readonly labels: Readonly<Record<string, string>>;
  readonly description: string;
  /** What else fires at `firesAt`, by name; any other but the watchdog is refused. Left out: nobody looks. */
  readonly also?: readonly string[];
}

export interface AlertStories {
  readonly severity: Severity;
  readonly layer: Layer;
  readonly dashboard: string;
  /** How far back the dashboard opens. Default `6h`. */
  readonly from?: string;
  /** By what happens, as the end of a sentence that begins with "it fires when". */
  readonly fires: Readonly<Record<string, Fires>>;
  /** By what happens, as the end of a sentence that begins with "it stays silent when". */
  readonly silent?: Readonly<Record<string, Scene & { readonly until: number }>>;
}

/** The stories of one alert; the healthy hour, which all share, is told elsewhere. */
export function alertStories(name: string, stories: AlertStories): void {
  told.add(name);
  describe(name, () => {
    for (const [when, fires] of Object.entries(stories.fires)) {
      test(`it fires when ${when}, not sooner and not for others, and ends`, async () => {
        const { world, stepSeconds } = fires;
        const moments = [fires.firesAt, fires.stillAt ?? 0, fires.resolvedAt ?? 0];
        const until = fires.until ?? Math.max(...moments) + 120;
        const complaints = await play({
          alert: name,
          world,
          until,
          ...(stepSeconds !== undefined && { stepSeconds }),
          claims: claimsOf(name, stories, fires),
          ...(fires.also !== undefined && { whole: { files: WHOLE, claims: [nothingElse(name, fires, fires.also)] } }),
        });
        expect(complaints).toBe('');
      });
    }
    for (const [when, scene] of Object.entries(stories.silent ?? {})) {
      test(`it stays silent when ${when}`, async () => {
        const { world, until, stepSeconds } = scene;
        const everFired = `max_over_time(ALERTS{alertname="${name}", alertstate="firing"}[${until}s])`;
        const complaints = await play({
          alert: name,
          world,
          until,
          ...(stepSeconds !== undefined && { stepSeconds }),
          claims: [{ at: until, expr: everFired, series: [] }],
        });
        expect(complaints).toBe('');
      });
    }
  });
}

const told = new Set<string>();

/** Without the baseline: it needs days of history before it says anything. */
const WHOLE = [RECORDING_FILE, ALERTS_FILE];

/** Refuses a file that leaves out an alert of its rules, or tells of one that they no longer have. */
export function allAreTold(alerts: readonly Alert[]): void {
  afterAll(() => expect([...told].sort()).toEqual([...new Set(alerts.map(({ name }) => name as string))].sort()));
}

/** The alert as it must be sent. */
export function firing(
  name: string,
  { severity, layer, dashboard, from = '6h' }: Pick<AlertStories, 'severity' | 'layer' | 'dashboard' | 'from'>,
  labels: Readonly<Record<string, string>>,
  description: string,
): FiringAlert {
  const variables = ['job', 'instance', 'app'].flatMap((label) => {
    const value = labels[label];
    return value === undefined ? [] : [`var-${label}=${encodeURIComponent(value)}`];
  });
  return {
    labels: { alertname: name, severity, layer, ...labels },
    annotations: {
      // Static, so that there is nothing to render; the description holds what varies.
      summary: ALERTS.find((alert) => alert.name === name)?.summary ?? '',
      description,
      runbook_url: `https://github.com/feishu-connector/feishu-connector/blob/main/alerts/runbooks/${name}.md`,
      dashboard_url: `/d/${dashboard}?${[...variables, `from=now-${from}`, 'to=now'].join('&')}`,
    },
  };
}

function claimsOf(name: string, stories: AlertStories, fires: Fires): Claim[] {
  const alert = firing(name, stories, fires.labels, fires.description);
  const none = (at: number | undefined, state: string): Claim[] =>
    at === undefined ? [] : [{ at, expr: `ALERTS{alertname="${name}"${state}}`, series: [] }];
  const some = (at: number | undefined, state: string): Claim[] =>
    at === undefined ? [] : [{ at, expr: `group(ALERTS{alertname="${name}", alertstate="${state}"})`, series: [{}] }];
  return [
    ...none(fires.quietAt, ''),
    ...some(fires.pendingAt, 'pending'),
    ...none(fires.pendingAt, ', alertstate="firing"'),
    { at: fires.firesAt, alert: name, fires: [alert] },
    ...some(fires.stillAt, 'firing'),
    ...none(fires.resolvedAt, ', alertstate="firing"'),
  ];
}

function nothingElse(name: string, { firesAt }: Fires, also: readonly string[]): Claim {
  return {
    at: firesAt,
    expr: `group by (alertname) (ALERTS{alertstate="firing", alertname!~"${name}|FeishuWatchdog"})`,
    series: also.map((alertname) => ({ alertname })),
  };
}
