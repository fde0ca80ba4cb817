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
 * there to see them all. The class that has `register` is the SDK's; one whose `invoke` is not of that class is theirs.
 */
function takesAll(dispatcher: SdkEventDispatcher): boolean {
  const owner = ownerOf(dispatcher, 'register');
  return !dispatcher.handles || owner === null || ownerOf(dispatcher, 'invoke') !== owner;
}

function ownerOf(object: object, name: string): object | null {
  let owner: object | null = object;
  while (owner !== null && !Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner);
  return owner;
}

async function invokeCard(cards: SdkCardActionHandler, envelope: unknown): Promise<unknown> {
  return cards.cardHandler(cards.requestHandle?.parse(envelope));
}

function typeOf(envelope: unknown): unknown {
  const { header } = envelope as { readonly header?: { readonly event_type?: unknown } };
  return header?.event_type;
}
