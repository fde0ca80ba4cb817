/** What a dispatch resolves to when it turns out that nobody handles the event's type. */
export const NO_HANDLER = Symbol('no handler');
const CATCH_ALL = '*';
/**
 * Dispatches to plain functions. The record is read once: a later change to it changes nothing.
 * @throws TypeError if a handler is no function.
 */
export function handlersDispatcher(handlers) {
    // A Map, since a type such as `constructor` must not find what a record inherits.
    const own = new Map();
    for (const [eventType, handler] of Object.entries(handlers)) {
        if (typeof handler !== 'function')
            throw new TypeError(`the handler of ${eventType} must be a function`);
        own.set(eventType, handler);
    }
    const handlerOf = (eventType) => own.get(eventType) ?? own.get(CATCH_ALL);
    const eventTypes = [...own.keys()].filter((eventType) => eventType !== CATCH_ALL);
    return {
        handles: (eventType) => handlerOf(eventType) !== undefined,
        eventTypes,
        // Handlers return all sorts of things by accident, an arrow function's last expression above all. The platform has
        // no use for the result of an event, so it stays here.
        answersEvents: false,
        dispatch: async (event, context) => {
            const handler = handlerOf(event.type);
            return handler === undefined ? NO_HANDLER : handler(event, context);
        },
    };
}
/**
 * Dispatches to an `EventDispatcher` of the official SDK, with its way of calling handlers: they get header and event
 * merged flat, and no context. Handlers that are registered later count from then on.
 */
export function sdkDispatcher(sdk) {
    return {
        handles: (eventType) => sdk.handles.has(eventType),
        get eventTypes() {
            return [...sdk.handles.keys()];
        },
        // The SDK's own client puts every truthy result into the ack; whoever moves from there keeps that.
        answersEvents: true,
        dispatch: async (event) => {
            // A long-connection payload has no signature: the check, left on, throws as soon as an encrypt key is set.
            const result = await sdk.invoke(event.raw, { needCheck: false });
            // This string is how the SDK says it, for a handler unregistered since `handles` was asked.
            return result === `no ${event.type} event handle` ? NO_HANDLER : result;
        },
    };
}
