import { LOOKOUT_DEFAULTS, resolveLookoutPolicy, } from './catchup/index.js';
/** Parts that can be switched off, each by `false`. */
export const CATCHUP_SWITCHES = ['view', 'catchup', 'reconcile', 'baseline'];
/** Everything but the canary, which is code. */
export const CATCHUP_DEFAULTS = LOOKOUT_DEFAULTS;
const LONGEST_MEMORY_MS = 365 * 86_400_000;
/**
 * The options with every default in place; null: nothing is asked at all.
 * @throws RangeError naming option, bound and value.
 */
export function resolveCatchupOptions(options, { hasJournal, rememberedMs }) {
    if (options === false)
        return null;
    const chosen = options === undefined || options === true ? {} : options;
    if (!isOptions(chosen))
        throw new RangeError(`catchup must be options, true or false, got ${JSON.stringify(chosen)}`);
    const { canary: _, ...given } = chosen;
    const parts = { ...given };
    for (const name of CATCHUP_SWITCHES)
        parts[name] = switched(name, given[name]);
    for (const name of ['replace', 'budget', 'fleet']) {
        if (given[name] !== undefined && !isOptions(given[name]))
            throw wrong(name, 'options', given[name]);
    }
    const catchup = (parts.catchup ?? {});
    if (catchup.rememberedMs !== undefined)
        throw new RangeError('unknown option catchup.catchup.rememberedMs');
    const remembered = Math.min(rememberedMs, LONGEST_MEMORY_MS);
    parts.catchup = { isEnabled: hasJournal, ...catchup, rememberedMs: remembered };
    try {
        return resolveLookoutPolicy(parts);
    }
    catch (error) {
        if (!(error instanceof RangeError))
            throw error;
        const isUnknown = error.message.startsWith('unknown option ');
        const message = isUnknown ? error.message.replace('option ', 'option catchup.') : `catchup.${error.message}`;
        throw new RangeError(message, { cause: error });
    }
}
/** Whether gaps are caught up: not where other processes serve the app and do not share what they handled. */
export function hasCatchup({ catchup, fleet }) {
    return catchup.isEnabled && (fleet.others === 0 || fleet.isDeduplicated);
}
function switched(name, given) {
    if (given === undefined)
        return undefined;
    if (typeof given === 'boolean')
        return { isEnabled: given };
    if (!isOptions(given))
        throw wrong(name, 'options, true or false', given);
    const { isEnabled } = given;
    if (isEnabled !== undefined && typeof isEnabled !== 'boolean')
        throw wrong(`${name}.isEnabled`, 'true or false', isEnabled);
    return given;
}
function wrong(name, expected, given) {
    return new RangeError(`catchup.${name} must be ${expected}, got ${JSON.stringify(given)}`);
}
function isOptions(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
/** The canary among the options, if there is one. */
export function canaryOf(options) {
    return typeof options === 'object' ? options.canary : undefined;
}
/** Tells the Lookout what became of the connections; `proven` is how many there are after it. */
export function tellConnection(lookout, report, proven) {
    switch (report.type) {
        case 'frame':
            if (report.direction === 'in')
                lookout.heard();
            break;
        case 'heartbeat_answered':
            lookout.heard();
            break;
        case 'disconnected':
            // A close code came from the other end: it knows that this connection is over.
            if (report.failure.code !== 'local_stop')
                lookout.ended({ isClean: report.closeCode !== null });
            lookout.connections(proven());
            break;
        case 'connected':
            lookout.connections(proven());
            if (report.replaces !== undefined)
                lookout.replaced();
            break;
    }
}
/** A disk that hangs must not hold up the close of the socket. */
const STOP_LIMIT_MS = 2_000;
/** Resolves when the Lookout has stopped, or has had two seconds for it; what it could not write is asked again. */
export function stopLookout(lookout, clock) {
    return new Promise((resolve) => {
        const timer = clock.timer(STOP_LIMIT_MS, resolve);
        void lookout.stop().finally(() => {
            timer.cancel();
            resolve();
        });
    });
}
