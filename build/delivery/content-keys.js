/**
 * The id of the message for `im.message.receive_v1`. An edited message is news, told by an `update_time` that is not its
 * `create_time`: it has a key of its own. What catch-up found has both keys, since history shows the latest revision of
 * a message that may have been handled as it first was.
 */
export const contentKeysOf = ({ type, data, source }) => {
    if (type !== 'im.message.receive_v1')
        return NONE;
    const { message } = data;
    if (typeof message !== 'object' || message === null)
        return NONE;
    const { message_id, create_time, update_time } = message;
    if (typeof message_id !== 'string' || message_id === '')
        return NONE;
    const key = `message:${message_id}`;
    const isEdited = isTime(update_time) && isTime(create_time) && String(update_time) !== String(create_time);
    if (!isEdited)
        return [key];
    const revised = `${key}@${update_time}`;
    return source === 'catchup' ? [key, revised] : [revised];
};
const NONE = Object.freeze([]);
function isTime(value) {
    return (typeof value === 'string' && value !== '' && value !== '0') || typeof value === 'number';
}
