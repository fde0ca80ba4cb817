import type { ConnectorEvents } from '../../connector-events.js';
import { FAILURES, type FailureCode } from '../../connector-parts.js';
import type { Clock } from '../../ports/index.js';
import { type DemoFigures, eventFigures, type OutageFigures, secondsOf } from './figures.js';
import type { Narrator } from './narrator.js';
import type { Stage } from './stage.js';
import type { Watch } from './watch.js';

/** How long token and discovery hang, in milliseconds, if nobody watches. */
const HANG_MS = 7_000;
/** And how much longer after somebody was paged. */
const AFTER_PAGE_MS = 1_500;
/** How long the path of the frozen sockets stays dead: longer than the connector needs to notice. */
const FREEZE_MS = 4_500;
const QUIET_MS = 2_500;
/** A step of the story that takes longer than this has failed: the demo must end whatever happens. */
const LIMIT_MS = 20_000;
/** With Prometheus there is more to wait for: its evaluations, Alertmanager's groups, a longer ladder of redelivery. */
const WATCHED_LIMIT_MS = 40_000;

type Told = ConnectorEvents['report'];

/** Plays both chapters and reckons up. `signal` ends it early. With a watch, the outage lasts until it has paged. */
export async function playStory(
  stage: Stage,
  narrator: Narrator,
  clock: Clock,
  signal: AbortSignal,
  watch: Watch | null,
): Promise<DemoFigures> {
  const teller = new Teller(stage, narrator, clock, signal, watch);
  await teller.begin();
  await teller.outageOfTheNight();
  await teller.freeze();
  return teller.reckon();
}

class Teller {
  readonly #stage: Stage;
  readonly #narrator: Narrator;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #watch: Watch | null;
  readonly #limitMs: number;
  readonly #outages: OutageFigures[] = [];
  readonly #silence: () => void;
  #lastLoss: FailureCode | null = null;
  #readiness: string | null = null;
  #tokenFailures = 0;
  #reconnectAttempts = 0;

  constructor(stage: Stage, narrator: Narrator, clock: Clock, signal: AbortSignal, watch: Watch | null) {
    this.#stage = stage;
    this.#watch = watch;
    this.#limitMs = watch === null ? LIMIT_MS : WATCHED_LIMIT_MS;
    this.#narrator = narrator;
    this.#clock = clock;
    this.#signal = signal;
    this.#silence = stage.connector.on('report', (told) => this.#narrate(told));
  }

  async begin(): Promise<void> {
    this.#narrator.chapter('A bot and its platform');
    this.#narrator.say('fact', 'five messages a second are sent to the bot from now on, until the end');
    await this.#until(() => this.#isConnected(), 'the first connection');
    if (this.#watch !== null)
      this.#narrator.say('fact', 'FeishuWatchdog has arrived: what the rules say comes through Alertmanager');
    await this.#pause(QUIET_MS);
  }

  /** openclaw#68766: a token refresh times out, discovery too, the socket is cut; the bot was deaf for hours. */
  async outageOfTheNight(): Promise<void> {
    const { simulator } = this.#stage;
    this.#narrator.chapter('Chapter 1: the outage of openclaw#68766, where a client retried once and stayed deaf');
    const upstream = { backAt: 0 };
    const unsubscribe = simulator.platform.subscribe((notice) => {
      if (notice.type !== 'fault_ended' || notice.fault.fault !== 'discovery_hang') return;
      upstream.backAt = this.#clock.now();
      this.#narrator.say('fact', 'the platform answers again; from here on every second counts');
    });
    const isWatched = this.#watch !== null;
    const howLong = isWatched ? 'until somebody is paged' : `for ${HANG_MS / 1_000} s`;
    this.#narrator.say('harm', `the token endpoint and endpoint discovery hang ${howLong}; the socket is cut`);
    const lasting = isWatched ? {} : { forMs: HANG_MS };
    const faults = (['token_hang', 'discovery_hang'] as const).map((fault) => simulator.inject({ fault, ...lasting }));
    await Promise.all([
      this.#measure('token and discovery hang', upstream, () => simulator.inject({ fault: 'drop_socket' })),
      this.#endOncePaged(faults),
    ]);
    unsubscribe();
    await this.#settle();
    await this.#untilOver();
  }

  async #endOncePaged(faults: readonly string[]): Promise<void> {
    if (this.#watch === null) return;
    await this.#until(this.#watch.isPaging, 'the page');
    await this.#pause(AFTER_PAGE_MS);
    for (const id of faults) this.#stage.simulator.clear(id);
  }

  async #untilOver(): Promise<void> {
    const watch = this.#watch;
    if (watch === null) return;
    await this.#until(() => !watch.isPaging(), 'the end of the page');
  }

