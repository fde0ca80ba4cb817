import type { CardActionHandler, EventDispatcher } from '@larksuiteoapi/node-sdk';
import type { SdkEventDispatcher } from '../connector-parts.js';
import type { StartParameters } from './parameters.js';

const CARD_ACTION = 'card.action.trigger';

/**
 * The dispatcher that the connector knows for life, in front of the one that the latest `start()` brought: as with the
 * SDK's client, a later one takes the place of the earlier.
 */
export class Switchboard implements SdkEventDispatcher {
  /** One for all: every event asks it. */
  readonly handles: SdkEventDispatcher['handles'] = {
    has: (eventType) => this.#events.handles.has(eventType) || (this.#cards !== null && eventType === CARD_ACTION),
    keys: () => {
      const { handles } = this.#events;
      return new Set(this.#cards === null ? handles.keys() : [...handles.keys(), CARD_ACTION]);
    },
  };
  #events: EventDispatcher;
  #cards: CardActionHandler | null;

  constructor({ eventDispatcher, cardActionHandler }: StartParameters) {
    this.#events = eventDispatcher;
    this.#cards = cardActionHandler ?? null;
  }

  connect({ eventDispatcher, cardActionHandler }: StartParameters): void {
    this.#events = eventDispatcher;
    this.#cards = cardActionHandler ?? null;
  }

  invoke(envelope: unknown, params: { needCheck: false }): Promise<unknown> {
    const cards = this.#cards;
    if (cards === null || typeOf(envelope) !== CARD_ACTION || this.#events.handles.has(CARD_ACTION)) {
      return this.#events.invoke(envelope, params);
    }
    // Not `cards.invoke`: it checks a signature that only HTTP callbacks have, and swallows what the handler throws, which
    // must reach the acknowledgement.
    return invokeCard(cards, envelope);
  }
}

async function invokeCard(cards: CardActionHandler, envelope: unknown): Promise<unknown> {
  return cards.cardHandler(cards.requestHandle?.parse(envelope));
}

function typeOf(envelope: unknown): unknown {
  const { header } = envelope as { readonly header?: { readonly event_type?: unknown } };
  return header?.event_type;
}
