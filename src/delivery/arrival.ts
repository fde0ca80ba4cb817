import type { Moment } from '../ports/index.js';
import type { Frame } from '../wire/index.js';
import type { FeishuEvent } from './event.js';
import type { Session } from './session.js';

/** A message that has arrived whole. */
export interface Arrival {
  readonly at: Moment;
  readonly origin: Pushed | Fed;
}

/** By the platform, which waits for an ack. */
export interface Pushed {
  readonly by: 'platform';
  /** The frame that completed it, which the ack repeats. Its payload is let go: it may be large, or a view into a socket's buffer. */
  readonly frame: Frame;
  readonly session: Session;
}

/** By somebody of ours, who waits for a word. */
export interface Fed {
  readonly by: 'feed';
  readonly settle: (fate: Fate) => void;
}

/**
 * What became of an event that was fed. `taken`: nothing more is to be done for it. With a journal it is durable, without
 * one it was handled; or nobody handles its type, or it is too old by the policy, and that was told. `known`: it came
 * before. `refused`: not now, so feed it again later.
 */
export type Fate = 'taken' | 'known' | 'refused';

/** An event that has arrived whole. A class for the reason that `Change` is one: it waits for a commit, and the event with it. */
export class EventArrival implements Arrival {
  readonly at: Moment;
  readonly origin: Pushed | Fed;
  readonly event: FeishuEvent;
  readonly payloadBytes: number;
  /** What it is known by besides its id. */
  readonly contentKeys: readonly string[];

  constructor({ at, origin }: Arrival, event: FeishuEvent, payloadBytes: number, contentKeys: readonly string[]) {
    this.at = at;
    this.origin = origin;
    this.event = event;
    this.payloadBytes = payloadBytes;
    this.contentKeys = contentKeys;
  }
}

/** The connection's Attempt whose Session brought it; 0 if none did. */
export function attemptOf({ origin }: Arrival): number {
  return origin.by === 'platform' ? origin.session.attempt : 0;
}
