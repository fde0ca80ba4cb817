import { parse, stringify } from 'yaml';
import { alertmanagerConfig, prometheusConfig, ruleFiles, } from '../alerts/index.js';
export const PROMETHEUS_FILE = 'prometheus.yml';
export const ALERTMANAGER_FILE = 'alertmanager.yml';
/**
 * How often is scraped and evaluated. A scaled rule counts in whole seconds: twice in each, so that none is missed by
 * the phase of a timer.
 */
const INTERVAL = '500ms';
/**
 * Alertmanager's pace once rules are scaled. An alert that mutes another comes up to two intervals after it: the first
 * notification waits for that. Later ones, of what has ended above all, need not wait.
 */
const PACE = { group_wait: '2s', group_interval: '1s' };
/**
 * Except for tickets, which are what gets muted. It ends in the same evaluation as what mutes it, but in two messages: one
 * look in between, and what was muted all the time is told at its very end. So Alertmanager looks seldom, as it does in
 * production.
 */
const TICKET_PACE = { group_interval: '15s' };
/** Everything Prometheus and Alertmanager read, by file name: the shipped files at a time scale, with real addresses. */
export function monitoringFiles(options, targets, receivers) {
    return {
        ...ruleFiles(options),
        [PROMETHEUS_FILE]: prometheusFile(options, targets),
        [ALERTMANAGER_FILE]: alertmanagerFile(options, receivers),
    };
}
function prometheusFile(options, targets) {
    const config = parse(prometheusConfig(options, targets));
    return stringify({
        ...config,
        global: { ...config.global, scrape_interval: INTERVAL, evaluation_interval: INTERVAL },
    });
}
function alertmanagerFile(options, receivers) {
    const config = parse(alertmanagerConfig(options, receivers));
    const routes = config.route.routes.map((route) => route.receiver === config.route.receiver ? { ...route, ...TICKET_PACE } : route);
    return stringify({ ...config, route: { ...config.route, ...PACE, routes } });
}
