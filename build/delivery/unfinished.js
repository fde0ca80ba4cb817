/** All that an event is known by, its own id first, apart from all content keys. */
export function keysOf(eventId, contentKeys) {
    return [`id:${eventId}`, ...contentKeys];
}
