import { CommandLineError } from '../command-line-error.js';
export function addSiteOptions(command) {
    return command
        .option('--job <name>', 'label job of the scrape (default: feishu-connector)')
        .option('--app-label <name>', 'label that tells apps apart, where relabelling renamed it (default: app)')
        .option('--runbook-url <url>', 'where the runbooks are, without a slash at the end');
}
/** The command's flag of each option of the rules. */
const FLAGS = {
    job: '--job',
    appLabel: '--app-label',
    runbookBaseUrl: '--runbook-url',
    dashboardBaseUrl: '--dashboard-url',
};
/**
 * The options of the rules for a site.
 * @throws CommandLineError naming the flag.
 */
export async function siteOptions({ job, appLabel, runbookUrl }, more = {}) {
    const { resolveAlertOptions } = await import('../../alerts/index.js');
    try {
        return resolveAlertOptions({
            ...more,
            ...(job !== undefined && { job }),
            ...(appLabel !== undefined && { appLabel }),
            ...(runbookUrl !== undefined && { runbookBaseUrl: runbookUrl }),
        });
    }
    catch (error) {
        if (!(error instanceof RangeError))
            throw error;
        const [, name = '', rest = error.message] = /^([\w.]+) (.*)$/s.exec(error.message) ?? [];
        const flag = FLAGS[name] ?? name.replace(/^thresholds\./, '--threshold ');
        throw new CommandLineError(`${flag} ${rest}`, { cause: error });
    }
}
