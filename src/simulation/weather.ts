import type { Timer } from '../ports/index.js';
import type { FaultKind, Platform } from '../simulator/index.js';
import type { Dice } from './dice.js';
import { drawFault } from './fault-deck.js';
import type { FaultProfile } from './profile.js';

/** How likely a storm takes its faults along when it goes; else they last as long as they were drawn for. */
const CLEARING = 0.7;

/** Calm and storms, in turns: whatever the platform and the network do to the connector, drawn from one seed. */
export class Weather {
  readonly #platform: Platform;
  readonly #profile: FaultProfile;
  readonly #dice: Dice;
  readonly #timers = new Map<'turn' | 'fault' | 'kick', Timer>();

  constructor(platform: Platform, profile: FaultProfile, dice: Dice) {
    this.#platform = platform;
    this.#profile = profile;
    this.#dice = dice;
  }

  start(): void {
    this.#calm();
    if (this.#profile.kickMs !== null) this.#kickLater(this.#profile.kickMs);
  }

  stop(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  #calm(): void {
    this.#timers.get('fault')?.cancel();
    this.#later('turn', this.#dice.gapMs(this.#profile.calmMs), () => this.#storm());
  }

  #storm(): void {
    const [shortestMs, longestMs] = this.#profile.stormMs;
    this.#strike();
    this.#later('turn', this.#dice.magnitude(shortestMs, longestMs), () => {
      if (this.#dice.chance(CLEARING)) this.#platform.clear();
      this.#calm();
    });
  }

  #strike(): void {
    const [first, ...others] = this.#profile.kinds;
    if (first !== undefined) {
      const kind = this.#dice.pick<FaultKind>([first, ...others]);
      this.#platform.inject(drawFault(kind, this.#dice));
    }
    this.#later('fault', this.#dice.gapMs(this.#profile.gapMs), () => this.#strike());
  }

  #kickLater(meanMs: number): void {
    this.#later('kick', this.#dice.gapMs(meanMs), () => {
      this.#platform.inject(
        this.#dice.chance(0.5) ? { fault: 'drop_socket' } : { fault: 'close_socket', code: 1000, reason: 'bye' },
      );
      this.#kickLater(meanMs);
    });
  }

  #later(name: 'turn' | 'fault' | 'kick', delayMs: number, act: () => void): void {
    this.#timers.set(name, this.#platform.clock.timer(delayMs, act));
  }
}
