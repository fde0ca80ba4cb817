import { openInbox, ProgramFailedError, SCALED_ALERTS, startMonitoring, } from '../../monitoring/index.js';
import { secondsOf } from './figures.js';
export { findPrograms } from '../../monitoring/index.js';
/** Prometheus looks for its Alertmanagers every five seconds. */
const WATCHDOG_DEADLINE_MS = 30_000;
/**
 * Starts both with the shipped rules on a quick scale, and tells of each alert that arrives. Resolves once the watchdog
 * was heard: from then on what fires arrives.
 * @throws ProgramMissingError or ProgramFailedError; nothing is left running then.
 */
export async function openWatch(surfaceUrl, path, narrator) {
    const inbox = await openInbox();
    let alerts = [];
    inbox.onNews((news) => {
        if (news.mailbox === 'watchdog')
            return;
        const nowS = secondsOf(narrator.elapsedMs);
        alerts = news.status === 'firing' ? [...alerts, opened(news, nowS)] : alerts.map((one) => closed(one, news, nowS));
        narrator.say('mail', inWords(news));
    });
    let monitoring = null;
    const close = async () => {
        await monitoring?.stop();
        await inbox.close();
    };
    try {
        monitoring = await startMonitoring({
            connectors: [new URL(surfaceUrl).host],
            receivers: inbox.receivers,
            alerts: SCALED_ALERTS,
            path,
        });
        await watchdogOf(inbox);
        return {
            graphUrl: `${monitoring.prometheusUrl}/graph?g0.expr=feishu_ws_connected&g0.tab=0&g0.range_input=2m`,
            alertsUrl: `${monitoring.prometheusUrl}/alerts`,
            alertmanagerUrl: monitoring.alertmanagerUrl,
            get alerts() {
                return alerts;
            },
            isPaging: () => alerts.some(({ to, resolvedAtS }) => to === 'pager' && resolvedAtS === null),
            close,
        };
    }
    catch (error) {
        await close();
        throw error;
    }
}
/** The first word of the alert that is always on. */
function watchdogOf(inbox) {
    return new Promise((resolve, reject) => {
        const overdue = setTimeout(() => {
            reject(new ProgramFailedError(`no alert came through Alertmanager within ${WATCHDOG_DEADLINE_MS} ms`));
        }, WATCHDOG_DEADLINE_MS);
        const endListening = inbox.onNews(({ mailbox }) => {
            if (mailbox !== 'watchdog')
                return;
            clearTimeout(overdue);
            endListening();
            resolve();
        });
    });
}
function opened({ alert, mailbox: to }, firedAtS) {
    return { alert, to, firedAtS, resolvedAtS: null };
}
function closed(figures, { alert, mailbox }, resolvedAtS) {
    const isIt = figures.alert === alert && figures.to === mailbox && figures.resolvedAtS === null;
    return isIt ? { ...figures, resolvedAtS } : figures;
}
function inWords({ mailbox, status, alert, labels, annotations }) {
    const to = mailbox === 'pager' ? 'page' : 'ticket';
    if (status === 'resolved')
        return `${to} resolved: ${alert}`;
    return `${to}: ${alert}${labels.app === undefined ? '' : ` app=${labels.app}`}. ${annotations.summary}`;
}
