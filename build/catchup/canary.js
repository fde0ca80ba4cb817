export const NO_FLOCK = Object.freeze({ out: null, missed: 0 });
export const CANARY_WAIT_MS = 30_000;
/** One may be lost on the platform's side; two in a row are no accident. */
export const CANARIES_TO_PROVE = 2;
/** @throws RangeError naming option, bound and value. */
export function checkCanarySchedule({ everyMs, waitMs = CANARY_WAIT_MS }) {
    if (!(everyMs >= 60_000 && everyMs <= 86_400_000)) {
        throw new RangeError(`canary.everyMs must be from 60000 to 86400000, got ${everyMs}`);
    }
    if (!(waitMs >= 18_000 && waitMs < everyMs)) {
        throw new RangeError(`canary.waitMs must be from 18000 to below everyMs (${everyMs}), got ${waitMs}`);
    }
    return { everyMs, waitMs };
}
