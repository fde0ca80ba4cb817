import {
  type Clock,
  type Http,
  type Moment,
  momentOf,
  type Random,
  type ReportSink,
  type Store,
  type Timer,
} from '../ports/index.js';
import type { Envelope } from '../wire/index.js';
import { Api, limited, pause, type TokenPort } from './api.js';
import {
  type Baseline,
  heardAt,
  isSuspicious,
  learned,
  NO_BASELINE,
  NO_SILENCE,
  prolonged,
  readBaseline,
  type Silence,
  suspiciousInMs,
} from './baseline.js';
import { isCountedPath, paceOf, projectedOf, readBudget, usedOf } from './budget.js';
import {
  CANARIES_TO_PROVE,
  type Canary,
  type CanaryEvent,
  type CanarySchedule,
  checkCanarySchedule,
  type Flock,
  NO_FLOCK,
} from './canary.js';
import { Catchup } from './catchup.js';
import type { Feed } from './catchup-run.js';
import { type ConsoleAdvice, consoleAdvice } from './console-check.js';
import { Cursors } from './cursors.js';
import { CALL_FAILURES, type CallFailure } from './failure.js';
import { hasEnded } from './gap.js';
import { type Audience, isObject, ROUTES, readBotId, readMessages, readOnlineCount } from './history.js';
import { Notes } from './notes.js';
import type { LookoutPolicy } from './policy.js';
import { type ChatHistory, compare } from './reconcile.js';
import type {
  BudgetLevel,
  CatchupReport,
  GapCause,
  Proof,
  ReconcileVerdict,
  Suspicion,
  ViewVerdict,
} from './report.js';
import { Seen } from './seen.js';
import { type Expectation, FIRST_VIEW, ghostsAt, needsConfirming, type ServerView, viewed } from './server-view.js';
import { CALM, climbed, type Ladder, type LadderAction, type LadderInput, ladderWakeAt } from './suspicion.js';
import { EVENT_ID_PREFIX, MESSAGE_EVENT } from './synthetic.js';

/** What a {@link Lookout} is made of. */
export interface LookoutParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly http: Http;
  readonly token: TokenPort;
  readonly baseUrl: string;
  readonly appId: string;
  readonly policy: LookoutPolicy;
  readonly feed: Feed;
  /**
   * Whether delivery knows this message, by whatever way it came; under way counts. Left out: what this process has seen
   * is all there is.
   */
  readonly isKnown?: (messageId: string) => boolean;
  /** What follows from proofs. The Lookout itself touches no connection. */
  readonly advise: (advice: Advice) => void;
  readonly report: ReportSink<CatchupReport>;
  /** Whether somebody handles callbacks here. Default false. */
  readonly handlesCallbacks?: boolean;
  readonly canary?: { readonly canary: Canary; readonly schedule: CanarySchedule };
}

/** A new socket in place of the living one, proven before the old one closes: `ConnectionDriver.replace()`. */
export interface Advice {
  readonly do: 'replace';
  readonly proofs: readonly Proof[];
}

/** An event as the Lookout sees it. Any event of the delivery room fits. */
export interface SeenEvent extends CanaryEvent {
  /** `catchup` for what the Lookout itself has fed; anything else came by push. */
  readonly source?: string;
  /** Milliseconds since the epoch, or null. */
  readonly createTime: number | null;
  readonly tenantKey: string;
}

/** What is known from outside, as plain data. */
export interface LookoutSnapshot {
  readonly view: {
    readonly verdict: ViewVerdict;
    readonly seen: number | null;
    readonly expected: number | null;
    readonly ageMs: number | null;
  };
  readonly gaps: readonly {
    readonly number: number;
    readonly cause: GapCause;
    readonly from: number;
    readonly to: number | null;
  }[];
  readonly isCatchingUp: boolean;
  /** What is being looked into; null: nothing is suspected. */
  readonly suspicion: Suspicion | null;
  readonly lastComparison: { readonly verdict: ReconcileVerdict; readonly ageMs: number } | null;
  readonly budget: {
    readonly level: BudgetLevel;
    readonly used: number;
    readonly projected: number;
    readonly quota: number;
  };
  /** Events that our own pattern says should have come since the last one. */
  readonly missedEvents: number;
  readonly canaryMissed: number;
  readonly console: ConsoleAdvice | null;
}

const BEAT_MS = 60_000;
/** While ghosts of ours are counted, they are watched this closely. */
const GHOST_VIEW_MS = 300_000;
/** How long the reading of a gap waits for the new socket that was asked for. */
const REPLACED_WITHIN_MS = 60_000;
/** How much earlier than the first message that is proven to be missing the reading of a deaf time begins. */
const DEAF_MARGIN_MS = 3_600_000;
const MAX_EVENT_TYPES = 50;
const CALLBACKS: readonly string[] = ['card.action.trigger', 'url.preview.get'];
/** Ages of so many events tell how far the platform's clock is from ours. */
const AGES_KEPT = 20;

/**
 * The outside truth: what the platform counts, what its history has, what the app's own pattern says. It finds what we
 * were not given, tells it, and advises; decisions are those of the pure parts it carries.
 */
