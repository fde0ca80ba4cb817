const CARD_ACTION = 'card.action.trigger';
/**
 * The dispatcher that the connector knows for life, in front of the one that the latest `start()` brought: as with the
 * SDK's client, a later one takes the place of the earlier.
 */
export class Switchboard {
    #events;
    #cards;
    constructor({ eventDispatcher, cardActionHandler }) {
        this.#events = eventDispatcher;
        this.#cards = cardActionHandler ?? null;
    }
    connect({ eventDispatcher, cardActionHandler }) {
        this.#events = eventDispatcher;
        this.#cards = cardActionHandler ?? null;
    }
    get handles() {
        const { handles } = this.#events;
        const takesCards = this.#cards !== null;
        return {
            has: (eventType) => handles.has(eventType) || (takesCards && eventType === CARD_ACTION),
            keys: () => new Set(takesCards ? [...handles.keys(), CARD_ACTION] : handles.keys()),
        };
    }
    async invoke(envelope, params) {
        const cards = this.#cards;
        if (cards === null || typeOf(envelope) !== CARD_ACTION || this.#events.handles.has(CARD_ACTION)) {
            return this.#events.invoke(envelope, params);
        }
        // Not `cards.invoke`: it checks a signature that only HTTP callbacks have, and swallows what the handler throws, which
        // must reach the acknowledgement.
        return cards.cardHandler(cards.requestHandle?.parse(envelope));
    }
}
function typeOf(envelope) {
    const { header } = envelope;
    return header?.event_type;
}
