import { consoleAdvice } from './console-check.js';
import { ROUTES, readBotId } from './history.js';
const MAX_EVENT_TYPES = 50;
const CALLBACKS = ['card.action.trigger', 'url.preview.get'];
/** What there is to know of the app itself: who its bot is, what it hears, what it has ever received. */
export class AppProfile {
    #parts;
    #botId = null;
    #hearsGroups = false;
    #tenantKey = '';
    #eventTypes = new Set();
    constructor(parts) {
        this.#parts = parts;
    }
    get tenantKey() {
        return this.#tenantKey;
    }
    get eventTypes() {
        return [...this.#eventTypes];
    }
    /** Whether messages in groups reach it that do not mention it. */
    get hearsGroups() {
        const { groupMessages } = this.#parts.policy;
        return groupMessages === 'all' || (groupMessages === 'learned' && this.#hearsGroups);
    }
    /** Whom messages in groups are for, as far as that is known without asking. */
    get audience() {
        return { takesBots: this.#parts.policy.takesBots, hearsGroups: this.hearsGroups, botId: this.#botId };
    }
    restore() {
        const one = (key) => this.#parts.notes.read(key).get('');
        this.#hearsGroups = one('hears_groups') === true || this.#hearsGroups;
        const botId = one('bot');
        if (typeof botId === 'string')
            this.#botId = botId;
        const tenantKey = one('tenant');
        if (typeof tenantKey === 'string')
            this.#tenantKey = tenantKey;
        const types = one('types');
        if (Array.isArray(types))
            this.#eventTypes = new Set(types.filter((type) => typeof type === 'string'));
    }
    /** An event of this type came, for this tenant. */
    noteEvent(type, tenantKey) {
        if (tenantKey !== '')
            this.#tenantKey = tenantKey;
        if (this.#eventTypes.has(type) || this.#eventTypes.size >= MAX_EVENT_TYPES)
            return;
        this.#eventTypes.add(type);
        this.#parts.notes.set('types', [...this.#eventTypes]);
        this.#parts.notes.set('tenant', this.#tenantKey);
    }
    /** A message of a group came that mentions nobody. */
    noteGroupHeard() {
        if (this.#hearsGroups)
            return;
        this.#hearsGroups = true;
        this.#parts.notes.set('hears_groups', true);
    }
    /** Whom messages in groups are for. The bot's own id is asked for once, and kept. */
    async ask(purpose, signal) {
        if (!this.hearsGroups && this.#botId === null) {
            const answer = await this.#parts.api.call({ route: ROUTES.bot, query: {}, purpose, signal });
            if (!answer.ok)
                return answer.failure;
            const botId = readBotId(answer.data);
            if (botId === null)
                return { failure: 'bad_answer', code: null, detail: 'the bot info has no open_id', scopes: [] };
            this.#botId = botId;
            this.#parts.notes.set('bot', botId);
        }
        return this.audience;
    }
    /** What in the console would explain that nothing ever came. */
    consoleAdvice(facts) {
        return consoleAdvice({
            ...facts,
            hasEverReceived: this.#eventTypes.size > 0,
            hasEverReceivedCallback: CALLBACKS.some((type) => this.#eventTypes.has(type)),
        });
    }
}
