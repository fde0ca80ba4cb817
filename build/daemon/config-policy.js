/** A policy's changes as the library takes them: a backoff that is given in part keeps the rest of its default. */
export function policyOf(raw, defaults) {
    const changes = {};
    for (const [name, value] of Object.entries(raw ?? {})) {
        if (value === undefined)
            continue;
        const whole = Object.entries(defaults).find(([key]) => key === name)?.[1];
        changes[name] = isBackoff(whole) ? { ...whole, ...value } : value;
    }
    return changes;
}
function isBackoff(value) {
    return typeof value === 'object' && value !== null && 'jitter' in value;
}
