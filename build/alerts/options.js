import { resolveThresholds } from './thresholds.js';
export const DEFAULT_ALERT_OPTIONS = Object.freeze({
    job: 'feishu-connector',
    appLabel: 'app',
    runbookBaseUrl: 'https://github.com/feishu-connector/feishu-connector/blob/main/alerts/runbooks',
    dashboardBaseUrl: '',
    thresholds: resolveThresholds(),
    timeScale: 1,
});
/** Beyond it most windows are at their minimum, and the rules no longer resemble those in production. */
const LARGEST_TIME_SCALE = 240;
/**
 * The defaults with what the caller changed.
 * @throws RangeError naming the option, its bound and its value.
 */
export function resolveAlertOptions(changes = {}) {
    const thresholds = resolveThresholds(changes.thresholds);
    const options = { ...DEFAULT_ALERT_OPTIONS, ...changes, thresholds };
    // A quote or a brace in it would end the selector and change its meaning.
    if (!/^[^"\\\n{}]+$/.test(options.job)) {
        throw new RangeError(`job must be a name without quotes, backslashes and braces, got ${JSON.stringify(options.job)}`);
    }
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(options.appLabel) || ['job', 'instance'].includes(options.appLabel)) {
        throw new RangeError(`appLabel must be the name of a label of its own, got ${JSON.stringify(options.appLabel)}`);
    }
    for (const name of ['runbookBaseUrl', 'dashboardBaseUrl']) {
        if (/\/$|[\s{}]/.test(options[name])) {
            throw new RangeError(`${name} must not end in a slash, nor hold spaces or braces, got ${JSON.stringify(options[name])}`);
        }
    }
    if (!Number.isFinite(options.timeScale) || options.timeScale < 1 || options.timeScale > LARGEST_TIME_SCALE) {
        throw new RangeError(`timeScale must be between 1 and ${LARGEST_TIME_SCALE}, got ${options.timeScale}`);
    }
    return Object.freeze(options);
}
