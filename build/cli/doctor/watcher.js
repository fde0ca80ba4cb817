import { CommandLineError } from '../command-line-error.js';
import { siteOptions } from '../shipped/site.js';
const WATCHDOG = 'FeishuWatchdog';
/**
 * That Prometheus, and what it should have loaded; null if none is named.
 * @throws CommandLineError for a job that no rule could select.
 */
export async function watcherOf({ prometheus, job }, http) {
    if (prometheus === undefined) {
        if (job !== undefined)
            throw new CommandLineError('--job is for --prometheus, which is missing');
        return null;
    }
    // Loaded only here: most of the time nobody asks.
    const { alertGroups, baselineGroups, recordingGroups } = await import('../../alerts/index.js');
    const site = await siteOptions(job === undefined ? {} : { job });
    const groups = [...recordingGroups(site), ...alertGroups(site), ...baselineGroups(site)];
    const rules = groups.flatMap((group) => group.rules.map((rule) => ({ name: 'alert' in rule ? rule.alert : rule.record, expr: rule.expr })));
    return { url: prometheus, http, job: site.job, rules, watchdog: WATCHDOG };
}
