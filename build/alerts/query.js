import { timeScale } from './duration.js';
export function queryOf({ job, appLabel, thresholds, timeScale: scale }) {
    const time = timeScale(scale);
    const over = (duration) => `[${time.window(duration)}]`;
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
