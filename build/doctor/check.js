import { behindMs, CHECKS, longestWayMs } from './table.js';
/** `warn` does not make anything unhealthy, `skip` says nothing either way. */
export const RESULTS = ['ok', 'warn', 'fail', 'skip'];
/**
 * The checks of one app, or of the daemon. Each begins as soon as those it waits for have ended, and takes at most what the
 * time that is left does not keep for those behind it: the first that hangs does not take it all.
 */
export class Round {
    #app;
    #clock;
    #endsAt;
    #plan;
    /** Of the time in the plan, how much there is. */
    #scale;
    #outcomes = new Map();
    constructor(app, { clock, endsAt, plan = CHECKS }) {
        this.#app = app;
        this.#clock = clock;
        this.#endsAt = endsAt;
        this.#plan = plan;
        this.#scale = Math.max(0, endsAt - clock.now()) / Math.max(1, longestWayMs(plan));
    }
    /** Makes these checks; what they need of others must have been begun before. @returns Their results, in this order. */
    async make(checks, subject) {
        const begun = checks.map((check) => {
            const outcome = this.#run(check, subject);
            this.#outcomes.set(check.name, outcome);
            return outcome;
        });
        return (await Promise.all(begun)).map(({ result }) => result);
    }
    async #run({ name, needs: own, look }, subject) {
        const { needs = [], after = [] } = this.#plan[name] ?? {};
        // Taken before anything is awaited: whoever is begun later is not waited for.
        const needed = (own ?? needs).flatMap((need) => this.#outcomes.get(need) ?? []);
        const awaited = after.flatMap((each) => this.#outcomes.get(each) ?? []);
        const [outcomes] = await Promise.all([Promise.all(needed), Promise.all(awaited)]);
        const culprit = outcomes.find((outcome) => outcome.culprit !== null)?.culprit ?? null;
        if (culprit !== null)
            return this.#outcome(name, skip(`not reached: ${culprit} failed`), culprit);
        const finding = await look(subject, this.#limitMs(name));
        return this.#outcome(name, finding, finding.result === 'fail' ? name : null);
    }
    #outcome(name, finding, culprit) {
        return { result: { app: this.#app, name, ...finding }, culprit };
    }
    #limitMs(name) {
        const leftMs = this.#endsAt - this.#clock.now();
        return Math.max(1, Math.floor(leftMs - behindMs(this.#plan, name) * this.#scale));
    }
}
/** {@link Round} for checks that belong together. */
export function runChecks(checks, subject, app, limit) {
    return new Round(app, limit).make(checks, subject);
}
/** Every check of a list left out, for one reason. */
export function skipAll(checks, app, reason) {
    return checks.map(({ name }) => ({ app, name, ...skip(reason) }));
}
/**
 * Waits no longer than the limit.
 * @param late What to throw then.
 */
export function inTime(clock, work, limitMs, late) {
    return new Promise((resolve, reject) => {
        const timer = clock.timer(limitMs, () => reject(late()));
        work.then((value) => {
            timer.cancel();
            resolve(value);
        }, (error) => {
            timer.cancel();
            reject(error);
        });
    });
}
export function ok(evidence, times = {}) {
    return found('ok', evidence, null, times);
}
export function warn(evidence, advice, times = {}) {
    return found('warn', evidence, advice, times);
}
export function fail(evidence, advice, times = {}) {
    return found('fail', evidence, advice, times);
}
export function skip(reason) {
    return found('skip', reason, null, {});
}
function found(result, evidence, advice, { ageMs = null, tookMs = null }) {
    // Fractions of a millisecond are noise to whoever reads this.
    const whole = (ms) => (ms === null ? null : Math.round(ms));
    return { result, evidence, advice, ageMs: whole(ageMs), tookMs: whole(tookMs) };
}