export class Lookout {
  readonly #parts: LookoutParts;
  readonly #policy: LookoutPolicy;
  readonly #notes: Notes;
  readonly #cursors: Cursors;
  readonly #api: Api;
  readonly #catchup: Catchup;
  readonly #canarySchedule: Required<CanarySchedule> | null;
  #view: ServerView = FIRST_VIEW;
  #ladder: Ladder = CALM;
  #baseline: Baseline = NO_BASELINE;
  #silence: Silence = NO_SILENCE;
  #flock: Flock = NO_FLOCK;
  /** Proven connections now, since when so many, and since when any. */
  #connections = 0;
  #changedAt = 0;
  #served: Moment | null = null;
  #heardWallAt: number | null = null;
  #arrivedWallAt: number | null = null;
  #agreedWallAt: number | null = null;
  #historyAgreedWallAt: number | null = null;
  #compared: { readonly verdict: ReconcileVerdict; readonly at: number } | null = null;
  #ghosts: readonly number[] = [];
  readonly #ages: number[] = [];
  #learnedAt = 0;
  #outageGap: number | null = null;
  #aftermathGap: number | null = null;
  #deafGap: number | null = null;
  /** Deadlines, monotonic milliseconds; null: none. */
  #viewAt: number | null = null;
  #reconcileAt: number | null = null;
  #canaryAt: number | null = null;
  #deafEndAt: number | null = null;
  #aftermathAt: number | null = null;
  #beatAt = 0;
  #botId: string | null = null;
  #hearsGroups = false;
  #tenantKey = '';
  #eventTypes = new Set<string>();
  #isFirstBoot = true;
  #isUncleanBoot = false;
  #polledAt = Number.NEGATIVE_INFINITY;
  #isPolling = false;
  #isComparing = false;
  #timer: Timer | null = null;
  #abort: AbortController | null = null;
  /** Events that came while a canary was being caused: it may be quicker than the answer that names it. Null: none is. */
  #recent: readonly { readonly event: SeenEvent; readonly at: number }[] | null = null;
  readonly #seen = new Seen();
  readonly #underWay = new Set<Promise<void>>();

