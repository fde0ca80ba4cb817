import { TimerHeap } from './timer-heap.js';
/** 2026-01-01T00:00:00Z: any fixed date will do, as long as a run can be repeated. */
const DEFAULT_WALL_START_MS = 1_767_225_600_000;
/**
 * Time that passes only when told to. Before the first and after every timer, all promise chains, `nextTick` and
 * `setImmediate` callbacks that are ready run to their end, so that an hour of a whole connector is a matter of
 * milliseconds and every run of a seed is the same run. What waits for real I/O is not waited for.
 */
export class VirtualClock {
    #now = 0;
    #wallOffsetMs;
    #isAdvancing = false;
    #timersPerTurn;
    #timers = new TimerHeap();
    constructor(options = {}) {
        this.#wallOffsetMs = options.wallStartMs ?? DEFAULT_WALL_START_MS;
        this.#timersPerTurn = options.timersPerTurn ?? 1;
    }
    /** Milliseconds since this clock was made; starts at 0. */
    now() {
        return this.#now;
    }
    wallNow() {
        return this.#now + this.#wallOffsetMs;
    }
    timer(delayMs, fire) {
        if (Number.isNaN(delayMs))
            throw new RangeError('delayMs must be a number, got NaN');
        const timer = this.#timers.add(this.#now + Math.max(0, delayMs), fire);
        return { cancel: () => this.#timers.cancel(timer) };
    }
    /** Timers that are set and not cancelled: a stopped component must leave none. */
    get pendingTimers() {
        return this.#timers.size;
    }
    /** When the earliest timer is due, on {@link now}'s scale, or null if there is none. */
    get nextTimerAt() {
        return this.#timers.nextDueAt();
    }
    /** Lets `ms` milliseconds pass. Rejects with whatever a timer throws. */
    advanceBy(ms) {
        return this.advanceTo(this.#now + ms);
    }
    /** Lets time pass until `nowMs`, timers due at that very moment included. */
    async advanceTo(nowMs) {
        if (!(nowMs >= this.#now))
            throw new RangeError(`time cannot go from ${this.#now} to ${nowMs}`);
        await this.#exclusively(async () => {
            await settled();
            while ((await this.#turn(nowMs, never)) === 'more')
                ;
            this.#now = Math.max(this.#now, nowMs);
        });
    }
    /**
     * Lets time pass until `predicate` holds; it is asked whenever something could have changed it.
     * @returns Whether it held. If not, `limitMs` milliseconds have passed.
     */
    async runUntil(predicate, limitMs) {
        const limitAt = this.#now + limitMs;
        return this.#exclusively(async () => {
            await settled();
            let turn;
            do
                turn = await this.#turn(limitAt, predicate);
            while (turn === 'more');
            if (turn === 'held')
                return true;
            this.#now = Math.max(this.#now, limitAt);
            return false;
        });
    }
    /** Moves the wall clock alone, as an administrator or NTP does. Timers and {@link now} do not notice. */
    stepWall(deltaMs) {
        this.#wallOffsetMs += deltaMs;
    }
    /**
     * The machine sleeps: `ms` milliseconds pass in which nothing fires. What came due meanwhile fires late, at the
     * next advance, and sees the time after waking up.
     */
    sleep(ms) {
        if (!(ms >= 0))
            throw new RangeError(`ms must be at least 0, got ${ms}`);
        this.#now += ms;
    }
    async #turn(limitAt, holds) {
        if (this.#timersPerTurn > 1)
            return this.#longTurn(limitAt, holds);
        if (holds())
            return 'held';
        if (!this.#fireNext(limitAt))
            return 'idle';
        await settled();
        return 'more';
    }
    /** Node runs all microtasks between two `setImmediate` callbacks of the same turn, without going round the event loop. */
    #longTurn(limitAt, holds) {
        return new Promise((resolve, reject) => {
            let turn = 'more';
            const fire = () => {
                if (turn !== 'more')
                    return;
                try {
                    if (holds())
                        turn = 'held';
                    else if (!this.#fireNext(limitAt))
                        turn = 'idle';
                }
                catch (error) {
                    turn = 'idle';
                    reject(error);
                }
            };
            for (let count = 0; count < this.#timersPerTurn; count++)
                setImmediate(fire);
            setImmediate(() => resolve(turn));
        });
    }
    #fireNext(limitAt) {
        const dueAt = this.#timers.nextDueAt();
        if (dueAt === null || dueAt > limitAt)
            return false;
        this.#now = Math.max(this.#now, dueAt);
        this.#timers.pop()?.();
        return true;
    }
    async #exclusively(advance) {
        if (this.#isAdvancing)
            throw new Error('this clock is already advancing: await the earlier call first');
        this.#isAdvancing = true;
        try {
            return await advance();
        }
        finally {
            this.#isAdvancing = false;
        }
    }
}
const never = () => false;
/**
 * Resolves when every ready promise chain has run. `setImmediate` comes after all microtasks and `nextTick` callbacks,
 * however long their chains, and costs under a microsecond: months of heartbeats stay affordable.
 */
function settled() {
    return new Promise((resolve) => {
        setImmediate(resolve);
    });
}
