import { type Connection, newConnection, step, wakeAt } from '../../src/connection/connection.js';
import type { Effect } from '../../src/connection/effect.js';
import type { Failure, FailureCode } from '../../src/connection/failure.js';
import type { Input } from '../../src/connection/input.js';
import { type ConnectionPolicy, DEFAULT_CONNECTION_POLICY } from '../../src/connection/policy.js';
import type { ConnectionReport, Gateway } from '../../src/connection/report.js';
import type { World } from '../../src/connection/world.js';
import { DEFAULT_PACING, type Pacing, type Ticket } from '../../src/wire/index.js';

/** A policy whose waits are exactly their caps, so that a story can name them. */
export const STEADY_POLICY: ConnectionPolicy = {
  ...DEFAULT_CONNECTION_POLICY,
  backoff: { ...DEFAULT_CONNECTION_POLICY.backoff, jitter: 'none' },
  slowLane: { ...DEFAULT_CONNECTION_POLICY.slowLane, jitter: 'none' },
};

export const seconds = (count: number): number => count * 1_000;
export const minutes = (count: number): number => count * 60_000;

export const GATEWAY: Gateway = {
  origin: 'wss://gateway.invalid',
  address: 'gateway.invalid',
  port: 443,
  path: '/ws/v2',
  connectionId: 'c-1',
};

export function ticketOf(pacing: Pacing = DEFAULT_PACING): Ticket {
  return { url: 'wss://gateway.invalid/ws/v2?x=1', connectionId: 'c-1', service: 7, pacing };
}

export const start = (): Input => ({ type: 'start' });
export const stop = (): Input => ({ type: 'stop' });
export const tick = (): Input => ({ type: 'tick' });
export const ticket = (attempt: number, pacing?: Pacing): Input => ({
  type: 'ticket',
  attempt,
  ticket: ticketOf(pacing),
  gateway: GATEWAY,
});
export const opened = (attempt: number): Input => ({ type: 'opened', attempt });
export const heard = (attempt: number): Input => ({ type: 'heard', attempt });
export const pong = (attempt: number, pacing: Pacing | null = null): Input => ({
  type: 'pong',
  attempt,
  kind: 'protocol',
  pacing,
});
export const transportPong = (attempt: number): Input => ({ type: 'pong', attempt, kind: 'websocket', pacing: null });
export const failed = (attempt: number, code: FailureCode, closeCode: number | null = null): Input => {
  const failure: Failure = { code, detail: 'as told' };
  return { type: 'failed', attempt, failure, closeCode };
};

export interface Story {
  readonly connection: Connection;
  /** Every state entered, the first one included. */
  readonly states: readonly string[];
  readonly effects: readonly Effect[];
  readonly reports: readonly ConnectionReport[];
  /** Goes on from here. */
  and(...chapters: readonly Chapter[]): Story;
  /** Goes on with every tick that is due up to this moment, and one at it. */
  until(at: number): Story;
}

export type Chapter = readonly [at: number, input: Input];

/** Tells a Connection what happens when, and returns what became of it. The one draw is always 0.5. */
export function storyWith(policy: ConnectionPolicy, world: Partial<World> = {}) {
  const tell = (
    from: Connection,
    before: readonly Effect[],
    states: readonly string[],
    chapters: readonly Chapter[],
  ): Story => {
    let connection = from;
    const effects = [...before];
    const entered = [...states];
    for (const [now, input] of chapters) {
      const out = step(connection, input, { random: 0.5, ...world, now }, policy);
      if (out.next.state !== connection.state) entered.push(out.next.state);
      connection = out.next;
      effects.push(...out.effects);
    }
    const reports = effects.flatMap((effect) => (effect.do === 'report' ? [effect.report] : []));
    return {
      connection,
      states: entered,
      effects,
      reports,
      and: (...more) => tell(connection, effects, entered, more),
      until: (at) => {
        const due = wakeAt(connection, policy);
        const isLast = due === null || due > at;
        const next = tell(connection, effects, entered, [[isLast ? at : due, tick()]]);
        return isLast || due === at ? next : next.until(at);
      },
    };
  };
  const begin = (...chapters: readonly Chapter[]): Story => tell(newConnection(DEFAULT_PACING), [], ['idle'], chapters);
  /** A new story that begins with this Connection: for long ones, which need not remember every effect. */
  const from =
    (connection: Connection) =>
    (...chapters: readonly Chapter[]): Story =>
      tell(connection, [], [connection.state], chapters);
  return Object.assign(begin, { from });
}

export const story = storyWith(STEADY_POLICY);

/** The shortest way to `connected`: started at 0, connected at `at`. */
export function connectedAt(at: number, pacing?: Pacing): Chapter[] {
  return [
    [0, start()],
    [at, ticket(1, pacing)],
    [at, opened(1)],
    [at, pong(1)],
  ];
}
