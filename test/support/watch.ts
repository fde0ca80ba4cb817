import type { State } from '../../src/connection/index.js';
import type { ConnectorReport } from '../../src/connector-events.js';
import type { Connector } from '../../src/index.js';
import type { Clock } from '../../src/ports/index.js';

/** What a Connection went through since it was watched. */
export interface Watch {
  /** Every state entered, in order, with the monotonic milliseconds of its entry. */
  readonly entered: readonly { readonly state: State; readonly at: number }[];
  /** When this state was entered last; NaN if never. */
  lastEntered(state: State): number;
  /** Milliseconds of each stretch without a connection that has ended. */
  gaps(): number[];
  /** How many reports of this type came from any room. */
  count(type: ConnectorReport['report']['type']): number;
}

/** Watches a connector from now on. */
export function watch(connector: Connector, clock: Pick<Clock, 'now'>): Watch {
  const entered: { state: State; at: number }[] = [];
  const counts = new Map<string, number>();
  connector.on('state', ({ to }) => entered.push({ state: to, at: clock.now() }));
  connector.on('report', ({ report: { type } }) => counts.set(type, (counts.get(type) ?? 0) + 1));
  return {
    entered,
    lastEntered: (state) => entered.findLast((each) => each.state === state)?.at ?? Number.NaN,
    count: (type) => counts.get(type) ?? 0,
    gaps: () => {
      const gaps: number[] = [];
      let lostAt: number | null = null;
      for (const { state, at } of entered) {
        if (state === 'connected' && lostAt !== null) gaps.push(at - lostAt);
        if (state === 'connected' || state === 'suspect') lostAt = null;
        else lostAt ??= at;
      }
      return gaps;
    },
  };
}
