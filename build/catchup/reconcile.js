import { isMeantForUs } from './history.js';
/**
 * Compares history with what arrived. A message that should be here and is not, although its first redelivery is past too,
 * proves that the connection delivers nothing, or not everything. Pure.
 * @param wallNow Milliseconds since the epoch.
 * @param isKnown Whether a message arrived, whatever became of it since.
 * @param since Messages older than this are no business of this connection: the bot may have joined, or started, later.
 */
export function compare(chats, isKnown, audience, policy, { wallNow, since }) {
    const read = chats.filter(({ messages }) => messages !== null);
    const due = read.flatMap(({ chatType, messages }) => (messages ?? []).filter((message) => message.createTime >= since &&
        message.createTime <= wallNow - policy.graceMs &&
        isMeantForUs(message, chatType, audience)));
    const missing = due.filter(({ messageId }) => !isKnown(messageId));
    return {
        verdict: missing.length > 0 ? 'deaf' : read.length > 0 ? 'agrees' : 'unknown',
        compared: due.length,
        missing,
    };
}
