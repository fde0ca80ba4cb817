import type { Timer } from '../ports/index.js';
import type { VirtualClock } from '../simulator/index.js';
import type { Dice } from './dice.js';

/** What befalls the machine and the process that the connector runs in. */
export interface HostActions {
  /** The machine slept for so long: nothing of ours ran. */
  slept(ms: number): void;
  /** Somebody set the wall clock by so much. */
  stepped(deltaMs: number): void;
  /** Somebody stops the connector, and starts it again later. */
  restart(drainMs: number, pauseMs: number): void;
  /** Somebody asks for a connection now. */
  reconnect(): void;
}

const SECOND = 1_000;
const HOUR = 3_600_000;

/** Draws the machine's troubles. */
export class Host {
  readonly #clock: VirtualClock;
  readonly #dice: Dice;
  readonly #meanMs: number;
  readonly #actions: HostActions;
  #timer: Timer | null = null;

  constructor(clock: VirtualClock, meanMs: number, dice: Dice, actions: HostActions) {
    this.#clock = clock;
    this.#meanMs = meanMs;
    this.#dice = dice;
    this.#actions = actions;
  }

  start(): void {
    this.#timer = this.#clock.timer(this.#dice.gapMs(this.#meanMs), () => {
      this.#strike();
      this.start();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #strike(): void {
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
