import { type Clock, seededRandom } from '../ports/index.js';
import type { EventDraft, EventEnvelope } from './event.js';
import type { Fault } from './fault.js';
import type { Ledger, LedgerEvent } from './ledger.js';
import { Platform, type PlatformOptions } from './platform.js';
import { realClock } from './real-clock.js';
import { RealFace, type RealFaceOptions } from './real-face.js';

/** What a simulator is made of; all of it has a default. */
export interface SimulatorOptions extends Omit<PlatformOptions, 'clock' | 'random'>, RealFaceOptions {
  /** Seeds every choice of the platform: ids, routing, order of fragments. Default 1. */
  readonly seed?: number;
  /** Default: the machine's own. With a virtual clock use `inMemoryFace`: real sockets do not wait for it. */
  readonly clock?: Clock;
}

/** A local Feishu open platform that every official SDK can connect to, and that breaks on demand. */
export interface Simulator {
  readonly platform: Platform;
  readonly ledger: Ledger;
  /** Opens the port. The URL is what clients take as their domain. */
  start(): Promise<{ readonly url: string }>;
  /** Drops every client, frees the port, cancels every timer. It cannot be started again. */
  stop(): Promise<void>;
  /** See {@link Platform.send}. */
  send(event: EventDraft | EventEnvelope, options?: { readonly appId?: string }): LedgerEvent;
  /** See {@link Platform.inject}. */
  inject(fault: Fault): string;
  /** See {@link Platform.clear}. */
  clear(id?: string): number;
}

/**
 * Makes a Simulator; it does nothing before `start()`.
 * @throws RangeError for an option out of bounds, naming it.
 */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const { seed = 1, clock = realClock, port, host, ...rest } = options;
  const platform = new Platform({ ...rest, clock, random: seededRandom(seed) });
  const face = new RealFace(platform, {
    ...(port === undefined ? {} : { port }),
    ...(host === undefined ? {} : { host }),
  });
  return {
    platform,
    ledger: platform.ledger,
    start: () => face.start(),
    async stop() {
      platform.stop();
      await face.stop();
    },
    send: (event, target) => platform.send(event, target),
    inject: (fault) => platform.inject(fault),
    clear: (id) => platform.clear(id),
  };
}
