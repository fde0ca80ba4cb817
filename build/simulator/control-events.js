import { cardActionEvent, customEvent, messageEvent, version1Event } from './event-builders.js';
/** What an order may ask for, in words. */
export const CHOICES = '"kind": "message" (text, chatId, chatType, messageId, openId, eventId), "card_action" (value, tag, name, chatId, messageId, openId, eventId), ' +
    '"version_1" (text, type, chatId, uuid), "custom" (type, content, eventId), or "envelope": a whole event';
const FIELDS = {
    message: ['text', 'chatId', 'chatType', 'messageId', 'openId', 'eventId'],
    card_action: ['value', 'tag', 'name', 'chatId', 'messageId', 'openId', 'eventId'],
    version_1: ['text', 'type', 'chatId', 'uuid'],
    custom: ['type', 'content', 'eventId'],
};
const OBJECT_FIELDS = ['value', 'content'];
/**
 * The event that a JSON order of the control API describes.
 * @throws TypeError saying which field is wrong.
 */
export function draftOf(order) {
    const { kind, envelope, appId: _appId, ...fields } = order;
    if (envelope !== undefined) {
        if (!isObject(envelope))
            throw new TypeError('envelope must be an object');
        return envelope;
    }
    const allowed = typeof kind === 'string' && Object.hasOwn(FIELDS, kind) ? FIELDS[kind] : undefined;
    if (!allowed)
        throw new TypeError(`an event needs ${CHOICES}`);
    for (const [field, value] of Object.entries(fields))
        checkField(field, value, allowed);
    // Every field is now known to be text, or an object where an object belongs.
    switch (kind) {
        case 'message':
            if (fields.chatType !== undefined && fields.chatType !== 'p2p' && fields.chatType !== 'group')
                throw new TypeError('chatType must be p2p or group');
            return messageEvent(fields);
        case 'card_action':
            return cardActionEvent(fields);
        case 'version_1':
            return version1Event(fields);
        default: {
            const { type, content = {}, ...options } = fields;
            if (type === undefined)
                throw new TypeError('a custom event needs type');
            return customEvent(type, content, options);
        }
    }
}
function checkField(field, value, allowed) {
    if (!allowed.includes(field))
        throw new TypeError(`${field} is not one of ${allowed.join(', ')}`);
    const isFit = OBJECT_FIELDS.includes(field) ? isObject(value) : typeof value === 'string';
    if (!isFit)
        throw new TypeError(`${field} must be ${OBJECT_FIELDS.includes(field) ? 'an object' : 'text'}`);
}
function isObject(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
