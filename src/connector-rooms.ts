import type { Client } from '@larksuiteoapi/node-sdk';
import { Lookout, type LookoutPolicy } from './catchup/index.js';
import { createDiscovery, TeamDriver } from './connection/index.js';
import { canaryOf, stopLookout, tellConnection } from './connector-catchup.js';
import { ConnectorContext, type ContextSource } from './connector-context.js';
import type { Destination } from './connector-destination.js';
import type { Listeners } from './connector-events.js';
import type { Facts } from './connector-facts.js';
import { journalUnusable } from './connector-journal.js';
import { type ConnectorOptions, checked, type ResolvedOptions } from './connector-options.js';
import type { Rim } from './connector-rim.js';
import { Siblings } from './connector-siblings.js';
import { TokenCalls } from './connector-token-calls.js';
import { Pipeline } from './delivery/index.js';
import { type Observer, type Spans, Supervisor } from './observe/index.js';
import type { Credentials, Store } from './ports/index.js';
import { fetchToken, TokenKeeper } from './token/index.js';

export interface RoomsParts {
  readonly options: Pick<ConnectorOptions, 'catchup'>;
  readonly resolved: ResolvedOptions;
  readonly credentials: Credentials;
  readonly destination: Destination;
  /** Null: nothing is looked at from outside. */
  readonly lookoutPolicy: LookoutPolicy | null;
  readonly rim: Rim;
  readonly spans: Spans;
  /** Whoever is told of every report, in this order. */
  readonly facts: Facts;
  readonly observer: Observer;
  readonly listeners: Listeners;
  readonly contextSource: ContextSource;
}

/**
 * The rooms of one app, wired to each other: what one of them finds out and another may act on goes by here, since they do
 * not know each other. They are opened, started and stopped together, in an order that loses nothing.
 */
export class Rooms {
  readonly team: TeamDriver;
  readonly keeper: TokenKeeper;
  readonly pipeline: Pipeline<Client>;
  /** Null if `catchup` is false. */
  readonly lookout: Lookout | null;
  readonly #parts: RoomsParts;
  readonly #siblings: Siblings;
  readonly #supervisor: Supervisor;
  /** The journal's, while it is open. */
  #store: Store | null = null;
  /** When handlers that still run are given up, in monotonic milliseconds; of the stop under way. */
  #drainEndsAt = 0;
  #isDraining = false;

  /** @throws ConnectorError `bad_option` for a canary that cannot be used. */
  constructor(parts: RoomsParts) {
    this.#parts = parts;
    const { rim, resolved, lookoutPolicy } = parts;
    this.#siblings = new Siblings(rim.seams.clock, resolved.baseUrl, () => this.team.offer('sibling_connected'));
    this.#supervisor = this.#newSupervisor();
    this.team = this.#newTeam();
    this.keeper = this.#newKeeper();
    this.pipeline = this.#newPipeline();
    this.lookout = lookoutPolicy && this.#newLookout(lookoutPolicy);
  }

  /**
   * Opens the journal, if there is one.
   * @throws ConnectorError `journal_unusable`.
   */
  async open(): Promise<void> {
    const { journal } = this.#parts.resolved;
    if (journal === null) return;
    try {
      await this.pipeline.open();
    } catch (error) {
      throw journalUnusable(error, journal);
    }
  }

