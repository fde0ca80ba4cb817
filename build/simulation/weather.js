import { drawFault } from './fault-deck.js';
/** How likely a storm takes its faults along when it goes; else they last as long as they were drawn for. */
const CLEARING = 0.7;
/** Calm and storms, in turns: whatever the platform and the network do to the connector, drawn from one seed. */
export class Weather {
    #platform;
    #profile;
    #dice;
    #timers = new Map();
    constructor(platform, profile, dice) {
        this.#platform = platform;
        this.#profile = profile;
        this.#dice = dice;
    }
    start() {
        this.#calm();
        if (this.#profile.kickMs !== null)
            this.#kickLater(this.#profile.kickMs);
    }
    stop() {
        for (const timer of this.#timers.values())
            timer.cancel();
        this.#timers.clear();
    }
    #calm() {
        this.#timers.get('fault')?.cancel();
        this.#later('turn', this.#dice.gapMs(this.#profile.calmMs), () => this.#storm());
    }
    #storm() {
        const [shortestMs, longestMs] = this.#profile.stormMs;
        this.#strike();
        this.#later('turn', this.#dice.magnitude(shortestMs, longestMs), () => {
            if (this.#dice.chance(CLEARING))
                this.#platform.clear();
            this.#calm();
        });
    }
    #strike() {
        const [first, ...others] = this.#profile.kinds;
        if (first !== undefined) {
            const kind = this.#dice.pick([first, ...others]);
            this.#platform.inject(drawFault(kind, this.#dice));
        }
        this.#later('fault', this.#dice.gapMs(this.#profile.gapMs), () => this.#strike());
    }
    #kickLater(meanMs) {
        this.#later('kick', this.#dice.gapMs(meanMs), () => {
            this.#platform.inject(this.#dice.chance(0.5) ? { fault: 'drop_socket' } : { fault: 'close_socket', code: 1000, reason: 'bye' });
            this.#kickLater(meanMs);
        });
    }
    #later(name, delayMs, act) {
        this.#timers.set(name, this.#platform.clock.timer(delayMs, act));
    }
}
