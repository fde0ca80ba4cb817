import { createNetwork, type Network, systemClock, systemSurroundings, withUserAgent } from './adapters/index.js';
import { openJournalStore } from './connector-journal.js';
import type { ResolvedOptions, Seams } from './connector-options.js';
import { type OnHttpCall, observeHttp, readBuild } from './observe/index.js';
import type { Clock, Http, Store, Surroundings } from './ports/index.js';

/**
 * The connector's way to the outside: the seams that were given and, for those that were left out, the real thing, over one
 * network of the connector's own.
 */
export class Rim {
  /** With every call over `http` observed. */
  readonly seams: Seams;
  /** The same, unobserved: for looks whether anybody answers, which are no calls. */
  readonly probeHttp: Http;
  readonly #network: Network;

  constructor(given: Partial<Seams>, resolved: ResolvedOptions, onHttp: OnHttpCall) {
    const network = createNetwork(resolved.network);
    const userAgent = [`feishu-connector/${readBuild().version}`, ...resolved.userAgentTags].join(' ');
    const clock = clockOf(given);
    this.#network = network;
    this.probeHttp = withUserAgent(given.http ?? network.http, userAgent);
    this.seams = {
      clock,
      random: given.random ?? Math.random,
      dial: given.dial ?? network.dial,
      http: observeHttp(this.probeHttp, onHttp, clock),
      // Another network than ours is not reached through ours.
      reach: given.reach ?? (given.http ? async () => true : network.reach),
      surroundings: surroundingsOf(given),
      refreshParts: given.refreshParts ?? (() => network.refresh()),
      store: given.store ?? (() => openStore(resolved)),
    };
  }

  /** For the official SDK's client. */
  get agents(): Network['agents'] {
    return this.#network.agents;
  }

  /** Lets go of what is open; it can be used again. */
  close(): Promise<void> {
    return this.#network.close();
  }
}

/** The one seam that is wanted before all others. */
export function clockOf({ clock = systemClock }: Partial<Seams>): Clock {
  return clock;
}

function surroundingsOf({ surroundings, http }: Partial<Seams>): Surroundings | null {
  if (surroundings !== undefined) return surroundings;
  return http === undefined ? systemSurroundings : null;
}

function openStore({ journal }: ResolvedOptions): Promise<Store> {
  return journal === null ? Promise.reject(new Error('there is no journal')) : openJournalStore(journal);
}
