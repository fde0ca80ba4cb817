import type { Timer } from '../ports/index.js';
import {
  cardActionEvent,
  customEvent,
  type LedgerEvent,
  messageEvent,
  type Platform,
  version1Event,
} from '../simulator/index.js';
import type { Dice } from './dice.js';

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
  readonly #platform: Platform;
  readonly #dice: Dice;
  readonly #meanGapMs: number;
  readonly #onSent: (event: LedgerEvent) => void;
  #timer: Timer | null = null;
  #count = 0;

  constructor(platform: Platform, eventsPerDay: number, dice: Dice, onSent: (event: LedgerEvent) => void) {
    this.#platform = platform;
    this.#dice = dice;
    this.#onSent = onSent;
    const wakingHours = 24 - NIGHT_ENDS_AT * (1 - NIGHT_SHARE);
    this.#meanGapMs = (wakingHours * HOUR * (1 + BURST_MAX)) / 2 / eventsPerDay;
  }

  start(): void {
    this.#gatherLater();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #gatherLater(): void {
    this.#later(this.#dice.gapMs(this.#meanGapMs), () => {
      if (this.#isNight() && !this.#dice.chance(NIGHT_SHARE)) this.#gatherLater();
      else this.#say(this.#dice.whole(1, BURST_MAX));
    });
  }

  #say(left: number): void {
    const text = `message ${++this.#count}`;
    const draft = this.#dice.chance(0.8)
      ? messageEvent({ text })
      : this.#dice.pick([
          () => cardActionEvent(),
          () => version1Event({ text }),
          () => customEvent(UNHANDLED_TYPE, { text }),
        ])();
    this.#onSent(this.#platform.send(draft));
    if (left > 1) this.#later(this.#dice.gapMs(BURST_PAUSE_MS), () => this.#say(left - 1));
    else this.#gatherLater();
  }

  #isNight(): boolean {
    return (this.#platform.clock.now() % (24 * HOUR)) / HOUR < NIGHT_ENDS_AT;
  }

  #later(delayMs: number, act: () => void): void {
    this.#timer = this.#platform.clock.timer(delayMs, act);
  }
}
