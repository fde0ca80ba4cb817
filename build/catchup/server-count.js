import { paceOf } from './budget.js';
import { CALL_FAILURES } from './failure.js';
import { ROUTES, readOnlineCount } from './history.js';
import { FIRST_VIEW, ghostsAt, needsConfirming, viewed } from './server-view.js';
/** While ghosts of ours are counted, they are watched this closely. */
const GHOST_VIEW_MS = 300_000;
const MAX_GHOSTS = 100;
/** The platform's own count of connections, asked for now and then, against ours. */
export class ServerCount {
    #parts;
    #view = FIRST_VIEW;
    /** When the next regular look is due, monotonic milliseconds; null: none is. */
    #dueAt = null;
    /** When connections of ours ended without a closing handshake, monotonic milliseconds. */
    #ghosts = [];
    #polledAt = Number.NEGATIVE_INFINITY;
    #isPolling = false;
    constructor(parts) {
        this.#parts = parts;
    }
    get view() {
        return this.#view;
    }
    get dueAt() {
        return this.#dueAt;
    }
    /** An earlier process left so many connections behind without a closing handshake. */
    inherit(ghosts) {
        const now = this.#parts.ground.clock.now();
        this.#ghosts = Array.from({ length: ghosts }, () => now);
    }
    /** Somebody is connected again. Later looks keep their pace, since a bot that is kicked every minute must not spend a call on each kick. */
    gained(now) {
        this.#view = { ...this.#view, below: 0, above: 0 };
        // The first look is due once the platform's count can be expected to have settled.
        if (this.#dueAt === null)
            this.#soon(now + this.#parts.policy.view.settleMs);
    }
    /** A connection of ours ended, and the platform was not told: it may count it still. */
    haunted(now) {
        const { ghostMs, settleMs } = this.#parts.policy.view;
        this.#ghosts = [...ghostsAt(this.#ghosts, now, ghostMs), now].slice(-MAX_GHOSTS);
        // Whether it haunts the platform's count; a bot that is reset every minute asks no more often for that.
        this.#soon(Math.max(now + settleMs, this.#polledAt + GHOST_VIEW_MS));
    }
    /** A new socket took over: what was counted before was counted of another one. */
    replaced() {
        this.#view = { ...this.#view, below: 0 };
    }
    forget() {
        this.#view = FIRST_VIEW;
        this.#dueAt = null;
    }
    /** The regular look, now that it is due. */
    look(now) {
        const { ground, policy, presence, api } = this.#parts;
        const settledAt = presence.changedAt + policy.view.settleMs;
        if (settledAt > now) {
            this.#dueAt = settledAt;
            return;
        }
        this.#dueAt = now + ground.jittered(policy.view.intervalMs * paceOf(api.level));
        ground.launch(async (signal) => {
            const seen = await this.poll(signal);
            if (seen === null || signal.aborted)
                return;
            this.#follow(seen);
            this.#parts.rescheduled();
        });
    }
    /** @returns The platform's count; null if there is none that could be compared with ours. */
    async poll(signal) {
        const { api, ground, policy, presence } = this.#parts;
        const { clock } = ground;
        const startedAt = clock.now();
        const isSettled = startedAt - presence.changedAt >= policy.view.settleMs;
        if (!policy.view.isEnabled || !isSettled || this.#isPolling)
            return null;
        this.#isPolling = true;
        this.#polledAt = startedAt;
        const answer = await api.call({ route: ROUTES.view, query: {}, purpose: 'view', signal }).finally(() => {
            this.#isPolling = false;
        });
        // Connections came or went meanwhile: the count is of another moment.
        if (signal.aborted || presence.changedAt > startedAt)
            return null;
        const seen = answer.ok ? readOnlineCount(answer.data) : null;
        const before = this.#view.verdict;
        const expectation = this.#expectation();
        this.#view = viewed(this.#view, seen, expectation, clock.now());
        if (seen === null) {
            this.#tellFailure(answer.ok ? NO_COUNT : answer.failure);
            return null;
        }
        const { verdict } = this.#view;
        const { ours, others } = expectation;
        if (this.#view.below === 0)
            presence.agreedWallAt = clock.wallNow();
        ground.tell({ type: 'server_view', seen, expected: ours + others, verdict, isChange: verdict !== before });
        this.#parts.judged(verdict);
        return seen;
    }
    /** What a regular look calls for. */
    #follow(seen) {
        const { ground, policy, presence, api } = this.#parts;
        const now = ground.clock.now();
        if (this.#view.below > 0) {
            // At every poll that says so, as long as it lasts; the ladder bounds what follows.
            const proof = this.#view.below === 1 ? 'count_below' : 'count_below_again';
            this.#parts.contradicted(proof, `the platform counts ${seen} connections, we hold ${presence.connections}`);
        }
        else if (this.#view.verdict === 'ghost') {
            this.#soon(now + ground.jittered(GHOST_VIEW_MS) * paceOf(api.level));
        }
        else if (needsConfirming(this.#view))
            this.#soon(now + policy.view.confirmMs);
    }
    #expectation() {
        const { ground, policy, presence } = this.#parts;
        const ghosts = ghostsAt(this.#ghosts, ground.clock.now(), policy.view.ghostMs).length;
        return { ours: presence.connections, others: policy.fleet.others, ghosts };
    }
    #tellFailure({ failure, detail }) {
        this.#parts.ground.tell({ type: 'view_failed', failure, verdict: CALL_FAILURES[failure].verdict, detail });
    }
    #soon(at) {
        this.#dueAt = Math.min(this.#dueAt ?? Number.POSITIVE_INFINITY, at);
    }
}
const NO_COUNT = {
    failure: 'bad_answer',
    code: null,
    detail: 'the answer has no online_instance_cnt',
    scopes: [],
};