  /** Half-open: the socket stays up and says nothing. No close, no error, no log line anywhere but here. */
  async freeze(): Promise<void> {
    const { simulator } = this.#stage;
    this.#narrator.chapter('Chapter 2: the socket freezes, TCP stays up, and nobody says a word');
    this.#narrator.say('harm', 'every open socket is frozen in both directions; new ones would work');
    const upstream = { backAt: 0 };
    const unsubscribe = this.#stage.connector.on('state', ({ to }) => {
      // A new socket is let in at any time: from the suspicion on it is up to the connector.
      if (to === 'suspect') upstream.backAt = this.#clock.now();
    });
    await this.#measure('half-open freeze', upstream, () =>
      simulator.inject({ fault: 'half_open', sockets: 'existing', forMs: FREEZE_MS }),
    );
    unsubscribe();
    await this.#settle();
    if (this.#watch !== null && !this.#watch.isPaging())
      this.#narrator.say('fact', 'nobody was paged: the connector had helped itself before it mattered');
  }

  async reckon(): Promise<DemoFigures> {
    const { simulator, handledCounts } = this.#stage;
    this.#narrator.chapter('The reckoning');
    this.#stage.endTraffic();
    await this.#until(() => simulator.ledger.summary.pending === 0, 'the last ack', false);
    this.#silence();
    const events = eventFigures(simulator.ledger.events, handledCounts);
    return {
      isClean: events.lost === 0 && events.handledTwice === 0 && !this.#signal.aborted,
      durationS: secondsOf(this.#narrator.elapsedMs),
      outages: this.#outages,
      events,
      tokenRefreshFailures: this.#tokenFailures,
      reconnectAttempts: this.#reconnectAttempts,
      ...(this.#watch !== null && { alerts: this.#watch.alerts }),
    };
  }

  /** What the outage swallowed comes again by the platform's redelivery; the next harm waits for that. */
  async #settle(): Promise<void> {
    const { events } = this.#stage.simulator.ledger;
    const open = new Set(events.filter(({ state }) => state === 'pending').map(({ eventId }) => eventId));
    this.#narrator.say('fact', `${open.size} messages got no ack and wait for the platform's redelivery`);
    const stillOpen = () =>
      this.#stage.simulator.ledger.events.filter(({ eventId, state }) => open.has(eventId) && state === 'pending');
    await this.#until(() => stillOpen().length === 0, 'the redeliveries', false);
    const left = stillOpen().length;
    if (left === 0) this.#narrator.say('back', 'all of them were redelivered and handled');
    else this.#narrator.say('loss', `${left} of them did not come again`);
  }

  /** Does the harm, and follows the connector from noticing it to being back. */
  async #measure(title: string, upstream: { readonly backAt: number }, harm: () => void): Promise<void> {
    const { connector } = this.#stage;
    const harmedAt = this.#clock.now();
    const before = connector.status();
    const isDoubted = () => connector.status().connected.state !== 'connected';
    // By its word, not by looking: a suspect socket may be replaced between two looks.
    const noticed: { at: number | null } = { at: null };
    const unsubscribe = connector.on('state', ({ to }) => {
      if (to !== 'connected') noticed.at ??= this.#clock.now();
    });
    harm();
    await this.#until(() => noticed.at !== null, 'the connector noticing');
    unsubscribe();
    const noticedAt = noticed.at ?? this.#clock.now();
    await this.#tellReadiness();
    const isBack = () => !isDoubted() && connector.status().connected.connectionId !== before.connected.connectionId;
    await this.#until(isBack, 'the connector coming back');
    const backAt = this.#clock.now();
    await this.#tellReadiness();
    this.#outages.push({
      title,
      cause: this.#lastLoss ?? 'unknown',
      noticedAfterS: secondsOf(noticedAt - harmedAt),
      lastedS: secondsOf(backAt - noticedAt),
      attempts: connector.status().attempts.count - before.attempts.count,
      recoveredAfterUpstreamS: secondsOf(Math.max(0, backAt - upstream.backAt)),
    });
  }

  /** What a load balancer or an on-call engineer would have been told at this moment, asked over HTTP. */
  async #tellReadiness(): Promise<void> {
    const answer = await fetch(`${this.#stage.surface.url}/readyz`, { signal: AbortSignal.timeout(LIMIT_MS) });
    const { reason, apps } = (await answer.json()) as {
      reason: string;
      apps: readonly { state: string; evidence: string }[];
    };
    const [app] = apps;
    const said = `GET /readyz says ${answer.status}: ${reason}; ${app?.state}: ${app?.evidence}`;
    // A suspect socket may be replaced before the first question is answered: then the second hears nothing new.
    if (said !== this.#readiness) this.#narrator.say('fact', said);
    this.#readiness = said;
  }

  #narrate({ report }: Told): void {
    switch (report.type) {
      case 'connected':
        this.#narrator.say('back', `connected: the ping on attempt ${report.attempt}'s socket was answered`);
        break;
      case 'state_changed':
        if (report.to === 'suspect')
          this.#narrator.say(
            'loss',
            'suspect: a ping is overdue; it asks again, and opens a new socket before it lets go of this one',
          );
        break;
      case 'disconnected': {
        const { code } = report.failure;
        this.#lastLoss = code;
        if (code === 'replaced') this.#narrator.say('fact', 'the old socket is closed, now that the new one is proven');
        else this.#narrator.say('loss', `the connection is lost: ${explain(code)}`);
        break;
      }
      case 'attempt_started':
        if (report.isReconnect) this.#reconnectAttempts += 1;
        break;
      case 'attempt_failed':
        this.#narrator.say('fact', `attempt ${report.attempt} failed: ${report.failure.code}`);
        break;
      case 'waiting':
        this.#narrator.say('fact', `next attempt in ${secondsOf(report.retryInMs).toFixed(1)} s`);
        break;
      case 'refresh_failed':
        this.#tokenFailures += 1;
        this.#narrator.say('fact', `token refresh failed: ${report.failure}, ${tokenLeft(report.validForMs)}`);
        break;
      case 'refreshed':
        if (report.failuresBefore > 0)
          this.#narrator.say('back', 'the token is fresh again: evidence that an attempt is worth it now');
        break;
    }
  }

  #isConnected(): boolean {
    return this.#stage.connector.status().connected.is;
  }

  /** Waits for a condition. Gives up after a limit: with an error, or silently where the figures will tell. */
  async #until(isSo: () => boolean, what: string, isNeeded = true): Promise<void> {
    const limitAt = this.#clock.now() + this.#limitMs;
    while (!isSo()) {
      if (this.#signal.aborted) throw this.#signal.reason;
      if (this.#clock.now() > limitAt) {
        if (!isNeeded) return;
        throw new Error(
          `the demo waited ${this.#limitMs / 1_000} s in vain for ${what}; this should not happen, please report it`,
        );
      }
      await this.#pause(20);
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#signal.aborted) {
        reject(this.#signal.reason);
        return;
      }
      const abandon = (): void => {
        timer.cancel();
        reject(this.#signal.reason);
      };
      const timer = this.#clock.timer(ms, () => {
        this.#signal.removeEventListener('abort', abandon);
        resolve();
      });
      this.#signal.addEventListener('abort', abandon, { once: true });
    });
  }
}

function explain(code: FailureCode): string {
  return `${code}. ${FAILURES[code].help}`;
}

function tokenLeft(validForMs: number): string {
  return validForMs > 0
    ? `the old one serves for another ${secondsOf(validForMs).toFixed(1)} s`
    : 'there is no valid one left';
}
