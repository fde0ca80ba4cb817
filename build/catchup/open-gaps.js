import { hasEnded } from './gap.js';
/** How long the reading of a gap waits for the new socket that was asked for. */
const REPLACED_WITHIN_MS = 60_000;
/** The gaps that last still, one of a kind at most: nobody is connected, somebody is deaf, or an end was unclean. */
export class OpenGaps {
    #clock;
    #catchup;
    #outage = null;
    #aftermath = null;
    #deaf = null;
    /** When they end by themselves, monotonic milliseconds; null: not by themselves. */
    #aftermathEndsAt = null;
    #deafEndsAt = null;
    constructor(clock, catchup) {
        this.#clock = clock;
        this.#catchup = catchup;
    }
    /** When the next one ends by itself, monotonic milliseconds; null: none does. */
    get dueAt() {
        const dues = [this.#aftermathEndsAt, this.#deafEndsAt].filter((at) => at !== null);
        return dues.length === 0 ? null : Math.min(...dues);
    }
    get aftermathEndsAt() {
        return this.#aftermathEndsAt;
    }
    /**
     * The time without us is a gap, from the last proof on; one that an earlier process opened and did not end goes on.
     * @param provenWallAt Wall milliseconds of that proof; null: there never was one.
     */
    takeUp(provenWallAt) {
        const open = this.#catchup.gaps.filter((gap) => !hasEnded(gap));
        const lasting = open.find(({ cause }) => cause === 'outage' || cause === 'restart');
        const wallNow = this.#clock.wallNow();
        for (const gap of open)
            if (gap !== lasting)
                this.#catchup.end(gap.number, wallNow);
        if (lasting !== undefined)
            this.#outage = lasting.number;
        else if (provenWallAt !== null)
            this.#outage = this.#catchup.open('restart', provenWallAt);
    }
    /** Gaps that are still open are found by the next start. */
    forget() {
        this.#outage = this.#deaf = this.#aftermath = null;
        this.#deafEndsAt = this.#aftermathEndsAt = null;
    }
    openOutage(from) {
        this.#outage = this.#catchup.open('outage', from);
    }
    endOutage(to) {
        if (this.#outage !== null)
            this.#catchup.end(this.#outage, to);
        this.#outage = null;
    }
    /** @param endsAt When it ends by itself, monotonic milliseconds; null: when {@link endAftermath} is called. */
    openAftermath({ wallNow }, endsAt) {
        if (this.#aftermath !== null)
            return;
        this.#aftermath = this.#catchup.open('aftermath', wallNow);
        this.#aftermathEndsAt = endsAt;
    }
    endAftermath() {
        if (this.#aftermath === null)
            return;
        this.#catchup.end(this.#aftermath, this.#clock.wallNow());
        this.#aftermath = null;
        this.#aftermathEndsAt = null;
    }
    openDeaf(from) {
        if (this.#deaf !== null)
            return;
        this.#deaf = this.#catchup.open('deaf', from);
        this.#deafEndsAt = this.#clock.now() + REPLACED_WITHIN_MS;
    }
    endDeaf() {
        if (this.#deaf === null)
            return;
        this.#catchup.end(this.#deaf, this.#clock.wallNow());
        this.#deaf = null;
        this.#deafEndsAt = null;
    }
    tick(now) {
        if (this.#deafEndsAt !== null && this.#deafEndsAt <= now)
            this.endDeaf();
        if (this.#aftermathEndsAt !== null && this.#aftermathEndsAt <= now)
            this.endAftermath();
    }
}
