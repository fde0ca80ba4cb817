const DAY_MS = 86_400_000;
const PLATFORM_OFFSET_MS = 8 * 3_600_000;
const MAX_MONTHS = 3;
const MAX_DAYS = 8;
const MAX_ROUTES = 100;
/** The quota can be bought larger at any time; one call a day finds out. */
const EXHAUSTED_MS = DAY_MS;
/** How far the projection must fall below the limit before we are free again. */
const EASE_SHARE = 0.05;
export function newBudget() {
    return { months: {}, days: [], exhaustedAt: null };
}
/**
 * Whether the platform is taken to count this path. Tokens and tickets are asked for by every SDK at its own pace;
 * nobody has reported them as part of the quota.
 */
export function isCountedPath(path) {
    return path.startsWith('/open-apis/') && !path.startsWith('/open-apis/auth/');
}
/** The Budget after one more call. Pure. */
export function spent(budget, route, purpose, wallNow) {
    return { ...budget, months: counted(budget.months, route, wallNow), days: tallied(budget.days, purpose, wallNow) };
}
/** The Budget after the platform said that the quota is used up (99991403), or that it is not. */
export function judged(budget, isExhausted, wallNow) {
    if (isExhausted)
        return { ...budget, exhaustedAt: wallNow };
    return budget.exhaustedAt === null ? budget : { ...budget, exhaustedAt: null };
}
/** Calls of this month so far. */
export function usedOf(budget, wallNow) {
    return budget.months[monthOf(wallNow)]?.used ?? 0;
}
/**
 * What the whole month will have taken if every further day is like the average of the last seven. Catch-up counts for
 * what it took, not for what is to come. A first day counts as a whole one: the calls of a start are no pace.
 */
export function projectedOf(budget, wallNow) {
    const today = dayOf(wallNow);
    const recent = budget.days.filter(({ day }) => day > today - 7 && day <= today);
    const [first] = recent;
    if (first === undefined)
        return usedOf(budget, wallNow);
    const calls = recent.reduce((sum, { regular }) => sum + regular, 0);
    const elapsedDays = Math.max(1, platformMs(wallNow) / DAY_MS - first.day);
    const leftDays = (monthEndMs(wallNow) - wallNow) / DAY_MS;
    return Math.ceil(usedOf(budget, wallNow) + (calls / elapsedDays) * leftDays);
}
/** How freely calls may be spent. `previous` keeps a month that sits on the limit from flapping. Pure. */
export function levelOf(budget, policy, wallNow, previous) {
    const { monthlyQuota, slowedShare, savingShare, exhaustedShare } = policy;
    const used = usedOf(budget, wallNow);
    if (isRefused(budget, wallNow) || used >= monthlyQuota * exhaustedShare)
        return 'exhausted';
    if (used >= monthlyQuota * savingShare)
        return 'saving';
    const limit = monthlyQuota * (previous === 'free' ? slowedShare : Math.max(0, slowedShare - EASE_SHARE));
    return projectedOf(budget, wallNow) > limit ? 'slowed' : 'free';
}
/** Whether a call may be made now. */
export function allows(budget, policy, level, purpose, wallNow) {
    switch (purpose) {
        case 'app':
            return true;
        case 'schedule':
            return level === 'free';
        case 'view':
        case 'reconcile':
            return level === 'free' || level === 'slowed';
        case 'catchup':
            return level !== 'exhausted' && catchupToday(budget, wallNow) < policy.monthlyQuota * policy.catchupDayShare;
    }
}
/** By how much regular pauses are stretched. */
export function paceOf(level) {
    return level === 'free' ? 1 : 4;
}
function isRefused({ exhaustedAt }, wallNow) {
    if (exhaustedAt === null || monthOf(exhaustedAt) !== monthOf(wallNow))
        return false;
    // A wall clock set back would make it last; the distance counts in either direction.
    return Math.abs(wallNow - exhaustedAt) < EXHAUSTED_MS;
}
function catchupToday({ days }, wallNow) {
    return days.find(({ day }) => day === dayOf(wallNow))?.catchup ?? 0;
}
function counted(months, route, wallNow) {
    const month = monthOf(wallNow);
    const { used, byRoute } = months[month] ?? { used: 0, byRoute: {} };
    const isKnown = Object.hasOwn(byRoute, route) || Object.keys(byRoute).length < MAX_ROUTES;
    const name = isKnown ? route : 'other';
    const use = { used: used + 1, byRoute: { ...byRoute, [name]: (byRoute[name] ?? 0) + 1 } };
    const all = Object.entries({ ...months, [month]: use });
    // The month that counts now stays, whatever the clock said in between.
    const others = all.filter(([name]) => name !== month).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries([...others.slice(-(MAX_MONTHS - 1)), [month, use]]);
}
function tallied(days, purpose, wallNow) {
    const today = dayOf(wallNow);
    const { regular, catchup } = days.find(({ day }) => day === today) ?? { regular: 0, catchup: 0 };
    const isCatchup = purpose === 'catchup';
    const use = { day: today, regular: regular + (isCatchup ? 0 : 1), catchup: catchup + (isCatchup ? 1 : 0) };
    const others = days.filter(({ day }) => day !== today);
    return [...others, use].sort((a, b) => a.day - b.day).slice(-MAX_DAYS);
}
/** The moment as if the platform's local time were UTC. */
function platformMs(wallNow) {
    return wallNow + PLATFORM_OFFSET_MS;
}
function dayOf(wallNow) {
    return Math.floor(platformMs(wallNow) / DAY_MS);
}
function monthOf(wallNow) {
    return new Date(platformMs(wallNow)).toISOString().slice(0, 7);
}
function monthEndMs(wallNow) {
    const local = new Date(platformMs(wallNow));
    return Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1) - PLATFORM_OFFSET_MS;
}
/** Reads what was kept; null if it is not one of ours. */
export function readBudget(value) {
    if (typeof value !== 'object' || value === null)
        return null;
    const { months, days, exhaustedAt } = value;
    if (typeof months !== 'object' || months === null || !Array.isArray(days))
        return null;
    const isCount = (count) => typeof count === 'number' && Number.isFinite(count);
    const isMonth = (use) => isCount(use?.used) && typeof use?.byRoute === 'object' && use.byRoute !== null;
    const isDay = (use) => isCount(use?.day) && isCount(use?.regular) && isCount(use?.catchup);
    if (!Object.values(months).every(isMonth) || !days.every(isDay))
        return null;
    return {
        months: { ...months },
        days: [...days],
        exhaustedAt: isCount(exhaustedAt) ? exhaustedAt : null,
    };
}
