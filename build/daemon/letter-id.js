/**
 * An event id as one segment of a URL's path. Ids of the platform stay as they are. Whatever a URL cannot carry (dots
 * that mean folders, half a surrogate pair) becomes `~` and the UTF-16 of it as base64url, so that no id, however it came
 * to be, names a dead letter that nobody can settle.
 */
export function letterSegment(eventId) {
    const isPlain = !/\p{Surrogate}/u.test(eventId) && !/^(?:\.{0,2}$|~)/.test(eventId);
    return isPlain ? encodeURIComponent(eventId) : `~${Buffer.from(eventId, 'utf16le').toString('base64url')}`;
}
/** The event id of a segment that was percent-decoded already. */
export function letterIdOf(segment) {
    if (!segment.startsWith('~'))
        return segment;
    return Buffer.from(segment.slice(1), 'base64url').toString('utf16le');
}
