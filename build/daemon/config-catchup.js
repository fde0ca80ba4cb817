import { z } from 'zod';
import { CATCHUP_DEFAULTS, CATCHUP_SWITCHES } from '../connector-catchup.js';
import { present } from './config-journal.js';
import { policyOf } from './config-policy.js';
import { policy } from './config-shape.js';
// How long messages are known again is the journal's to say.
const { rememberedMs: _, ...CATCHUP } = CATCHUP_DEFAULTS.catchup;
const { callTimeoutMs, callIntervalMs, notesIntervalMs } = CATCHUP_DEFAULTS;
/** Options of each part, with their defaults. */
const PARTS = {
    view: CATCHUP_DEFAULTS.view,
    catchup: CATCHUP,
    reconcile: CATCHUP_DEFAULTS.reconcile,
    baseline: CATCHUP_DEFAULTS.baseline,
    replace: CATCHUP_DEFAULTS.replace,
    budget: CATCHUP_DEFAULTS.budget,
    fleet: CATCHUP_DEFAULTS.fleet,
};
const NUMBERS = { callTimeoutMs, callIntervalMs, notesIntervalMs };
const SWITCHES = CATCHUP_SWITCHES;
const shape = {};
for (const [name, defaults] of Object.entries(PARTS)) {
    const part = policy(defaults);
    shape[name] = (SWITCHES.includes(name) ? z.union([z.boolean(), part]) : part).optional();
}
for (const name of Object.keys(NUMBERS))
    shape[name] = z.number().optional();
/** The library's option of the same name, but for the canary, which is code. */
export const CATCHUP_SHAPE = z.union([z.boolean(), z.strictObject(shape)]);
/** The keys below `catchup` at this path; empty where there are none. */
export function catchupKeysAt(path) {
    const [part] = path;
    if (part === undefined)
        return [...Object.keys(PARTS), ...Object.keys(NUMBERS)];
    return path.length === 1 ? Object.keys(PARTS[String(part)] ?? {}) : [];
}
/** What the library takes. */
export function catchupOf(raw) {
    if (typeof raw === 'boolean')
        return raw;
    const parts = Object.entries(present(raw)).map(([name, value]) => {
        const defaults = PARTS[name];
        const isPart = defaults !== undefined && typeof value === 'object' && value !== null;
        return [name, isPart ? policyOf(value, defaults) : value];
    });
    return Object.fromEntries(parts);
}
const SWITCH = {
    expected: 'a mapping of options, true or false',
    advice: 'Write false to switch it off, or leave it out.',
};
const CHOICE = { expected: 'true or false', advice: 'Write true or false, or remove the line for the default.' };
/** What the keys want, in the words of every error about them. */
export const CATCHUP_WORDS = {
    catchup: SWITCH,
    view: SWITCH,
    reconcile: SWITCH,
    baseline: SWITCH,
    isEnabled: CHOICE,
    isDeduplicated: CHOICE,
    takesBots: CHOICE,
    groupMessages: { expected: 'one of all, mentions, learned', advice: 'Write groupMessages: learned.' },
};
