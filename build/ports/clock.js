export function momentOf(clock) {
    return { now: clock.now(), wallNow: clock.wallNow() };
}
