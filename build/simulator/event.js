const CALLBACK_TYPES = ['card.action.trigger', 'url.preview.get'];
/** @throws TypeError for an envelope without id or type: no client could handle it. Use a fault to send garbage. */
export function identityOf(envelope) {
    const isVersion2 = envelope.schema !== undefined;
    const header = objectOf(envelope.header);
    const eventId = isVersion2 ? header.event_id : envelope.uuid;
    const eventType = isVersion2 ? header.event_type : objectOf(envelope.event).type;
    if (typeof eventId !== 'string' || eventId === '')
        throw new TypeError(`the event needs ${isVersion2 ? 'header.event_id' : 'uuid'}`);
    if (typeof eventType !== 'string' || eventType === '')
        throw new TypeError(`the event needs ${isVersion2 ? 'header.event_type' : 'event.type'}`);
    return { eventId, eventType, kind: CALLBACK_TYPES.includes(eventType) ? 'callback' : 'event' };
}
/** The same event under another id. */
export function withEventId(envelope, eventId) {
    if (envelope.schema === undefined)
        return { ...envelope, uuid: eventId };
    return { ...envelope, header: { ...objectOf(envelope.header), event_id: eventId } };
}
export function objectOf(value) {
    return typeof value === 'object' && value !== null ? value : {};
}
