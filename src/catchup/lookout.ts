import { type Moment, momentOf, type Store, type Timer } from '../ports/index.js';
import type { Envelope } from '../wire/index.js';
import { Api } from './api.js';
import { AppProfile } from './app-profile.js';
import { isCountedPath, projectedOf, readBudget, usedOf } from './budget.js';
import { CanaryWatch } from './canary-watch.js';
import { Catchup } from './catchup.js';
import { Comparison } from './comparison.js';
import { Cursors } from './cursors.js';
import { WorkGround } from './ground.js';
import { Habit } from './habit.js';
import { isObject } from './history.js';
import { Inquiry } from './inquiry.js';
import type { LookoutParts, LookoutSnapshot, SeenEvent } from './lookout-parts.js';
import { Notes } from './notes.js';
import { OpenGaps } from './open-gaps.js';
import { Presence } from './presence.js';
import type { ViewVerdict } from './report.js';
import { Seen } from './seen.js';
import { ServerCount } from './server-count.js';
import { SignOfLife } from './sign-of-life.js';
import { EVENT_ID_PREFIX, MESSAGE_EVENT } from './synthetic.js';

/**
 * The outside truth: what the platform counts, what its history has, what the app's own pattern says. It finds what we
 * were not given, tells it, and advises. Each source is a part of its own, and so is what follows from a suspicion; this is
 * their life and their clock.
 */
export class Lookout {
  readonly #parts: LookoutParts;
  readonly #ground: WorkGround;
  readonly #notes: Notes;
  readonly #cursors: Cursors;
  readonly #api: Api;
  readonly #catchup: Catchup;
  readonly #gaps: OpenGaps;
  readonly #presence = new Presence();
  readonly #life: SignOfLife;
  readonly #profile: AppProfile;
  readonly #habit: Habit;
  readonly #count: ServerCount;
  readonly #comparison: Comparison;
  /** Null: none is wanted. */
  readonly #canary: CanaryWatch | null;
  readonly #inquiry: Inquiry;
  readonly #seen = new Seen();
  #timer: Timer | null = null;

