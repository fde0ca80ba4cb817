import { momentOf } from '../ports/index.js';
import { paceOf } from './budget.js';
import { ROUTES, readMessages } from './history.js';
import { compare } from './reconcile.js';
/** How much earlier than the first message that is proven to be missing the reading of a deaf time begins. */
const DEAF_MARGIN_MS = 3_600_000;
/** Ages of so many events tell how far the platform's clock is from ours. */
const AGES_KEPT = 20;
/** What the most active chats' history has, against what reached us. */
export class Comparison {
    #parts;
    /** When the next regular one is due, monotonic milliseconds; null: none is. */
    #dueAt = null;
    #latest = null;
    /** Wall milliseconds of the latest one that agreed. */
    #agreedWallAt = null;
    #ages = [];
    #isRunning = false;
    constructor(parts) {
        this.#parts = parts;
    }
    get dueAt() {
        return this.#dueAt;
    }
    /** At monotonic milliseconds; null before the first. */
    get latest() {
        return this.#latest;
    }
    gained(now) {
        const { everyMs } = this.#parts.policy.reconcile;
        if (everyMs !== null && this.#dueAt === null)
            this.#dueAt = now + this.#parts.ground.jittered(everyMs);
    }
    forget() {
        this.#dueAt = null;
    }
    /** The regular one is due: this is when the next one will be. */
    putOff(now) {
        const { ground, policy, api } = this.#parts;
        const { everyMs } = policy.reconcile;
        this.#dueAt = everyMs === null ? null : now + ground.jittered(everyMs * paceOf(api.level));
    }
    /** An event came so many milliseconds after the platform's clock says that it was made. */
    noteAge(ageMs) {
        this.#ages.push(ageMs);
        if (this.#ages.length > AGES_KEPT)
            this.#ages.shift();
    }
    /** Compares, and tells. Null: one is under way already, or the Lookout stops. */
    async run(trigger, signal) {
        if (this.#isRunning)
            return null;
        this.#isRunning = true;
        const { histories, detail } = await this.#histories(trigger, signal).finally(() => {
            this.#isRunning = false;
        });
        if (signal.aborted)
            return null;
        const { ground, policy, profile, isHere } = this.#parts;
        const moment = momentOf(ground.clock);
        const { verdict, compared, missing } = compare(histories, isHere, profile.audience, policy.reconcile, this.#span(moment));
        // What an open gap covers is missing for a known reason, and is being fetched.
        const news = missing.filter(({ createTime }) => !this.#isInGap(createTime));
        const said = verdict === 'deaf' && news.length === 0 ? 'agrees' : verdict;
        this.#latest = { verdict: said, at: moment.now };
        if (said === 'agrees')
            this.#agreedWallAt = moment.wallNow;
        ground.tell({
            type: 'reconciled',
            trigger,
            verdict: said,
            chats: histories.filter(({ messages }) => messages !== null).length,
            compared,
            missing: news.length,
            detail,
        });
        return { verdict: said, missedAt: said === 'deaf' ? Math.min(...news.map(({ createTime }) => createTime)) : null };
    }
    /**
     * Since when it may have been deaf, wall milliseconds: other chats may have lost more, and sooner, than the one that proved
     * it. An hour more than is proven, or back to the last comparison that agreed.
     */
    deafSince(missedAt) {
        const { served, arrivedWallAt } = this.#parts.presence;
        const agreedAt = this.#agreedWallAt ?? Number.NEGATIVE_INFINITY;
        const trusted = Math.max(agreedAt, served?.wallNow ?? Number.NEGATIVE_INFINITY, missedAt - DEAF_MARGIN_MS);
        return Math.min(missedAt, trusted, arrivedWallAt ?? missedAt);
    }
    /** Which messages count, by the platform's clock: from our connection's beginning to what cannot be on its way any more. */
    #span({ wallNow }) {
        const { policy, presence } = this.#parts;
        // Events' ages tell how far the platform's clock is behind ours; without any, the grace is doubled instead.
        const behindMs = this.#ages.length === 0 ? policy.reconcile.graceMs : Math.min(...this.#ages);
        const since = (presence.served?.wallNow ?? wallNow) - behindMs + policy.catchup.overlapMs;
        return { wallNow: wallNow - behindMs, since };
    }
    #isInGap(createTime) {
        const { overlapMs } = this.#parts.policy.catchup;
        return this.#parts
            .gaps()
            .some(({ from, to }) => createTime >= from - overlapMs && createTime <= (to ?? Number.POSITIVE_INFINITY) + overlapMs);
    }
    /** The recent history of the most active chats. */
    async #histories(trigger, signal) {
        const { api, ground, policy, profile } = this.#parts;
        const { fleet, reconcile } = policy;
        if (!reconcile.isEnabled)
            return { histories: [], detail: 'comparisons are switched off' };
        if (fleet.others > 0 && !fleet.isDeduplicated) {
            return { histories: [], detail: 'other processes serve this app: what they got is not known here' };
        }
        const cursors = this.#parts.cursors.recent(reconcile.chats);
        if (cursors.length === 0)
            return { histories: [], detail: 'no message has ever come, so there is no chat to compare' };
        const purpose = trigger === 'schedule' ? 'schedule' : 'reconcile';
        const windowMs = this.#windowMs();
        const isAsking = cursors.some(({ chatType }) => chatType === 'group');
        const audience = isAsking ? await profile.ask(purpose, signal) : null;
        const histories = [];
        let detail = '';
        for (const { chatId, chatType } of cursors) {
            if (chatType === 'group' && audience !== null && 'failure' in audience) {
                histories.push({ chatType, messages: null });
                detail = audience.detail;
                continue;
            }
            const wallNow = ground.clock.wallNow();
            const query = {
                container_id_type: 'chat',
                container_id: chatId,
                start_time: String(Math.floor((wallNow - windowMs) / 1_000)),
                end_time: String(Math.ceil(wallNow / 1_000)),
                sort_type: 'ByCreateTimeDesc',
                page_size: '50',
            };
            const answer = await api.call({ route: ROUTES.messages, query, purpose, signal });
            const page = answer.ok ? readMessages(answer.data) : null;
            histories.push({ chatType, messages: page?.items ?? null });
            if (page === null)
                detail = answer.ok ? 'the answer is no page of messages' : answer.failure.detail;
        }
        return { histories, detail };
    }
    /** Back to the last comparison, so that a schedule slower than the window leaves nothing out. */
    #windowMs() {
        const { ground, policy, presence } = this.#parts;
        const { windowMs, graceMs } = policy.reconcile;
        const now = ground.clock.now();
        const latest = this.#latest?.verdict === 'unknown' ? null : this.#latest;
        const before = latest?.at ?? presence.served?.now ?? now;
        return Math.min(Math.max(windowMs, now - before + 2 * graceMs), policy.catchup.windowMs);
    }
}
