import { type Duration, timeScale } from './duration.js';
import type { AlertOptions } from './options.js';
import type { Thresholds } from './thresholds.js';

/** The words that expressions are written in: PromQL, with the options of a site filled in. */
export interface Query {
  /** Matcher on the connector's own targets, for metrics that others have too: `{job="feishu-connector"}`. */
  readonly target: string;
  /** Name of the label that tells apps apart. */
  readonly app: string;
  /** One connection: `job, instance, app`. */
  readonly connection: string;
  /** What ends an expression that is true only of connections meant to be up. */
  readonly whileEnabled: string;
  readonly limit: Thresholds;
  /** A range: `[2m]`. */
  over(duration: Duration): string;
  /** An offset into the past: `offset 1d`. */
  ago(duration: Duration): string;
  /** Seconds that something may be late. */
  allowance(seconds: number): number;
  /** How much the counters of a selector grew, summed by the labels given: `sum by (…) (increase(…[…]))`. */
  growth(by: string, selector: string, duration: Duration): string;
}

export function queryOf({ job, appLabel, thresholds, timeScale: scale }: AlertOptions): Query {
  const time = timeScale(scale);
  const over = (duration: Duration) => `[${time.window(duration)}]`;
  const connection = `job, instance, ${appLabel}`;
  return {
    target: `{job="${job}"}`,
    app: appLabel,
    connection,
    // Over two minutes, not at this instant: a failed scrape would take the series away for a moment, and with it the
    // hold of the alert. A target that fails one scrape a minute would never be alerted on.
    whileEnabled: `and on (${connection}) last_over_time(feishu_ws_enabled${over('2m')}) == 1`,
    limit: thresholds,
    over,
    ago: (duration) => `offset ${time.window(duration)}`,
    allowance: (seconds) => time.allowanceSeconds(seconds),
    growth: (by, selector, duration) => `sum by (${by}) (increase(${selector}${over(duration)}))`,
  };
}