  /** @throws RangeError for a canary's schedule out of bounds. */
  constructor(parts: LookoutParts) {
    this.#parts = parts;
    const { clock, random, http, token, baseUrl, appId, policy, report, isKnown } = parts;
    const presence = this.#presence;
    this.#ground = new WorkGround({ clock, random, report });
    const ground = this.#ground;
    const rescheduled = () => this.#arm();
    this.#notes = new Notes({ clock, intervalMs: policy.notesIntervalMs, report });
    this.#life = new SignOfLife({ clock, notes: this.#notes, presence });
    this.#cursors = new Cursors(this.#notes);
    const budgetChanged = (budget: unknown) => this.#notes.set('budget', budget);
    this.#api = new Api({ clock, http, token, baseUrl, policy, report, budgetChanged });
    this.#profile = new AppProfile({ api: this.#api, notes: this.#notes, policy: policy.catchup });
    this.#habit = new Habit({ clock, policy: policy.baseline, presence, notes: this.#notes });
    this.#catchup = new Catchup({
      clock,
      random,
      api: this.#api,
      notes: this.#notes,
      cursors: this.#cursors,
      feed: (envelope, source) => this.#feed(envelope, source),
      appId,
      tenantKey: () => this.#profile.tenantKey,
      audience: (signal) => this.#profile.ask('catchup', signal),
      eventTypes: () => this.#profile.eventTypes,
      policy,
      report,
    });
    this.#gaps = new OpenGaps(clock, this.#catchup);
    this.#count = new ServerCount({
      ground,
      api: this.#api,
      policy,
      presence,
      contradicted: (proof, detail) => this.#inquiry.suspect('server_view', proof, detail),
      judged: (verdict) => this.#followGhosts(verdict),
      rescheduled,
    });
    this.#comparison = new Comparison({
      ground,
      api: this.#api,
      policy,
      presence,
      profile: this.#profile,
      cursors: this.#cursors,
      isHere: (messageId) => this.#seen.has(messageId) || isKnown?.(messageId) === true,
      gaps: () => this.#catchup.gaps,
    });
    this.#inquiry = new Inquiry({
      ground,
      policy,
      presence,
      gaps: this.#gaps,
      count: this.#count,
      comparison: this.#comparison,
      advise: (advice) => parts.advise(advice),
      rescheduled,
    });
    const { settleMs } = policy.view;
    const proven = (detail: string) => this.#inquiry.suspect('canary_missing', 'canary_missing', detail);
    this.#canary = parts.canary
      ? new CanaryWatch({ ...parts.canary, ground, presence, settleMs, proven, rescheduled })
      : null;
  }

  /**
   * Takes up what earlier processes left, and begins to watch. Never waits for the platform.
   * @param store Where cursors, gaps, baseline and budget outlive the process, open until {@link stop} has resolved. Null:
   *   they do not.
   */
  start(store: Store | null): void {
    if (this.#ground.isOpen) return;
    this.#ground.open();
    this.#notes.open(store);
    const now = this.#parts.clock.now();
    this.#restore();
    this.#habit.start(now);
    this.#presence.changedAt = now;
    this.#catchup.start();
    this.#gaps.takeUp(this.#presence.heardWallAt);
    this.#arm();
  }

  /** Ends every call and timer, and writes everything down. It can be started again. */
  async stop(): Promise<void> {
    if (!this.#ground.isOpen) return;
    this.#habit.learn();
    const closed = this.#ground.close();
    this.#timer?.cancel();
    this.#timer = null;
    await Promise.all([this.#catchup.stop(), closed]);
    this.#life.note(true);
    this.#habit.note();
    this.#forgetSession();
    await this.#notes.close();
  }

  /** So many connections are proven now. Told at every change. */
  connections(count: number): void {
    const presence = this.#presence;
    if (!this.#ground.isOpen || count === presence.connections) return;
    const moment = momentOf(this.#parts.clock);
    this.#habit.learn();
    const wasServed = presence.isServed;
    presence.connections = count;
    presence.changedAt = moment.now;
    if (!wasServed) this.#gained(moment);
    else if (count === 0) this.#lostAll();
    this.#arm();
  }

  /** Something inbound proved a connection at this time, milliseconds since the epoch: a pong, a frame. */
  heard(wallNow: number): void {
    this.#presence.heardWallAt = wallNow;
  }

  /** A connection of ours ended; `isClean`: with a closing handshake, so that the platform knows. Told before {@link connections}. */
  ended({ isClean }: { readonly isClean: boolean }): void {
    if (!this.#ground.isOpen) return;
    // A closing handshake came from the other end: until then it was there.
    if (isClean) this.heard(this.#parts.clock.wallNow());
    else {
      this.#count.haunted(this.#parts.clock.now());
      this.#arm();
    }
  }

  /** The new socket that was advised has taken over. */
  replaced(): void {
    this.#count.replaced();
    this.#presence.changedAt = this.#parts.clock.now();
    this.#gaps.endDeaf();
    this.#arm();
  }

  /** An event came by push at this moment, a duplicate or not: proof that events flow. */
  arrived(event: SeenEvent, at: Moment): void {
    // What we fed ourselves proves nothing about the connection.
    if (event.source === 'catchup') return;
    const { now, wallNow } = at;
    this.#habit.heard(at);
    const messageId = messageIdOf(event);
    if (messageId !== null) this.#seen.note(messageId);
    this.#presence.arrivedWallAt = wallNow;
    this.#inquiry.climb({ type: 'event' }, now);
    if (event.createTime !== null) this.#comparison.noteAge(wallNow - event.createTime);
    this.#profile.noteEvent(event.type, event.tenantKey);
    this.#canary?.arrived(event, now);
    // Not armed anew: an event puts off what is due, so the timer that is set wakes too early at worst.
  }

  /** An event is safe: journaled, or handled where there is no journal. Its chat's cursor moves. */
  taken(event: SeenEvent): void {
    const message = messageOf(event);
    if (message === null) return;
    const { message_id: messageId, chat_id: chatId, chat_type, create_time, mentions } = message;
    const createTime = Number(create_time);
    if (typeof messageId !== 'string' || typeof chatId !== 'string' || !Number.isFinite(createTime)) return;
    // Topics are groups as well, whatever they are called.
    const chatType = chat_type === 'p2p' ? 'p2p' : 'group';
    const isMentioning = Array.isArray(mentions) && mentions.length > 0;
    if (chatType === 'group' && !isMentioning && !event.id.startsWith(EVENT_ID_PREFIX)) this.#profile.noteGroupHeard();
    // A new chat is written at once: a private one could be found in no list after a crash.
    const isNew = this.#cursors.move({ chatId, chatType, messageId, createTime });
    if (isNew) this.#ground.track(this.#notes.flush());
  }

  /** The machine slept, or the process froze: whatever was true before may not be. */
  wokeUp(): void {
    if (this.#presence.isServed) this.#inquiry.suspect('woke_up', null, 'the machine slept, or the process was frozen');
  }

  /** Somebody wants to know now. */
  lookNow(): void {
    if (this.#presence.isServed) this.#inquiry.suspect('operator', null, 'asked for');
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
    const { verdict, last } = this.#count.view;
    const { latest } = this.#comparison;
    const { budget } = this.#api;
    const { served } = this.#presence;
    return {
      view: {
        verdict,
        seen: last?.seen ?? null,
        expected: last?.expected ?? null,
        ageMs: last === null ? null : now - last.at,
      },
      gaps: this.#catchup.gaps,
      isCatchingUp: this.#catchup.isRunning,
      suspicion: this.#inquiry.suspicion,
      lastComparison: latest && { verdict: latest.verdict, ageMs: now - latest.at },
      budget: {
        level: this.#api.level,
        used: usedOf(budget, wallNow),
        projected: projectedOf(budget, wallNow),
        quota: this.#parts.policy.budget.monthlyQuota,
      },
      missedEvents: this.#habit.missed,
      canaryMissed: this.#canary?.missed ?? 0,
      console: this.#profile.consoleAdvice({
        connectedForMs: served === null ? null : now - served.now,
        isFirstBoot: this.#life.isFirst,
        handlesCallbacks: this.#parts.handlesCallbacks ?? false,
      }),
    };
  }

  // Life: what is kept, and connections that come and go.

  #restore(): void {
    const budget = readBudget(this.#notes.read('budget').get(''));
    if (budget !== null) this.#api.restore(budget);
    this.#habit.restore();
    this.#profile.restore();
    const ghosts = this.#life.restore();
    if (ghosts !== null) this.#count.inherit(ghosts);
    this.#cursors.restore();
    this.#catchup.restore();
  }

  #forgetSession(): void {
    this.#presence.forget();
    this.#gaps.forget();
    this.#count.forget();
    this.#comparison.forget();
    this.#canary?.forget();
    this.#inquiry.forget();
  }

  #gained(moment: Moment): void {
    this.#presence.served = moment;
    this.#presence.heardWallAt = moment.wallNow;
    this.#habit.resume(moment);
    this.#gaps.endOutage(moment.wallNow);
    if (this.#life.isUnclean) {
      this.#life.settle();
      this.#gaps.openAftermath(moment, moment.now + this.#parts.policy.catchup.aftermathMs);
    }
    this.#life.note(false);
    this.#count.gained(moment.now);
    this.#comparison.gained(moment.now);
    this.#canary?.gained(moment.now);
  }

  #lostAll(): void {
    this.#presence.served = null;
    this.#canary?.lost();
    this.#inquiry.climb({ type: 'disconnected' });
    this.#gaps.endDeaf();
    // From the last proof, not from when we noticed: a half-open socket swallows what comes in between.
    this.#gaps.openOutage(this.#presence.heardWallAt ?? this.#parts.clock.wallNow());
    this.#life.note(false);
  }

  /** While the platform counts dead connections of ours it gives them a share of the events (F08). */
  #followGhosts(verdict: ViewVerdict): void {
    const { served } = this.#presence;
    if (verdict === 'ghost' && served !== null) this.#gaps.openAftermath(served, this.#gaps.aftermathEndsAt);
    else if (verdict !== 'unknown' && this.#gaps.aftermathEndsAt === null) this.#gaps.endAftermath();
  }

  async #feed(envelope: Envelope, source: 'catchup'): Promise<'taken' | 'known' | 'refused'> {
    const outcome = await this.#parts.feed(envelope, source);
    const messageId = messageIdOf(envelope);
    if (messageId !== null && outcome !== 'refused') this.#seen.note(messageId);
    return outcome;
  }

  // Time: one timer for everything.

  #arm(): void {
    this.#timer?.cancel();
    this.#timer = null;
    if (!this.#ground.isOpen) return;
    const { clock } = this.#parts;
    const suspiciousAt = this.#habit.suspiciousAt();
    const dues = [this.#life.dueAt, this.#gaps.dueAt, this.#inquiry.dueAt];
    // Beyond the next beat that will ask again.
    if (suspiciousAt !== null && suspiciousAt <= this.#life.dueAt) dues.push(suspiciousAt);
    if (this.#presence.isServed) dues.push(this.#count.dueAt, this.#comparison.dueAt, this.#canary?.dueAt ?? null);
    const at = Math.min(...dues.filter((due) => due !== null));
    this.#timer = clock.timer(Math.max(0, at - clock.now()), () => {
      this.#timer = null;
      this.#tick();
      this.#arm();
    });
  }

  #tick(): void {
    const now = this.#parts.clock.now();
    const isDue = (at: number | null): boolean => at !== null && at <= now;
    this.#life.tick(now);
    this.#habit.learn();
    if (this.#habit.isNewlySuspicious(now)) {
      const missed = Math.round(this.#habit.missed);
      this.#inquiry.suspect('silence', 'silence', `about ${missed} events were expected since the last one`);
    }
    this.#gaps.tick(now);
    if (isDue(this.#inquiry.dueAt)) this.#inquiry.climb({ type: 'tick' });
    if (!this.#presence.isServed) return;
    if (isDue(this.#count.dueAt)) this.#count.look(now);
    if (isDue(this.#comparison.dueAt)) {
      this.#comparison.putOff(now);
      this.#inquiry.compare();
    }
    if (this.#canary !== null && isDue(this.#canary.dueAt)) this.#canary.turn(now);
  }
}

function messageOf({ type, data }: Pick<SeenEvent, 'type' | 'data'>): Readonly<Record<string, unknown>> | null {
  return type === MESSAGE_EVENT && isObject(data.message) ? data.message : null;
}

function messageIdOf(event: Pick<SeenEvent, 'type' | 'data'>): string | null {
  const messageId = messageOf(event)?.message_id;
  return typeof messageId === 'string' && messageId !== '' ? messageId : null;
}
