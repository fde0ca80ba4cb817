import { checkBackoff } from '../ports/index.js';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
export const LOOKOUT_DEFAULTS = Object.freeze({
    view: {
        isEnabled: true,
        intervalMs: 15 * MINUTE_MS, // 96 calls a day at most, 2,976 a month: under a third of the free tier (F29)
        confirmMs: 30_000, // a zombie is sure half a minute after the first doubt
        settleMs: MINUTE_MS, // the platform's count is a cache of unknown age
        ghostMs: 30 * MINUTE_MS, // reports say 60 s to "minutes"; beyond that it is better called somebody else
    },
    catchup: {
        isEnabled: true,
        overlapMs: MINUTE_MS, // NTP keeps machines within a second, people do not
        windowMs: 72 * HOUR_MS, // a weekend without power
        rememberedMs: 24 * HOUR_MS, // the journal's own default
        settleMs: 5_000, // redelivery and history come to rest; up to twice as much, so that siblings do not call together
        briefMs: 30_000, // a kick: up to 20 s since the last heartbeat, and a quick reconnect. A half-open socket takes longer
        gatherMs: 30 * MINUTE_MS, // kicked every minute (F11), a bot still makes two runs an hour
        aftermathMs: 10 * MINUTE_MS, // F08: "the last 10 minutes twice"
        maxChats: 500,
        maxPages: 1_000, // 50,000 messages
        maxMessages: 10_000,
        maxDurationMs: 10 * MINUTE_MS,
        concurrency: 2, // an event loop that handles live events has better things to do
        maxRuns: 12, // with the waits below: nearly half a day
        retry: { initialMs: MINUTE_MS, maxMs: HOUR_MS, factor: 2, jitter: 'equal' },
        takesBots: false,
        groupMessages: 'learned',
    },
    reconcile: {
        isEnabled: true,
        chats: 2, // few calls: a second chat covers the one that went quiet
        windowMs: 10 * MINUTE_MS,
        graceMs: 30_000, // first rung of redelivery 15 s, its deadline 3 s, and as much again of slack
        everyMs: null, // every 15 minutes it costs as much as the server view again, and finds what only history shows
    },
    baseline: {
        isEnabled: true,
        expectedEvents: 18, // by chance once in e^18 silences: in 12 years at ten events a minute, of which it tells within 2 minutes
        minSilenceMs: MINUTE_MS,
        weight: 0.3, // half of the estimate is from the last two weeks
    },
    replace: {
        pause: { initialMs: 10 * MINUTE_MS, maxMs: 2 * HOUR_MS, factor: 2, jitter: 'none' },
        judgeMs: 10 * MINUTE_MS,
        looksPerHour: 12,
    },
    budget: {
        monthlyQuota: 10_000, // what the free tier has been reported to have (F29)
        slowedShare: 0.8,
        savingShare: 0.9,
        exhaustedShare: 0.98, // the last 200 calls are for what the bot has to say
        catchupDayShare: 0.05, // 500 calls: ten thousand messages, or five hundred chats, a day
    },
    fleet: { others: 0, isDeduplicated: false },
    callTimeoutMs: 15_000,
    callIntervalMs: 200, // 5 a second; the platform allows 50 (10 for the online count)
    notesIntervalMs: 30_000,
});
const DAY_MS = 24 * HOUR_MS;
/** Bounds of the numbers, by option. */
const BOUNDS = {
    'view.intervalMs': [1_000, DAY_MS], // the budget slows whoever would spend the month in a day
    'view.confirmMs': [1_000, HOUR_MS],
    'view.settleMs': [0, HOUR_MS],
    'view.ghostMs': [0, DAY_MS],
    'catchup.overlapMs': [0, HOUR_MS],
    'catchup.windowMs': [MINUTE_MS, 30 * DAY_MS],
    'catchup.rememberedMs': [0, 365 * DAY_MS],
    'catchup.settleMs': [0, HOUR_MS],
    'catchup.briefMs': [0, DAY_MS],
    'catchup.gatherMs': [0, DAY_MS],
    'catchup.aftermathMs': [0, DAY_MS],
    'catchup.maxChats': [1, 10_000],
    'catchup.maxPages': [1, 100_000],
    'catchup.maxMessages': [1, 1_000_000],
    'catchup.maxDurationMs': [1_000, DAY_MS],
    'catchup.concurrency': [1, 20],
    'catchup.maxRuns': [1, 1_000],
    'reconcile.chats': [1, 20],
    'reconcile.windowMs': [MINUTE_MS, DAY_MS],
    'reconcile.graceMs': [18_000, HOUR_MS], // sooner, a message may wait for its first redelivery
    'reconcile.everyMs': [MINUTE_MS, 30 * DAY_MS],
    'baseline.expectedEvents': [5, 1_000],
    'baseline.minSilenceMs': [1_000, DAY_MS],
    'baseline.weight': [0.01, 1],
    'replace.judgeMs': [1_000, DAY_MS],
    'replace.looksPerHour': [1, 60],
    'budget.monthlyQuota': [1, 1_000_000_000],
    'budget.slowedShare': [0, 1],
    'budget.savingShare': [0, 1],
    'budget.exhaustedShare': [0, 1],
    'budget.catchupDayShare': [0, 1],
    'fleet.others': [0, 50],
    callTimeoutMs: [1, 10 * MINUTE_MS],
    callIntervalMs: [0, MINUTE_MS],
    notesIntervalMs: [1, HOUR_MS],
};
/**
 * The {@link LOOKOUT_DEFAULTS} with the given options over them.
 * @throws RangeError naming option, bound and value.
 */
export function resolveLookoutPolicy(options = {}) {
    const policy = Object.freeze(over(LOOKOUT_DEFAULTS, options, ''));
    for (const [option, [min, max]] of Object.entries(BOUNDS)) {
        const value = valueAt(policy, option);
        if (option === 'reconcile.everyMs' && value === null)
            continue;
        // Written so that NaN fails too.
        if (!(typeof value === 'number' && value >= min && value <= max)) {
            throw new RangeError(`${option} must be from ${min} to ${max}, got ${String(value)}`);
        }
    }
    const choices = ['all', 'mentions', 'learned'];
    const { groupMessages } = policy.catchup;
    if (!choices.includes(groupMessages)) {
        throw new RangeError(`catchup.groupMessages must be one of ${choices.join(', ')}, got ${groupMessages}`);
    }
    const { slowedShare, savingShare, exhaustedShare } = policy.budget;
    if (!(slowedShare <= savingShare && savingShare <= exhaustedShare)) {
        throw new RangeError('budget.slowedShare, savingShare and exhaustedShare must not fall');
    }
    if (policy.reconcile.graceMs >= policy.reconcile.windowMs) {
        throw new RangeError('reconcile.graceMs must be below reconcile.windowMs');
    }
    checkBackoff('catchup.retry', policy.catchup.retry);
    checkBackoff('replace.pause', policy.replace.pause);
    return policy;
}
function over(defaults, options, path) {
    const merged = { ...defaults };
    for (const [name, value] of Object.entries(options)) {
        if (!Object.hasOwn(defaults, name)) {
            throw new RangeError(`unknown option ${path}${name}; known are ${Object.keys(defaults).join(', ')}`);
        }
        if (value === undefined)
            continue;
        const known = merged[name];
        // A Backoff is one value: half of one over another would be neither.
        const isPart = path === '' && typeof known === 'object' && known !== null && typeof value === 'object';
        merged[name] = isPart ? over(known, value, `${name}.`) : value;
    }
    return merged;
}
function valueAt(policy, option) {
    return option.split('.').reduce((part, name) => part[name], policy);
}