  /** @throws RangeError for a canary's schedule out of bounds. */
  constructor(parts: LookoutParts) {
    this.#parts = parts;
    this.#policy = parts.policy;
    const { clock, random, http, token, baseUrl, appId, policy, report } = parts;
    this.#canarySchedule = parts.canary === undefined ? null : checkCanarySchedule(parts.canary.schedule);
    this.#notes = new Notes({ clock, intervalMs: policy.notesIntervalMs, report });
    this.#cursors = new Cursors(this.#notes);
    const budgetChanged = (budget: unknown) => this.#notes.set('budget', budget);
    this.#api = new Api({ clock, http, token, baseUrl, policy, report, budgetChanged });
    this.#catchup = new Catchup({
      clock,
      random,
      api: this.#api,
      notes: this.#notes,
      cursors: this.#cursors,
      feed: (envelope, source) => this.#feed(envelope, source),
      appId,
      tenantKey: () => this.#tenantKey,
      audience: (signal) => this.#audience('catchup', signal),
      eventTypes: () => [...this.#eventTypes],
      policy,
      report,
    });
  }

  /**
   * Takes up what earlier processes left, and begins to watch. Never waits for the platform.
   * @param store Where cursors, gaps, baseline and budget outlive the process, open until {@link stop} has resolved. Null:
   *   they do not.
   */
  start(store: Store | null): void {
    if (this.#abort !== null) return;
    this.#abort = new AbortController();
    this.#notes.open(store);
    const { now } = momentOf(this.#parts.clock);
    this.#restore();
    this.#learnedAt = now;
    this.#changedAt = now;
    this.#beatAt = now + BEAT_MS;
    this.#catchup.start();
    this.#openAtStart();
    this.#arm();
  }

  /** Ends every call and timer, and writes everything down. It can be started again. */
  async stop(): Promise<void> {
    if (this.#abort === null) return;
    this.#learn();
    this.#abort.abort();
    this.#abort = null;
    this.#timer?.cancel();
    this.#timer = null;
    await Promise.all([this.#catchup.stop(), ...this.#underWay]);
    this.#noteLife(true);
    this.#noteBaseline();
    this.#forgetSession();
    await this.#notes.close();
  }

  /** So many connections are proven now. Told at every change. */
  connections(count: number): void {
    if (this.#abort === null || count === this.#connections) return;
    const moment = momentOf(this.#parts.clock);
    this.#learn();
    const before = this.#connections;
    this.#connections = count;
    this.#changedAt = moment.now;
    if (before === 0) this.#gained(moment);
    else if (count === 0) this.#lostAll();
    this.#arm();
  }

  /** Something inbound proved a connection: a pong, a frame. */
  heard(): void {
    this.#heardWallAt = this.#parts.clock.wallNow();
  }

  /** A connection of ours ended; `isClean`: with a closing handshake, so that the platform knows. Told before {@link connections}. */
  ended({ isClean }: { readonly isClean: boolean }): void {
    const { now, wallNow } = momentOf(this.#parts.clock);
    if (this.#abort === null) return;
    if (isClean) {
      // A closing handshake came from the other end: until then it was there.
      this.#heardWallAt = wallNow;
      return;
    }
    this.#ghosts = [...ghostsAt(this.#ghosts, now, this.#policy.view.ghostMs), now].slice(-100);
    // Whether it haunts the platform's count; a bot that is reset every minute asks no more often for that.
    this.#viewSoon(Math.max(now + this.#policy.view.settleMs, this.#polledAt + GHOST_VIEW_MS));
    this.#arm();
  }

  /** The new socket that was advised has taken over. */
  replaced(): void {
    // What was counted before was counted of another one.
    this.#view = { ...this.#view, below: 0 };
    this.#changedAt = this.#parts.clock.now();
    this.#endDeaf();
    this.#arm();
  }

  /** An event came by push, a duplicate or not: proof that events flow. */
  arrived(event: SeenEvent): void {
    // What we fed ourselves proves nothing about the connection.
    if (event.source === 'catchup') return;
    const { now, wallNow } = momentOf(this.#parts.clock);
    this.#learn(1);
    this.#noteSeen(event, 'arrived');
    this.#silence = heardAt(now);
    this.#arrivedWallAt = wallNow;
    this.#climb({ type: 'event' });
    if (event.createTime !== null) {
      this.#ages.push(wallNow - event.createTime);
      if (this.#ages.length > AGES_KEPT) this.#ages.shift();
    }
    if (event.tenantKey !== '') this.#tenantKey = event.tenantKey;
    this.#noteType(event);
    this.#seeCanary(event, now);
    // Not armed anew: an event puts off what is due, so the timer that is set wakes too early at worst.
  }

  /** An event is safe: journaled, or handled where there is no journal. Its chat's cursor moves. */
  taken(event: SeenEvent): void {
    const message = event.type === MESSAGE_EVENT && isObject(event.data.message) ? event.data.message : null;
    if (message === null) return;
    const { message_id, chat_id, chat_type, create_time, mentions } = message;
    const createTime = Number(create_time);
    this.#noteSeen(event, 'taken');
    if (typeof message_id !== 'string' || typeof chat_id !== 'string' || !Number.isFinite(createTime)) return;
    // Topics are groups as well, whatever they are called.
    const chatType = chat_type === 'p2p' ? 'p2p' : 'group';
    const isMentioning = Array.isArray(mentions) && mentions.length > 0;
    if (chatType === 'group' && !isMentioning && !this.#hearsGroups && !event.id.startsWith(EVENT_ID_PREFIX)) {
      this.#hearsGroups = true;
      this.#notes.set('hears_groups', true);
    }
    // A new chat is written at once: a private one could be found in no list after a crash.
    const isNew = this.#cursors.move({ chatId: chat_id, chatType, messageId: message_id, createTime });
    if (isNew) this.#track(this.#notes.flush());
  }

  /** The machine slept, or the process froze: whatever was true before may not be. */
  wokeUp(): void {
    if (this.#connections > 0) this.#suspect('woke_up', null, 'the machine slept, or the process was frozen');
  }

  /** Somebody wants to know now. */
  lookNow(): void {
    if (this.#connections > 0) this.#suspect('operator', null, 'asked for');
  }

  /** Somebody wants this time to be caught up, wall milliseconds. @returns The gap's number. */
  catchUp(from: number, to: number): number {
    const number = this.#catchup.open('operator', from);
    this.#catchup.end(number, to);
    return number;
  }

  /** A call that was made elsewhere with the app's token, so that the budget knows. `path` without query, ids replaced. */
  countCall(path: string): void {
    if (isCountedPath(path)) this.#api.count(path);
  }

  snapshot(): LookoutSnapshot {
    const { now, wallNow } = momentOf(this.#parts.clock);
    const { verdict, last } = this.#view;
    const { budget } = this.#api;
    return {
      view: {
        verdict,
        seen: last?.seen ?? null,
        expected: last?.expected ?? null,
        ageMs: last === null ? null : now - last.at,
      },
      gaps: this.#catchup.gaps,
      isCatchingUp: this.#catchup.isRunning,
      suspicion: this.#ladder.look?.suspicion ?? null,
      lastComparison: this.#compared && { verdict: this.#compared.verdict, ageMs: now - this.#compared.at },
      budget: {
        level: this.#api.level,
        used: usedOf(budget, wallNow),
        projected: projectedOf(budget, wallNow),
        quota: this.#policy.budget.monthlyQuota,
      },
      missedEvents: this.#silence.missed,
      canaryMissed: this.#flock.missed,
      console: consoleAdvice({
        connectedForMs: this.#served === null ? null : now - this.#served.now,
        hasEverReceived: this.#eventTypes.size > 0,
        hasEverReceivedCallback: CALLBACKS.some((type) => this.#eventTypes.has(type)),
        isFirstBoot: this.#isFirstBoot,
        handlesCallbacks: this.#parts.handlesCallbacks ?? false,
      }),
    };
  }

  // Life: connections, gaps, what is kept.

  #restore(): void {
    const one = (key: string): unknown => this.#notes.read(key).get('');
    const budget = readBudget(one('budget'));
    if (budget !== null) this.#api.restore(budget);
    this.#baseline = readBaseline(one('baseline')) ?? this.#baseline;
    this.#hearsGroups = one('hears_groups') === true || this.#hearsGroups;
    const botId = one('bot');
    if (typeof botId === 'string') this.#botId = botId;
    const tenantKey = one('tenant');
    if (typeof tenantKey === 'string') this.#tenantKey = tenantKey;
    const types = one('types');
    if (Array.isArray(types)) this.#eventTypes = new Set(types.filter((type) => typeof type === 'string'));
    const life = readLife(one('life'));
    this.#isFirstBoot = life === null;
    this.#heardWallAt = life?.provenWallAt ?? null;
    this.#isUncleanBoot = life !== null && !life.isClean;
    if (this.#isUncleanBoot)
      this.#ghosts = Array.from({ length: life?.connections ?? 0 }, () => this.#parts.clock.now());
    this.#cursors.restore();
    this.#catchup.restore();
  }

  /** The time without us is a gap, from the last proof on; one that an earlier process opened and did not end goes on. */
  #openAtStart(): void {
    const open = this.#catchup.gaps.filter((gap) => !hasEnded(gap));
    const lasting = open.find(({ cause }) => cause === 'outage' || cause === 'restart');
    const wallNow = this.#parts.clock.wallNow();
    for (const gap of open) if (gap !== lasting) this.#catchup.end(gap.number, wallNow);
    if (lasting !== undefined) this.#outageGap = lasting.number;
    else if (this.#heardWallAt !== null) this.#outageGap = this.#catchup.open('restart', this.#heardWallAt);
  }

  /** Gaps that are still open are found by the next start. */
  #forgetSession(): void {
    this.#connections = 0;
    this.#served = null;
    this.#outageGap = this.#deafGap = this.#aftermathGap = null;
    this.#viewAt = this.#reconcileAt = this.#canaryAt = this.#deafEndAt = this.#aftermathAt = null;
    this.#view = FIRST_VIEW;
    this.#ladder = { ...this.#ladder, look: null };
    this.#flock = NO_FLOCK;
  }

  #gained(moment: Moment): void {
    this.#served = moment;
    this.#heardWallAt = moment.wallNow;
    this.#view = { ...this.#view, below: 0, above: 0 };
    // What was expected while nobody was connected is the outage's business. Where a pattern is known, a process that has
    // not heard anything yet is silent from its first connection on.
    const isLearned = this.#silence.since === null && this.#baseline.hours.some((rate) => rate !== null);
    this.#silence = isLearned ? heardAt(moment.now) : { ...this.#silence, countedTo: moment.now };
    if (this.#outageGap !== null) this.#catchup.end(this.#outageGap, moment.wallNow);
    this.#outageGap = null;
    if (this.#isUncleanBoot) {
      this.#isUncleanBoot = false;
      this.#openAftermath(moment, moment.now + this.#policy.catchup.aftermathMs);
    }
    this.#noteLife(false);
    // The first look is due once the platform's count can be expected to have settled; later ones keep their pace, since
    // a bot that is kicked every minute must not spend a call on each kick.
    if (this.#viewAt === null) this.#viewSoon(moment.now + this.#policy.view.settleMs);
    const { everyMs } = this.#policy.reconcile;
    if (everyMs !== null && this.#reconcileAt === null) this.#reconcileAt = moment.now + this.#jittered(everyMs);
    if (this.#canarySchedule !== null) this.#canaryAt = moment.now + this.#policy.view.settleMs;
  }

  #lostAll(): void {
    this.#served = null;
    this.#flock = { ...this.#flock, out: null };
    this.#canaryAt = null;
    this.#climb({ type: 'disconnected' });
    this.#endDeaf();
    // From the last proof, not from when we noticed: a half-open socket swallows what comes in between.
    this.#outageGap = this.#catchup.open('outage', this.#heardWallAt ?? this.#parts.clock.wallNow());
    this.#noteLife(false);
  }

  #openAftermath(moment: Moment, endsAt: number | null): void {
    if (this.#aftermathGap !== null) return;
    this.#aftermathGap = this.#catchup.open('aftermath', moment.wallNow);
    this.#aftermathAt = endsAt;
  }

  #endAftermath(): void {
    if (this.#aftermathGap === null) return;
    this.#catchup.end(this.#aftermathGap, this.#parts.clock.wallNow());
    this.#aftermathGap = null;
    this.#aftermathAt = null;
  }

  #openDeaf(from: number, now: number): void {
    if (this.#deafGap !== null) return;
    this.#deafGap = this.#catchup.open('deaf', from);
    this.#deafEndAt = now + REPLACED_WITHIN_MS;
  }

  #endDeaf(): void {
    if (this.#deafGap === null) return;
    this.#catchup.end(this.#deafGap, this.#parts.clock.wallNow());
    this.#deafGap = null;
    this.#deafEndAt = null;
  }

  #noteLife(isClean: boolean): void {
    this.#notes.set('life', { provenWallAt: this.#heardWallAt, isClean, connections: this.#connections });
  }

  /** What is safe already is not handed over again, even where delivery knows messages by their events' ids alone. */
  async #feed(envelope: Envelope, source: 'catchup'): Promise<'taken' | 'known' | 'refused'> {
    const messageId = messageIdOf(envelope);
    if (messageId !== null && this.#seen.isTaken(messageId)) return 'known';
    const outcome = await this.#parts.feed(envelope, source);
    if (messageId !== null && outcome !== 'refused') this.#seen.note(messageId, 'taken');
    return outcome;
  }

  #noteSeen(event: Pick<SeenEvent, 'type' | 'data'>, stage: 'arrived' | 'taken'): void {
    const messageId = messageIdOf(event);
    if (messageId !== null) this.#seen.note(messageId, stage);
  }

  #noteType({ type }: SeenEvent): void {
    if (this.#eventTypes.has(type) || this.#eventTypes.size >= MAX_EVENT_TYPES) return;
    this.#eventTypes.add(type);
    this.#notes.set('types', [...this.#eventTypes]);
    this.#notes.set('tenant', this.#tenantKey);
  }

  // Time: one timer for everything.

  #arm(): void {
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#abort === null) return;
    const { clock } = this.#parts;
    const now = clock.now();
    const dues = [
      this.#beatAt,
      this.#deafEndAt,
      this.#aftermathAt,
      ladderWakeAt(this.#ladder),
      this.#silenceDueAt(now),
    ];
    if (this.#connections > 0) dues.push(this.#viewAt, this.#reconcileAt, this.#canaryAt);
    const at = Math.min(...dues.filter((due) => due !== null));
    this.#timer = clock.timer(Math.max(0, at - now), () => {
      this.#timer = null;
      this.#tick();
      this.#arm();
    });
  }

  #silenceDueAt(now: number): number | null {
    const { baseline } = this.#policy;
    if (!baseline.isEnabled || this.#connections === 0) return null;
    const inMs = suspiciousInMs(this.#silence, this.#baseline, baseline, { now, wallNow: this.#parts.clock.wallNow() });
    // Beyond the next beat that will ask again.
    return inMs === null || now + inMs > this.#beatAt ? null : now + inMs;
  }

  #tick(): void {
    const now = this.#parts.clock.now();
    const isDue = (at: number | null): boolean => at !== null && at <= now;
    if (now >= this.#beatAt) {
      this.#beatAt = now + BEAT_MS;
      if (this.#connections > 0) this.#noteLife(false);
    }
    this.#learn();
    const { baseline } = this.#policy;
    if (baseline.isEnabled && this.#connections > 0 && isSuspicious(this.#silence, baseline, now)) {
      this.#silence = { ...this.#silence, isActedOn: true };
      this.#suspect(
        'silence',
        'silence',
        `about ${Math.round(this.#silence.missed)} events were expected since the last one`,
      );
    }
    if (isDue(this.#deafEndAt)) this.#endDeaf();
    if (isDue(this.#aftermathAt)) this.#endAftermath();
    if (isDue(ladderWakeAt(this.#ladder))) this.#climb({ type: 'tick' });
    if (this.#connections === 0) return;
    if (isDue(this.#viewAt)) this.#regularView(now);
    if (isDue(this.#reconcileAt)) this.#regularReconcile(now);
    if (isDue(this.#canaryAt)) this.#canary(now);
  }

  /** Tells the baseline and the silence of the time since last told. */
  #learn(events = 0): void {
    const { now, wallNow } = momentOf(this.#parts.clock);
    const elapsedMs = now - this.#learnedAt;
    this.#learnedAt = now;
    const isServed = this.#connections > 0;
    // A silence that is being looked into teaches nothing: it would make deafness the pattern.
    const taughtMs = isServed && !this.#silence.isActedOn ? elapsedMs : 0;
    const { hours } = this.#baseline;
    this.#baseline = learned(this.#baseline, this.#policy.baseline, { events, elapsedMs: taughtMs, wallNow });
    if (this.#baseline.hours !== hours) this.#noteBaseline();
    // An event ends the silence, however long it was.
    if (events === 0) this.#silence = prolonged(this.#silence, this.#baseline, { now, wallNow, isServed });
  }

  #noteBaseline(): void {
    this.#notes.set('baseline', { hours: this.#baseline.hours });
  }

  #jittered(ms: number): number {
    return ms * (1 + 0.2 * this.#parts.random());
  }

  // The ladder from a suspicion to advice.

  #suspect(suspicion: Suspicion, proof: Proof | null, detail: string): void {
    this.#tell({ type: 'suspected', suspicion, detail });
    this.#climb({ type: 'suspect', suspicion, proof });
    this.#arm();
  }

  #climb(input: LadderInput): void {
    const { next, actions } = climbed(this.#ladder, input, this.#policy.replace, this.#parts.clock.now());
    this.#ladder = next;
    for (const action of actions) this.#perform(action);
  }

  #perform(action: LadderAction): void {
    switch (action.do) {
      case 'look':
        this.#launch((signal) => this.#look(action.suspicion, action.isConfirming, signal));
        break;
      case 'replace':
        this.#replace(action.proofs);
        break;
      case 'clear':
        this.#tell({ type: 'cleared', suspicion: action.suspicion });
        break;
      case 'judge':
        this.#tell({ type: 'replace_judged', isEffective: action.isEffective });
        break;
    }
  }

  #replace(proofs: readonly Proof[]): void {
    const { now, wallNow } = momentOf(this.#parts.clock);
    // Since the last thing that spoke for the connection, whatever came was perhaps not given to us.
    const trusted = [this.#arrivedWallAt, this.#agreedWallAt, this.#served?.wallNow ?? null].filter(
      (at) => at !== null,
    );
    this.#openDeaf(trusted.length === 0 ? wallNow : Math.max(...trusted), now);
    this.#tell({ type: 'replace_advised', proofs, detail: `proven by ${proofs.join(' and ')}` });
    this.#parts.advise({ do: 'replace', proofs });
  }

  async #look(suspicion: Suspicion, isConfirming: boolean, signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    if (isConfirming) await pause(clock, this.#policy.view.confirmMs, signal);
    if (signal.aborted) return;
    // First the count: if somebody else is connected, that explains what history has and we have not.
    const seen = await this.#poll(signal);
    if (signal.aborted) return;
    this.#climb({ type: 'viewed', isBelow: seen === null ? null : this.#view.below > 0 });
    if (this.#ladder.look !== null) await this.#reconcile(suspicion, signal);
    this.#arm();
  }

  // The platform's count.

  #viewSoon(at: number): void {
    this.#viewAt = Math.min(this.#viewAt ?? Number.POSITIVE_INFINITY, at);
  }

  #regularView(now: number): void {
    const settledAt = this.#changedAt + this.#policy.view.settleMs;
    if (settledAt > now) {
      this.#viewAt = settledAt;
      return;
    }
    this.#viewAt = now + this.#jittered(this.#policy.view.intervalMs * paceOf(this.#api.level));
    this.#launch(async (signal) => {
      const seen = await this.#poll(signal);
      if (seen === null || signal.aborted) return;
      const again = this.#parts.clock.now();
      if (this.#view.below > 0) {
        // At every poll that says so, as long as it lasts; the ladder bounds what follows.
        const proof: Proof = this.#view.below === 1 ? 'count_below' : 'count_below_again';
        this.#suspect('server_view', proof, `the platform counts ${seen} connections, we hold ${this.#connections}`);
      } else if (this.#view.verdict === 'ghost')
        this.#viewSoon(again + this.#jittered(GHOST_VIEW_MS) * paceOf(this.#api.level));
      else if (needsConfirming(this.#view)) this.#viewSoon(again + this.#policy.view.confirmMs);
      this.#arm();
    });
  }

  /** @returns The platform's count; null if there is none that could be compared with ours. */
  async #poll(signal: AbortSignal): Promise<number | null> {
    const { clock } = this.#parts;
    const startedAt = clock.now();
    const isSettled = startedAt - this.#changedAt >= this.#policy.view.settleMs;
    if (!this.#policy.view.isEnabled || !isSettled || this.#isPolling) return null;
    this.#isPolling = true;
    this.#polledAt = startedAt;
    const answer = await this.#api.call({ route: ROUTES.view, query: {}, purpose: 'view', signal }).finally(() => {
      this.#isPolling = false;
    });
    // Connections came or went meanwhile: the count is of another moment.
    if (signal.aborted || this.#changedAt > startedAt) return null;
    const seen = answer.ok ? readOnlineCount(answer.data) : null;
    const before = this.#view.verdict;
    this.#view = viewed(this.#view, seen, this.#expectation(), clock.now());
    if (seen === null) {
      const failure: CallFailure = answer.ok
        ? { failure: 'bad_answer', code: null, detail: 'the answer has no online_instance_cnt', scopes: [] }
        : answer.failure;
      const { verdict } = CALL_FAILURES[failure.failure];
      this.#tell({ type: 'view_failed', failure: failure.failure, verdict, detail: failure.detail });
      return null;
    }
    const { verdict } = this.#view;
    const { ours, others } = this.#expectation();
    if (this.#view.below === 0) this.#agreedWallAt = clock.wallNow();
    this.#tell({ type: 'server_view', seen, expected: ours + others, verdict, isChange: verdict !== before });
    this.#followGhosts(verdict);
    return seen;
  }

  #expectation(): Expectation {
    const ghosts = ghostsAt(this.#ghosts, this.#parts.clock.now(), this.#policy.view.ghostMs).length;
    return { ours: this.#connections, others: this.#policy.fleet.others, ghosts };
  }

  /** While the platform counts dead connections of ours it gives them a share of the events (F08). */
  #followGhosts(verdict: ViewVerdict): void {
    if (verdict === 'ghost' && this.#served !== null) this.#openAftermath(this.#served, this.#aftermathAt);
    else if (verdict !== 'unknown' && this.#aftermathAt === null) this.#endAftermath();
  }

  // History.

  #regularReconcile(now: number): void {
    const { everyMs } = this.#policy.reconcile;
    this.#reconcileAt = everyMs === null ? null : now + this.#jittered(everyMs * paceOf(this.#api.level));
    if (this.#ladder.look === null) this.#launch((signal) => this.#reconcile('schedule', signal));
  }

  async #reconcile(trigger: Suspicion, signal: AbortSignal): Promise<void> {
    if (this.#isComparing) return;
    this.#isComparing = true;
    const { histories, detail } = await this.#histories(trigger, signal).finally(() => {
      this.#isComparing = false;
    });
    if (signal.aborted) return;
    const { now, wallNow } = momentOf(this.#parts.clock);
    const { graceMs } = this.#policy.reconcile;
    // Events' ages tell how far the platform's clock is behind ours; without any, the grace is doubled instead.
    const behindMs = this.#ages.length === 0 ? graceMs : Math.min(...this.#ages);
    const since = (this.#served?.wallNow ?? wallNow) - behindMs + this.#policy.catchup.overlapMs;
    const audience: Audience = {
      takesBots: this.#policy.catchup.takesBots,
      hearsGroups: this.#hears(),
      botId: this.#botId,
    };
    const { isKnown } = this.#parts;
    const isHere = (messageId: string): boolean => this.#seen.has(messageId) || isKnown?.(messageId) === true;
    const { verdict, compared, missing } = compare(histories, isHere, audience, this.#policy.reconcile, {
      wallNow: wallNow - behindMs,
      since,
    });
    // What an open gap covers is missing for a known reason, and is being fetched.
    const news = missing.filter(({ createTime }) => !this.#isInGap(createTime));
    const said: ReconcileVerdict = verdict === 'deaf' && news.length === 0 ? 'agrees' : verdict;
    this.#compared = { verdict: said, at: now };
    if (said === 'agrees') this.#historyAgreedWallAt = wallNow;
    this.#tell({
      type: 'reconciled',
      trigger,
      verdict: said,
      chats: histories.filter(({ messages }) => messages !== null).length,
      compared,
      missing: news.length,
      detail,
    });
    if (said === 'deaf') {
      const missed = news.map(({ createTime }) => createTime);
      this.#openDeaf(this.#deafSince(Math.min(...missed)), now);
    }
    this.#climb({
      type: 'compared',
      verdict: said,
      isExplained: this.#view.above > 0 && this.#view.verdict !== 'ghost',
    });
    this.#arm();
  }

  #isInGap(createTime: number): boolean {
    const { overlapMs } = this.#policy.catchup;
    return this.#catchup.gaps.some(
      ({ from, to }) => createTime >= from - overlapMs && createTime <= (to ?? Number.POSITIVE_INFINITY) + overlapMs,
    );
  }

  /** The recent history of the most active chats. */
  async #histories(trigger: Suspicion, signal: AbortSignal): Promise<{ histories: ChatHistory[]; detail: string }> {
    const { fleet, reconcile } = this.#policy;
    if (!reconcile.isEnabled) return { histories: [], detail: 'comparisons are switched off' };
    if (fleet.others > 0 && !fleet.isDeduplicated) {
      return { histories: [], detail: 'other processes serve this app: what they got is not known here' };
    }
    const cursors = this.#cursors.recent(reconcile.chats);
    if (cursors.length === 0)
      return { histories: [], detail: 'no message has ever come, so there is no chat to compare' };
    const purpose = trigger === 'schedule' ? 'schedule' : 'reconcile';
    const windowMs = this.#comparedWindowMs();
    const isAsking = cursors.some(({ chatType }) => chatType === 'group');
    const audience = isAsking ? await this.#audience(purpose, signal) : null;
    const histories: ChatHistory[] = [];
    let detail = '';
    for (const { chatId, chatType } of cursors) {
      if (chatType === 'group' && audience !== null && 'failure' in audience) {
        histories.push({ chatType, messages: null });
        detail = audience.detail;
        continue;
      }
      const wallNow = this.#parts.clock.wallNow();
      const query = {
        container_id_type: 'chat',
        container_id: chatId,
        start_time: String(Math.floor((wallNow - windowMs) / 1_000)),
        end_time: String(Math.ceil(wallNow / 1_000)),
        sort_type: 'ByCreateTimeDesc',
        page_size: '50',
      };
      const answer = await this.#api.call({ route: ROUTES.messages, query, purpose, signal });
      const page = answer.ok ? readMessages(answer.data) : null;
      histories.push({ chatType, messages: page?.items ?? null });
      if (page === null) detail = answer.ok ? 'the answer is no page of messages' : answer.failure.detail;
    }
    return { histories, detail };
  }

  /**
   * Since when it may have been deaf, wall milliseconds: other chats may have lost more, and sooner, than the one that proved
   * it. An hour more than is proven, or back to the last comparison that agreed.
   */
  #deafSince(missedAt: number): number {
    const agreedAt = this.#historyAgreedWallAt ?? Number.NEGATIVE_INFINITY;
    const trusted = Math.max(agreedAt, this.#served?.wallNow ?? Number.NEGATIVE_INFINITY, missedAt - DEAF_MARGIN_MS);
    return Math.min(missedAt, trusted, this.#arrivedWallAt ?? missedAt);
  }

  /** Back to the last comparison, so that a schedule slower than the window leaves nothing out. */
  #comparedWindowMs(): number {
    const { windowMs, graceMs } = this.#policy.reconcile;
    const compared = this.#compared?.verdict === 'unknown' ? null : this.#compared;
    const before = compared?.at ?? this.#served?.now ?? this.#parts.clock.now();
    const sinceMs = this.#parts.clock.now() - before + 2 * graceMs;
    return Math.min(Math.max(windowMs, sinceMs), this.#policy.catchup.windowMs);
  }

  #hears(): boolean {
    const { groupMessages } = this.#policy.catchup;
    return groupMessages === 'all' || (groupMessages === 'learned' && this.#hearsGroups);
  }

  /** Whom messages in groups are for. The bot's own id is asked for once, and kept. */
  async #audience(purpose: 'catchup' | 'reconcile' | 'schedule', signal: AbortSignal): Promise<Audience | CallFailure> {
    const { takesBots } = this.#policy.catchup;
    if (!this.#hears() && this.#botId === null) {
      const answer = await this.#api.call({ route: ROUTES.bot, query: {}, purpose, signal });
      if (!answer.ok) return answer.failure;
      const botId = readBotId(answer.data);
      if (botId === null)
        return { failure: 'bad_answer', code: null, detail: 'the bot info has no open_id', scopes: [] };
      this.#botId = botId;
      this.#notes.set('bot', botId);
    }
    return { takesBots, hearsGroups: this.#hears(), botId: this.#botId };
  }

  // The canary.

  /** The time of the one that is out is over, or it is time for the next. */
  #canary(now: number): void {
    const schedule = this.#canarySchedule;
    if (schedule === null) return;
    const { out } = this.#flock;
    if (out === null) {
      this.#canaryAt = now + this.#jittered(schedule.everyMs);
      this.#launch((signal) => this.#causeCanary(schedule, signal));
      return;
    }
    const missed = this.#flock.missed + 1;
    this.#flock = { out: null, missed };
    // The next one soon: one alone proves nothing.
    this.#canaryAt = missed < CANARIES_TO_PROVE ? now : now + this.#jittered(schedule.everyMs);
    this.#tell({ type: 'canary_missing', missed, waitedMs: now - out.causedAt });
    const isProof = missed >= CANARIES_TO_PROVE;
    if (isProof) this.#suspect('canary_missing', 'canary_missing', `${missed} canaries in a row did not come`);
  }

  async #causeCanary({ waitMs }: Required<CanarySchedule>, signal: AbortSignal): Promise<void> {
    const { canary } = this.#parts;
    if (canary === undefined) return;
    const limit = new AbortController();
    const abort = () => limit.abort();
    signal.addEventListener('abort', abort, { once: true });
    const servedSince = this.#served;
    this.#recent = [];
    const causedAt = this.#parts.clock.now();
    try {
      const marker = await limited(this.#parts.clock, canary.canary.cause(limit.signal), waitMs, limit.signal);
      // A connection that came or went meanwhile: nothing could be said about either.
      if (signal.aborted || this.#served !== servedSince) return;
      this.#flock = { ...this.#flock, out: { marker, causedAt } };
      this.#canaryAt = causedAt + waitMs;
      this.#early(marker);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      if (!signal.aborted) this.#tell({ type: 'canary_failed', detail });
    } finally {
      // Whoever causes it may listen, and let go.
      limit.abort();
      signal.removeEventListener('abort', abort);
      this.#recent = null;
    }
    this.#arm();
  }

  #early(marker: string): void {
    const found = this.#recent?.find(({ event }) => this.#sees(event, marker));
    if (found !== undefined) this.#canaryCame(found.at);
  }

  #seeCanary(event: SeenEvent, now: number): void {
    if (this.#parts.canary === undefined) return;
    const { out } = this.#flock;
    if (out !== null && this.#sees(event, out.marker)) this.#canaryCame(now);
    if (this.#recent !== null) this.#recent = [...this.#recent.slice(-99), { event, at: now }];
  }

  #sees(event: SeenEvent, marker: string): boolean {
    try {
      return this.#parts.canary?.canary.sees(event, marker) ?? false;
    } catch {
      // A canary that breaks on a foreign event has not seen itself in it; that it is missing will be told.
      return false;
    }
  }

  #canaryCame(at: number): void {
    const { out } = this.#flock;
    if (out === null || this.#canarySchedule === null) return;
    this.#flock = NO_FLOCK;
    this.#canaryAt = out.causedAt + this.#jittered(this.#canarySchedule.everyMs);
    this.#tell({ type: 'canary_seen', roundTripMs: Math.max(0, at - out.causedAt) });
  }

  // Small parts.

  #launch(work: (signal: AbortSignal) => Promise<void>): void {
    if (this.#abort !== null) this.#track(work(this.#abort.signal));
  }

  #track(work: Promise<void>): void {
    const tracked = work
      .catch((bug: unknown) => {
        this.#tell({ type: 'look_failed', detail: bug instanceof Error ? `${bug.name}: ${bug.message}` : String(bug) });
      })
      .finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
  }

  #tell(report: CatchupReport): void {
    this.#parts.report(report, momentOf(this.#parts.clock));
  }
}

function messageIdOf({ type, data }: Pick<SeenEvent, 'type' | 'data'>): string | null {
  const messageId = type === MESSAGE_EVENT && isObject(data.message) ? data.message.message_id : null;
  return typeof messageId === 'string' && messageId !== '' ? messageId : null;
}

function readLife(value: unknown) {
  const { provenWallAt, isClean, connections } = (value ?? {}) as Record<string, unknown>;
  if (typeof provenWallAt !== 'number') return null;
  return {
    provenWallAt,
    isClean: isClean === true,
    connections: typeof connections === 'number' ? Math.min(connections, 50) : 0,
  };
}
