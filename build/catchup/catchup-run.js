import { momentOf } from '../ports/index.js';
import { limited, pause } from './api.js';
import { isMeantForUs, ROUTES, readChats, readMessages, SCOPES, } from './history.js';
import { envelopeOf } from './synthetic.js';
export const PROGRESS_PREFIX = 'progress:';
const PAGE_SIZE = 50;
const PAGE_TRIES = 3;
const FEED_TRIES = 5;
const FEED_PAUSE_MS = 1_000;
/** Without a journal a handler runs before delivery answers, for a minute at most; twice that is no answer. */
const FEED_LIMIT_MS = 120_000;
/**
 * One run of catch-up: the chats there are, then their messages, one page of each chat in turn, so that a busy chat starves
 * nobody. Within a chat messages are handed over in order, one at a time.
 */
export class CatchupRun {
    #parts;
    #plan;
    #unreachable = new Map();
    #queue = [];
    #endsAt = 0;
    #pages = 0;
    #messages = 0;
    #tally;
    /** Why the run cannot go on; null while it can. */
    #stopped = null;
    /** Set once the platform refuses every history for want of a scope: no other chat need be asked. */
    #refused = null;
    constructor(parts, plan, tally) {
        this.#parts = parts;
        this.#plan = plan;
        this.#tally = tally;
    }
    get tally() {
        return this.#tally;
    }
    async execute(signal) {
        const { clock, policy } = this.#parts;
        this.#endsAt = clock.now() + policy.maxDurationMs;
        await this.#collect(signal);
        const workers = Array.from({ length: policy.concurrency }, () => this.#work(signal));
        await Promise.all(workers);
        if (signal.aborted)
            return { is: 'aborted' };
        const unreachable = this.#unreached();
        if (this.#stopped === null)
            return { is: 'complete', unreachable };
        return { is: 'partial', unreachable, ...this.#stopped };
    }
    /** Fills the queue: chats with a cursor, then those that only the list of chats has. */
    async #collect(signal) {
        const { cursors, notes, policy } = this.#parts;
        const progress = notes.read(PROGRESS_PREFIX);
        const known = cursors.recent(policy.maxChats);
        const chats = new Map(known.map(({ chatId, chatType }) => [chatId, chatType]));
        // More chats with a cursor than one run may read: the least active ones stay out.
        if (cursors.size > policy.maxChats)
            this.#miss('chats', 'bounds', `more than ${policy.maxChats} chats`, cursors.size - policy.maxChats);
        await this.#list(chats, signal);
        for (const [chatId, chatType] of chats) {
            const doneTo = doneToOf(progress.get(chatId), this.#plan);
            if (doneTo === 'all')
                continue;
            const from = Math.max(doneTo, this.#plan.from);
            this.#queue.push({ chatId, chatType, startS: Math.floor(from / 1_000), doneTo: from, pageToken: null });
        }
    }
    async #list(chats, signal) {
        const { policy } = this.#parts;
        let pageToken = null;
        do {
            const query = {
                page_size: String(PAGE_SIZE),
                sort_type: 'ByActiveTimeDesc',
                ...(pageToken !== null && { page_token: pageToken }),
            };
            const page = await this.#page(ROUTES.chats, query, readChats, signal);
            if (page === null)
                return;
            if ('failure' in page) {
                this.#miss('chat_list', page.failure, this.#explain(ROUTES.chats, page), 1);
                return;
            }
            for (const chatId of page.items) {
                if (chats.has(chatId))
                    continue;
                if (chats.size >= policy.maxChats) {
                    this.#miss('chats', 'bounds', `more than ${policy.maxChats} chats`, 1);
                    return;
                }
                chats.set(chatId, 'group');
            }
            pageToken = page.nextToken;
        } while (pageToken !== null);
    }
    /** Reads one page of the chat that has waited longest, again and again. */
    async #work(signal) {
        for (let task = this.#queue.shift(); task !== undefined; task = this.#queue.shift()) {
            if (signal.aborted || this.#stopped !== null) {
                this.#queue.push(task);
                return;
            }
            const isFinished = await this.#read(task, signal);
            if (!isFinished)
                this.#queue.push(task);
        }
    }
    /** @returns Whether nothing of this chat is left to do. */
    async #read(task, signal) {
        const { audience, cursors } = this.#parts;
        if (this.#refused !== null)
            return this.#skip(task, this.#refused);
        if (task.chatType === 'group' && 'failure' in audience)
            return this.#skip(task, audience);
        const query = {
            container_id_type: 'chat',
            container_id: task.chatId,
            // Whole seconds, both of them within the range.
            start_time: String(task.startS),
            end_time: String(Math.ceil(this.#plan.to / 1_000)),
            sort_type: 'ByCreateTimeAsc',
            page_size: String(PAGE_SIZE),
            ...(task.pageToken !== null && { page_token: task.pageToken }),
        };
        const page = await this.#page(ROUTES.messages, query, readMessages, signal);
        if (page === null)
            return false;
        if ('failure' in page) {
            // Not in the chat: then nothing there was ever meant for this bot.
            if (page.failure === 'not_a_member')
                cursors.forget(task.chatId);
            else if (page.failure === 'scope_missing' && page.code !== GROUP_SCOPE_MISSING)
                this.#refused = page;
            return page.failure === 'not_a_member' ? this.#done(task) : this.#skip(task, page);
        }
        for (const message of page.items) {
            const isHanded = await this.#hand(message, task, signal);
            if (isHanded)
                continue;
            this.#noteProgress(task, false);
            return false;
        }
        if (page.nextToken === null)
            return this.#done(task);
        task.pageToken = page.nextToken;
        this.#noteProgress(task, false);
        return false;
    }
    /** @returns False if the run cannot go on. */
    async #hand(message, task, signal) {
        const { audience, policy, feed, appId, tenantKey, cursors } = this.#parts;
        const heard = 'failure' in audience ? NO_GROUPS : audience;
        if (message.createTime > this.#plan.to || !this.#parts.isOpenAt(message.createTime))
            return true;
        if (!isMeantForUs(message, task.chatType, heard))
            return true;
        if (this.#messages >= policy.maxMessages)
            return this.#stop('bounds', `${policy.maxMessages} messages in one run`);
        const envelope = envelopeOf(message, { appId, tenantKey: tenantKey(), chatType: task.chatType });
        for (let attempt = 1; attempt <= FEED_TRIES; attempt++) {
            if (signal.aborted)
                return false;
            const handing = feed(envelope, 'catchup');
            const outcome = await limited(this.#parts.clock, handing, FEED_LIMIT_MS, signal).catch(() => 'refused');
            if (outcome !== 'refused') {
                // What was known cost nothing: were it counted, a burst within one second could keep a run from getting on.
                if (outcome === 'taken')
                    this.#messages += 1;
                this.#took(message, envelope, outcome);
                task.doneTo = message.createTime;
                cursors.move({
                    chatId: task.chatId,
                    chatType: task.chatType,
                    messageId: message.messageId,
                    createTime: message.createTime,
                });
                return true;
            }
            await pause(this.#parts.clock, FEED_PAUSE_MS * 2 ** (attempt - 1), signal);
        }
        return this.#stop('refused', `delivery refused a message ${FEED_TRIES} times`);
    }
    #took(message, envelope, outcome) {
        if (outcome === 'known') {
            this.#tally = { ...this.#tally, knownCount: this.#tally.knownCount + 1 };
            return;
        }
        this.#tally = { ...this.#tally, found: [...this.#tally.found, message.createTime] };
        const moment = momentOf(this.#parts.clock);
        const ageMs = moment.wallNow - message.createTime;
        this.#parts.report({ type: 'catchup_found', eventType: envelope.type, eventId: envelope.id, ageMs }, moment);
    }
    /**
     * One page, tried again where that may help.
     * @returns Null if the run cannot go on: {@link #stopped} says why, or it was aborted.
     */
    async #page(route, query, read, signal) {
        const { api, clock, policy } = this.#parts;
        for (let attempt = 1;; attempt++) {
            if (signal.aborted || this.#stopped !== null)
                return null;
            if (clock.now() >= this.#endsAt)
                return this.#halt('bounds', `${policy.maxDurationMs} ms in one run`, null);
            if (this.#pages >= policy.maxPages)
                return this.#halt('bounds', `${policy.maxPages} pages in one run`, null);
            this.#pages += 1;
            this.#tally = { ...this.#tally, calls: this.#tally.calls + 1 };
            const answer = await api.call({ route, query, purpose: 'catchup', signal });
            if (answer.ok) {
                const page = read(answer.data);
                if (page !== null)
                    return page;
                if (attempt >= PAGE_TRIES)
                    return this.#halt('bad_answer', `${route} answered something that is no page`, null);
            }
            else {
                const { failure, retryAfterMs } = answer;
                switch (failure.failure) {
                    case 'aborted':
                        return null;
                    case 'scope_missing':
                    case 'not_a_member':
                        return failure;
                    case 'budget_spared':
                    case 'quota_exhausted':
                    case 'token_unavailable':
                        return this.#halt(failure.failure, failure.detail, retryAfterMs);
                    case 'api_code':
                        // Refused for a reason of its own: this chat will not be readable a second later either.
                        return failure;
                    case 'rate_limited': {
                        const waitMs = api.refusal(route, 'catchup')?.retryAfterMs ?? 0;
                        if (clock.now() + waitMs >= this.#endsAt)
                            return this.#halt('rate_limited', failure.detail, waitMs);
                        await pause(clock, waitMs, signal);
                        // Waiting is no failure of the call; the run's own end bounds it.
                        attempt -= 1;
                        continue;
                    }
                    default:
                        if (attempt >= PAGE_TRIES)
                            return this.#halt(failure.failure, failure.detail, retryAfterMs);
                }
            }
            await pause(clock, FEED_PAUSE_MS * 2 ** (attempt - 1), signal);
        }
    }
    #halt(failure, detail, retryAfterMs) {
        this.#stopped ??= { failure, detail, retryAfterMs };
        return null;
    }
    #stop(failure, detail) {
        this.#halt(failure, detail, null);
        return false;
    }
    #done(task) {
        this.#noteProgress(task, true);
        this.#tally = { ...this.#tally, chats: this.#tally.chats + 1 };
        return true;
    }
    #skip(task, failure) {
        const route = 'failure' in this.#parts.audience && failure === this.#parts.audience ? ROUTES.bot : ROUTES.messages;
        this.#miss('chats', failure.failure, this.#explain(route, failure), 1);
        this.#noteProgress(task, false);
        return true;
    }
    #noteProgress({ chatId, doneTo }, isDone) {
        this.#parts.notes.set(PROGRESS_PREFIX + chatId, { of: planName(this.#plan), doneTo: isDone ? 'all' : doneTo });
    }
    #miss(what, why, detail, count) {
        const key = `${what} ${why}`;
        const before = this.#unreachable.get(key);
        this.#unreachable.set(key, { what, why, detail: before?.detail ?? detail, count: (before?.count ?? 0) + count });
    }
    /** What was met on the way, and the chats that are still in the queue. */
    #unreached() {
        const waiting = this.#queue.length;
        if (this.#stopped !== null && waiting > 0)
            this.#miss('chats', this.#stopped.failure, this.#stopped.detail, waiting);
        return [...this.#unreachable.values()];
    }
    /** Names the scope, from the answer or else from the documentation. */
    #explain(route, { failure, detail, scopes, code }) {
        if (failure !== 'scope_missing')
            return detail;
        const named = code === GROUP_SCOPE_MISSING ? ['im:message.group_msg'] : scopes.length > 0 ? scopes : (SCOPES[route] ?? []);
        return `${route} needs one of the scopes ${named.join(', ')} (${detail})`;
    }
}
/** All messages of a group need a scope of their own; private chats are readable without it. */
const GROUP_SCOPE_MISSING = 230_027;
const NO_GROUPS = { takesBots: false, hearsGroups: false, botId: null };
/** Which plan progress belongs to: what another one read says nothing about this one's window. */
function planName({ gaps, from, to }) {
    return [...gaps, from, to].join(' ');
}
function doneToOf(progress, plan) {
    const { of, doneTo } = (progress ?? {});
    if (of !== planName(plan))
        return Number.NEGATIVE_INFINITY;
    return typeof doneTo === 'number' || doneTo === 'all' ? doneTo : Number.NEGATIVE_INFINITY;
}
