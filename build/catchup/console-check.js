/** Where to look in the developer console, most frequent cause first. */
export const CONSOLE_ADVICE = {
    mode: 'Subscription mode: under "Events and callbacks" it must say long connection, not a request URL. The console saves that only while this connector is online, so leave it running.',
    events: 'Events: add those you want, such as im.message.receive_v1. An app without events stays connected and hears nothing.',
    permissions: 'Permissions: each event needs its scopes, such as im:message.p2p_msg for private messages and im:message.group_at_msg for mentions in groups.',
    version: 'Version: create a version and publish it after each of these changes; until an administrator has released it nothing changes.',
    bot: 'Bot: the bot ability must be switched on, and in groups the bot must be a member and be mentioned, unless it has im:message.group_msg.',
    others: 'Other clients: if somebody else is connected as this app, it may take every event. The server view tells how many are online.',
    callbacks: 'Callbacks: card actions have a switch of their own beside the one for events; set it to long connection too, and publish.',
};
/** After a day of silence it is no shy bot any more. */
const LONG_MS = 24 * 3_600_000;
/** Whoever has just set up an app writes to it at once. */
const LONG_AT_FIRST_BOOT_MS = 10 * 60_000;
/**
 * What to check in the developer console when a connection has stood for long and never an event came; null while there is
 * nothing to say. Pure.
 * @see docs/incidents.md F10, where each of these was somebody's outage
 */
export function consoleAdvice(facts) {
    const { connectedForMs, hasEverReceived, isFirstBoot } = facts;
    if (connectedForMs === null || hasEverReceived)
        return null;
    if (connectedForMs < (isFirstBoot ? LONG_AT_FIRST_BOOT_MS : LONG_MS))
        return null;
    const { mode, events, permissions, version, bot, others, callbacks } = CONSOLE_ADVICE;
    const advice = [mode, events, permissions, version, bot, others];
    const isCallbackMissing = facts.handlesCallbacks && !facts.hasEverReceivedCallback;
    return { state: 'never_received', connectedForMs, advice: isCallbackMissing ? [...advice, callbacks] : advice };
}