  /** All of them run when this returns. What it returns is the start of the sink, if that has one. */
  start(): Promise<void> | undefined {
    const sink = this.#parts.destination.start();
    this.pipeline.start();
    this.#supervisor.start();
    this.#siblings.join();
    this.lookout?.start(this.#store);
    this.team.start();
    this.keeper.start();
    return sink;
  }

  /** @param sinkFailed Told why the sink did not stop cleanly. */
  async stop(drainMs: number, sinkFailed: (error: unknown) => void): Promise<void> {
    const { destination, rim } = this.#parts;
    const { clock } = rim.seams;
    this.#drainEndsAt = clock.now() + drainMs;
    // What is being fetched is not taken any more, and what was learned is written while the store is open.
    if (this.lookout !== null) await stopLookout(this.lookout, clock);
    // Then the handlers, while the socket that their acks belong to is still open.
    this.#isDraining = true;
    await this.pipeline.stop({ drainMs: Math.max(0, this.#drainEndsAt - clock.now()) });
    this.#isDraining = false;
    this.#store = null;
    this.#siblings.leave();
    // The sink goes after what it was sent, and must not hold up the close of the socket.
    await Promise.all([this.team.stop(), destination.stop(clock, sinkFailed)]);
    this.keeper.stop();
    this.#supervisor.stop();
  }

  /** Cuts a stop under way short, if handlers would have longer without. */
  hasten(drainMs: number): void {
    const drainEndsAt = this.#parts.rim.seams.clock.now() + drainMs;
    if (drainEndsAt >= this.#drainEndsAt) return;
    this.#drainEndsAt = drainEndsAt;
    // Its end is awaited by the stop.
    if (this.#isDraining) void this.pipeline.stop({ drainMs });
  }

  #newSupervisor(): Supervisor {
    const { rim, facts, observer } = this.#parts;
    return new Supervisor(rim.seams.clock, (report, moment) => {
      if (report.type === 'tick') facts.onTick(moment);
      // A machine that slept sees its wall clock leap: what was true of the network before says little now.
      else if (report.byMs > 0) this.#wakeUp();
      observer.onSupervisor(report, moment);
    });
  }

  #newTeam(): TeamDriver {
    const { resolved, credentials, rim, facts, observer, listeners } = this.#parts;
    const { appId, baseUrl } = resolved;
    const { clock, random, dial, http, reach, surroundings, refreshParts } = rim.seams;
    const discovery = createDiscovery({ http, probeHttp: rim.probeHttp, reach, baseUrl, appId, ...credentials });
    return new TeamDriver(
      {
        clock,
        random,
        dial,
        discover: discovery.discover,
        lookAt: discovery.lookAt,
        refreshParts,
        ...(surroundings && { outside: { surroundings, host: hostOf(baseUrl) } }),
        receive: (frame, session, at) => this.pipeline.receive(frame, session, at),
        report: (report, moment) => {
          facts.onConnection(report, moment);
          observer.onConnection(report, moment);
          listeners.tellReport({ room: 'connection', report }, moment);
          if (this.lookout !== null) tellConnection(this.lookout, report, moment, () => this.team.whole.proven);
          if (report.type !== 'connected') return;
          // The platform let us in: evidence for everybody who waits for it.
          this.#siblings.announce();
          this.keeper.nudge();
        },
      },
      resolved.connection,
      resolved.connections,
    );
  }

  #newKeeper(): TokenKeeper {
    const { resolved, credentials, rim, observer, listeners } = this.#parts;
    const { appId, baseUrl, oauthBaseUrl } = resolved;
    const { clock, random, http } = rim.seams;
    const endpoint = { http, baseUrl, appId, ...credentials, ...(oauthBaseUrl !== null && { oauthBaseUrl }) };
    const calls = new TokenCalls(clock, () => this.team.isAway && this.keeper.snapshot().waiting === 0);
    return new TokenKeeper({
      clock,
      random,
      policy: resolved.token,
      fetch: (signal) => calls.make(() => fetchToken(endpoint, signal)),
      report: (report, moment) => {
        observer.onToken(report, moment);
        listeners.tellReport({ room: 'token', report }, moment);
        // The platform answered: whatever the Connection waits out may be over as well.
        if (report.type === 'refreshed') this.team.offer('call_succeeded');
      },
    });
  }

  #newPipeline(): Pipeline<Client> {
    const { resolved, destination, rim, spans, facts, observer, listeners, contextSource } = this.#parts;
    const { clock, random, store } = rim.seams;
    return new Pipeline<Client>({
      clock,
      dispatcher: destination.dispatcher,
      policy: resolved.delivery,
      random,
      trace: spans.traceDelivery,
      traceparentOf: (eventId) => spans.traceparentOf(eventId),
      ...(resolved.journal && {
        journal: {
          open: async () => {
            this.#store = await store();
            return this.#store;
          },
          retentionMs: resolved.journal.retentionMs,
        },
      }),
      arrived: (event, at) => this.lookout?.arrived(event, at),
      taken: (event) => this.lookout?.taken(event),
      contextOf: (event, run) => new ConnectorContext(contextSource, event, run),
      report: (report, moment) => {
        facts.onDelivery(report, moment);
        observer.onDelivery(report, moment);
        listeners.tellReport({ room: 'delivery', report }, moment);
      },
    });
  }

  #newLookout(policy: LookoutPolicy): Lookout {
    const { options, resolved, destination, rim, facts, observer, listeners } = this.#parts;
    const { clock, random, http } = rim.seams;
    const canary = canaryOf(options.catchup);
    return checked(
      () =>
        new Lookout({
          clock,
          random,
          http,
          token: this.keeper,
          baseUrl: resolved.baseUrl,
          appId: resolved.appId,
          policy,
          feed: (envelope, source) => this.pipeline.feed(envelope, { source }),
          isKnown: (messageId) => this.pipeline.knows(`message:${messageId}`),
          advise: () => this.team.replace(),
          report: (report, moment) => {
            facts.onCatchup(report, moment);
            observer.onCatchup(report, moment);
            listeners.tellReport({ room: 'catchup', report }, moment);
          },
          handlesCallbacks: destination.dispatcher.handles('card.action.trigger'),
          ...(canary && { canary }),
        }),
    );
  }

  #wakeUp(): void {
    this.team.offer('woke_up');
    this.keeper.nudge();
    this.lookout?.wokeUp();
  }
}

/** As the resolver takes it: an IPv6 address without its brackets. */
function hostOf(baseUrl: string): string {
  return new URL(baseUrl).hostname.replace(/^\[|\]$/g, '');
}
