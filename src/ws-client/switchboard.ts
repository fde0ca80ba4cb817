import type { SdkEventDispatcher } from '../connector-parts.js';
import type { SdkCardActionHandler, StartParameters } from './parameters.js';

const CARD_ACTION = 'card.action.trigger';

/**
 * The dispatcher that the connector knows for life, in front of the one that the latest `start()` brought: as with the
 * SDK's client, a later one takes the place of the earlier.
 */
export class Switchboard implements SdkEventDispatcher {
  /** One for all: every event asks it. */
  readonly handles: SdkEventDispatcher['handles'] = {
    has: (eventType) =>
      this.#takesAll || this.#events.handles.has(eventType) || (this.#cards !== null && eventType === CARD_ACTION),
    keys: () => new Set([...(this.#events.handles?.keys() ?? []), ...(this.#cards === null ? [] : [CARD_ACTION])]),
  };
  #events: SdkEventDispatcher;
  #cards: SdkCardActionHandler | null;
  #takesAll: boolean;

  constructor({ eventDispatcher, cardActionHandler }: StartParameters) {
    this.#events = eventDispatcher;
    this.#cards = cardActionHandler ?? null;
    this.#takesAll = takesAll(eventDispatcher);
  }

  connect({ eventDispatcher, cardActionHandler }: StartParameters): void {
    this.#events = eventDispatcher;
    this.#cards = cardActionHandler ?? null;
    this.#takesAll = takesAll(eventDispatcher);
  }

  invoke(envelope: unknown, params: { needCheck: false }): Promise<unknown> {
    const cards = this.#cards;
    if (cards === null || typeOf(envelope) !== CARD_ACTION || this.#events.handles?.has(CARD_ACTION)) {
      return this.#events.invoke(envelope, params);
    }
    // Not `cards.invoke`: it checks a signature that only HTTP callbacks have, and swallows what the handler throws, which
    // must reach the acknowledgement.
    return invokeCard(cards, envelope);
  }
}

/**
 * The SDK's client asks `invoke` about every event and looks at nothing else, and programs put a function of their own
 * there to see them all. The class that first has `register` is the SDK's; an `invoke` that is not of that class is theirs.
 */
function takesAll(dispatcher: SdkEventDispatcher): boolean {
  const sdkClass = ownersOf(dispatcher, 'register').at(-1);
  return !dispatcher.handles || sdkClass === undefined || ownersOf(dispatcher, 'invoke')[0] !== sdkClass;
}

/** Whatever on the way from the object to its last prototype has a member of its own by that name. */
function ownersOf(object: object, name: string): readonly object[] {
  const owners: object[] = [];
  for (let at: object | null = object; at !== null; at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, name)) owners.push(at);
  }
  return owners;
}

async function invokeCard(cards: SdkCardActionHandler, envelope: unknown): Promise<unknown> {
  return cards.cardHandler(cards.requestHandle?.parse(envelope));
}

function typeOf(envelope: unknown): unknown {
  const { header } = envelope as { readonly header?: { readonly event_type?: unknown } };
  return header?.event_type;
}
