import { cardActionEvent, customEvent, messageEvent, version1Event, } from '../simulator/index.js';
const HOUR = 3_600_000;
/** From midnight to seven a bot hears next to nothing. */
const NIGHT_SHARE = 0.05;
const NIGHT_ENDS_AT = 7;
/** A question is followed by others at once: people talk. */
const BURST_MAX = 8;
const BURST_PAUSE_MS = 4_000;
/** Nobody handles this type: it is acknowledged all the same. */
export const UNHANDLED_TYPE = 'contact.user.updated_v3';
/** The people who talk to the bot: bursts by day, quiet nights. */
export class Crowd {
    #platform;
    #dice;
    #meanGapMs;
    #onSent;
    #timer = null;
    #count = 0;
    constructor(platform, eventsPerDay, dice, onSent) {
        this.#platform = platform;
        this.#dice = dice;
        this.#onSent = onSent;
        const wakingHours = 24 - NIGHT_ENDS_AT * (1 - NIGHT_SHARE);
        this.#meanGapMs = (wakingHours * HOUR * (1 + BURST_MAX)) / 2 / eventsPerDay;
    }
    start() {
        this.#gatherLater();
    }
    stop() {
        this.#timer?.cancel();
    }
    #gatherLater() {
        this.#later(this.#dice.gapMs(this.#meanGapMs), () => {
            if (this.#isNight() && !this.#dice.chance(NIGHT_SHARE))
                this.#gatherLater();
            else
                this.#say(this.#dice.whole(1, BURST_MAX));
        });
    }
    #say(left) {
        const text = `message ${++this.#count}`;
        const draft = this.#dice.chance(0.8)
            ? messageEvent({ text })
            : this.#dice.pick([
                () => cardActionEvent(),
                () => version1Event({ text }),
                () => customEvent(UNHANDLED_TYPE, { text }),
            ])();
        this.#onSent(this.#platform.send(draft));
        if (left > 1)
            this.#later(this.#dice.gapMs(BURST_PAUSE_MS), () => this.#say(left - 1));
        else
            this.#gatherLater();
    }
    #isNight() {
        return (this.#platform.clock.now() % (24 * HOUR)) / HOUR < NIGHT_ENDS_AT;
    }
    #later(delayMs, act) {
        this.#timer = this.#platform.clock.timer(delayMs, act);
    }
}
