const SECOND = 1_000;
const HOUR = 3_600_000;
/** Draws the machine's troubles. */
export class Host {
    #clock;
    #dice;
    #meanMs;
    #actions;
    #timer = null;
    constructor(clock, meanMs, dice, actions) {
        this.#clock = clock;
        this.#meanMs = meanMs;
        this.#dice = dice;
        this.#actions = actions;
    }
    start() {
        this.#timer = this.#clock.timer(this.#dice.gapMs(this.#meanMs), () => {
            this.#strike();
            this.start();
        });
    }
    stop() {
        this.#timer?.cancel();
    }
    #strike() {
        const dice = this.#dice;
        switch (dice.pick(['sleep', 'step', 'restart', 'reconnect'])) {
            case 'sleep': {
                const ms = dice.magnitude(100, 8 * HOUR);
                this.#clock.sleep(ms);
                this.#actions.slept(ms);
                return;
            }
            case 'step': {
                const deltaMs = dice.magnitude(100, 24 * HOUR) * dice.pick([1, -1]);
                this.#clock.stepWall(deltaMs);
                this.#actions.stepped(deltaMs);
                return;
            }
            case 'restart':
                this.#actions.restart(dice.magnitude(1, 10 * SECOND), dice.magnitude(1, 2 * HOUR));
                return;
            case 'reconnect':
                this.#actions.reconnect();
        }
    }
}
