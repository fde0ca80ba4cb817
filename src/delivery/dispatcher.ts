import type { FeishuEvent, Handler, HandlerContext, Handlers } from './event.js';

/** What a dispatch resolves to when it turns out that nobody handles the event's type. */
export const NO_HANDLER: unique symbol = Symbol('no handler');

/** Port: brings an event to whoever handles it. */
export interface Dispatcher<Client = unknown> {
  /** Whether an event of this type has a handler now. */
  handles(eventType: string): boolean;
  /** The types with a handler of their own, now. Types that only a catch-all takes are not among them. */
  readonly eventTypes: readonly string[];
  /** Whether the results of plain events go into the ack too. Those of callbacks always do. */
  readonly answersEvents: boolean;
  /**
   * Returns the handler's result or {@link NO_HANDLER}, or a promise of it; throws, or rejects with, what the handler threw.
   * One that needs no promise makes none.
   */
  dispatch(event: FeishuEvent, context: HandlerContext<Client>): unknown;
}

const CATCH_ALL = '*';

/**
 * Dispatches to plain functions. The record is read once: a later change to it changes nothing.
 * @throws TypeError if a handler is no function.
 */
export function handlersDispatcher<Client>(handlers: Handlers<Client>): Dispatcher<Client> {
  // A Map, since a type such as `constructor` must not find what a record inherits.
  const own = new Map<string, Handler<Client>>();
  for (const [eventType, handler] of Object.entries(handlers)) {
    if (typeof handler !== 'function') throw new TypeError(`the handler of ${eventType} must be a function`);
    own.set(eventType, handler);
  }
  const handlerOf = (eventType: string) => own.get(eventType) ?? own.get(CATCH_ALL);
  const eventTypes = [...own.keys()].filter((eventType) => eventType !== CATCH_ALL);
  return {
    handles: (eventType) => handlerOf(eventType) !== undefined,
    eventTypes,
    // Handlers return all sorts of things by accident, an arrow function's last expression above all. The platform has
    // no use for the result of an event, so it stays here.
    answersEvents: false,
    dispatch: (event, context) => {
      const handler = handlerOf(event.type);
      return handler === undefined ? NO_HANDLER : handler(event, context);
    },
  };
}

/** The part of the official SDK's `EventDispatcher` that is used; the SDK itself is never loaded here. */
export interface SdkEventDispatcher {
  readonly handles: { has(eventType: string): boolean; keys(): Iterable<string> };
  invoke(envelope: unknown, params: { needCheck: false }): Promise<unknown>;
}

/**
 * Dispatches to an `EventDispatcher` of the official SDK, with its way of calling handlers: they get header and event
 * merged flat, and no context. Handlers that are registered later count from then on.
 */
export function sdkDispatcher(sdk: SdkEventDispatcher): Dispatcher {
  return {
    handles: (eventType) => sdk.handles.has(eventType),
    get eventTypes() {
      return [...sdk.handles.keys()];
    },
    // The SDK's own client puts every truthy result into the ack; whoever moves from there keeps that.
    answersEvents: true,
    dispatch: (event) =>
      // A long-connection payload has no signature: the check, left on, throws as soon as an encrypt key is set.
      // Resolved, as one that somebody wrote in its place may return the result itself.
      Promise.resolve(sdk.invoke(event.raw, { needCheck: false })).then((result) =>
        // This string is how the SDK says it, for a handler unregistered since `handles` was asked.
        result === `no ${event.type} event handle` ? NO_HANDLER : result,
      ),
  };
}
