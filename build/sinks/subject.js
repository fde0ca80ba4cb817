import { chatOf } from '../delivery/index.js';
import { idempotencyKeyOf } from './identity.js';
/**
 * The subject of an event: `<prefix>.<app>.<event type>`, with the event type's own full stops, so that
 * `feishu.*.im.message.>` is all messages of all apps. With partitions their number comes before the app,
 * `<prefix>.<partition>.<app>.<event type>`, and `feishu.3.>` is the share of one worker: all of a chat, in order.
 */
export function subjectOf(event, { prefix, app, partitions }) {
    const share = partitions > 1 ? [String(partitionOf(event, partitions))] : [];
    return [prefix, ...share, tokenOf(app), ...event.type.split('.').map(tokenOf)].join('.');
}
/** The partition of an event, from 0: the same for all events of a chat. Events without a chat are spread by their ids. */
export function partitionOf(event, partitions) {
    return hashOf(chatOf(event) ?? idempotencyKeyOf(event)) % partitions;
}
/** What may stand between two full stops: wildcards, spaces and full stops have a meaning of their own there. */
export function tokenOf(text) {
    const token = text.replace(/[^\w-]/g, '_').slice(0, TOKEN_MAX_LENGTH);
    return token === '' ? '_' : token;
}
const TOKEN_MAX_LENGTH = 100;
/** FNV-1a, 32 bits, over UTF-16 code units: the same everywhere, and ids are ASCII. @see RFC 9923 */
function hashOf(text) {
    let hash = 0x811c9dc5;
    for (let index = 0; index < text.length; index += 1) {
        hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    }
    return hash >>> 0;
}
