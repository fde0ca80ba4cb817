import type { ConnectorStatus } from '../connector-status.js';
import type { AckRecord, DeliveryRecord, LedgerEvent, Platform, PlatformConnection } from '../simulator/index.js';
import type { Border } from './border.js';
import type { Crew, HandlerRun } from './crew.js';
import { LIMITS } from './limits.js';
import { Trouble } from './trouble.js';

/** A living connection that ended, as the connector tells it. */
export interface Loss {
  readonly code: string;
  /** For how long nothing had harmed connections then, in milliseconds. */
  readonly calmMs: number;
}

/** Between two looks at what may change without a word. */
const CLOSELY_MS = 5_000;

/** Just after a limit that is still to come; what is past was judged. */
function left(ms: number): number {
  return ms < 0 ? Number.POSITIVE_INFINITY : ms + 10;
}

/** Something that the platform sent and that is settled there. */
export interface Settled {
  readonly event: LedgerEvent;
  /** Deliveries on a sound connection in calm weather for which no acknowledgement of any kind came. */
  readonly unanswered: readonly DeliveryRecord[];
  /** Acknowledgements with 200 of an event that was not handled then. */
  readonly hollow: readonly AckRecord[];
}

/** How the connector's life stands, as its user arranged it. Monotonic milliseconds. */
export interface Life {
  phase: 'stopped' | 'running' | 'stopping';
  /** When this phase began. */
  since: number;
  /** While stopping: when it must have ended. */
  dueAt: number;
  /** When the latest stop began; minus infinity if there was none. */
  stopAskedAt: number;
  startedAt: number;
}

/** What {@link Witness} looks at. */
export interface Scene {
  readonly platform: Platform;
  readonly border: Border;
  readonly crew: Crew;
  readonly life: Life;
  readonly linkMs: number;
  readonly status: () => ConnectorStatus;
}

const MESSAGE_TYPE = 'im.message.receive_v1';

/**
 * Everything the invariants may know: what the connector claims, next to what is true on the other side. A look is taken
 * after every step in which something happened; what lies between two looks is asked of those who wrote it down.
 */
export class Witness {
  /** What can end a connection or keep one from coming up. */
  readonly connectionTrouble = new Trouble();
  /** The same, and whatever else can keep an event from being handled and acknowledged. */
  readonly eventTrouble = new Trouble();
  /** What can keep a token from being renewed. */
  readonly tokenTrouble = new Trouble();
  readonly #scene: Scene;
  #status: ConnectorStatus;
  #reachable: readonly PlatformConnection[] = [];
  #deafSince: { readonly connectionId: string; readonly at: number } | null = null;
  #runs: readonly HandlerRun[] = [];
  readonly #open = new Set<LedgerEvent>();
  /** Collected since the last look. */
  #losses: Loss[] = [];
  #suspicions: Loss[] = [];
  settled: readonly Settled[] = [];
  /** What the metric of the next attempt said when it was last read, in milliseconds since the epoch; 0: none. */
  nextAttemptMetric: number | null = null;
  /** The moment of the next attempt as it was reported, in milliseconds since the epoch; null while none is awaited. */
  promisedAt: number | null = null;
  /** When the wall clock was last set: moments that were told before are off by that much. */
  wallSteppedAt = Number.NEGATIVE_INFINITY;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#status = scene.status();
  }

  get now(): number {
    return this.#scene.platform.clock.now();
  }

  get life(): Readonly<Life> {
    return this.#scene.life;
  }

  get border(): Border {
    return this.#scene.border;
  }

  get crew(): Crew {
    return this.#scene.crew;
  }

  /** One way on the network at most, in milliseconds. */
  get linkMs(): number {
    return this.#scene.linkMs;
  }

  get status(): ConnectorStatus {
    return this.#status;
  }

  /** Connections that the platform holds for alive and that bytes get through to. */
  get reachable(): readonly PlatformConnection[] {
    return this.#reachable;
  }

  /**
   * For how long the platform could not have reached the connection that is claimed, in milliseconds; 0 if it could. What
   * had been sent before may come in later, once the network thaws: it counts from then.
   */
  get deafMs(): number {
    if (this.#deafSince === null) return 0;
    const { connectionId, at } = this.#deafSince;
    return this.now - Math.max(at, this.border.passage(connectionId)?.heardAt ?? at);
  }

  /** The platform's end of this connection; null if it has none, or not any more. */
  farEnd(connectionId: string): PlatformConnection | null {
    return this.#scene.platform.connections().find(({ id }) => id === connectionId) ?? null;
  }

  get losses(): readonly Loss[] {
    return this.#losses;
  }

  get suspicions(): readonly Loss[] {
    return this.#suspicions;
  }

  /** Runs of handlers that began since the last look. */
  get runs(): readonly HandlerRun[] {
    return this.#runs;
  }

  lost(code: string): void {
    this.#losses.push({ code, calmMs: this.connectionTrouble.calmMs(this.now) });
  }

  suspected(): void {
    this.#suspicions.push({ code: 'suspect', calmMs: this.connectionTrouble.calmMs(this.now) });
  }

  sent(event: LedgerEvent): void {
    this.#open.add(event);
  }

  /** Takes in how things stand now. */
  look(): void {
    this.#status = this.#scene.status();
    this.#reachable = this.#scene.platform.connections().filter(({ isFrozen }) => !isFrozen);
    this.#runs = this.#scene.crew.takeRuns();
    const { connectionId } = this.#status.connected;
    if (connectionId === null || this.#reachable.some(({ id }) => id === connectionId)) this.#deafSince = null;
    else if (this.#deafSince?.connectionId !== connectionId) this.#deafSince = { connectionId, at: this.now };
  }

  /**
   * For how long nothing can be wrong unless something happens, in milliseconds: until the next limit runs out. As long as
   * the platform cannot reach the claimed connection, what thaws it may go unseen, so that is looked at closely.
   */
  patienceMs(): number {
    const { now, linkMs } = this;
    const { phase, dueAt, startedAt } = this.life;
    if (this.#deafSince !== null) return CLOSELY_MS;
    if (phase === 'stopping') return left(dueAt - now);
    if (phase === 'stopped') return CLOSELY_MS;
    const { connected, outage, token } = this.#status;
    const calmMs = Math.min(this.connectionTrouble.calmMs(now), now - startedAt);
    const recoveryMs = LIMITS.recoveryMs + 6 * linkMs;
    const waits = [
      ...(connected.is ? [] : [left(recoveryMs - calmMs)]),
      ...(outage === null ? [] : [left(recoveryMs + LIMITS.stableAfterMs - calmMs)]),
      ...(token.isValid
        ? []
        : [left(LIMITS.tokenMs + 2 * linkMs - Math.min(this.tokenTrouble.calmMs(now), now - startedAt))]),
    ];
    return Math.min(Number.POSITIVE_INFINITY, ...waits);
  }

  /** Goes through the events that are settled since the last call; those that may still be answered stay. */
  reckon(): void {
    const settled: Settled[] = [];
    for (const event of this.#open) {
      const latestAt = event.deliveries.at(-1)?.at ?? event.sentAt;
      if (event.state === 'pending' || this.now < latestAt + LIMITS.ackMs + 2 * this.linkMs) continue;
      this.#open.delete(event);
      settled.push({ event, unanswered: this.#unansweredOf(event), hollow: this.#hollowOf(event) });
    }
    this.settled = settled;
  }

  /** What was collected counts for one look. */
  forget(): void {
    if (this.#losses.length > 0) this.#losses = [];
    if (this.#suspicions.length > 0) this.#suspicions = [];
    this.settled = [];
    this.nextAttemptMetric = null;
  }

  #unansweredOf({ deliveries, acks }: LedgerEvent): readonly DeliveryRecord[] {
    const answered = new Set(acks.map(({ messageId }) => messageId));
    return deliveries.filter(({ messageId, fate, at }) => {
      if (fate !== 'sent' || answered.has(messageId)) return false;
      const until = at + LIMITS.ackMs + 2 * this.linkMs;
      return this.eventTrouble.wasCalm(at - LIMITS.recoveryMs - 6 * this.linkMs, until);
    });
  }

  #hollowOf({ eventType, deliveries, acks }: LedgerEvent): readonly AckRecord[] {
    return acks.filter(({ code, at, messageId }) => {
      if (code !== 200) return false;
      // A copy may go out under the message id of a delivery that carried another event id. Messages are known by their
      // own ids besides: to have handled one under any of its event ids is to have handled it.
      const candidates =
        eventType === MESSAGE_TYPE ? deliveries : deliveries.filter((delivery) => delivery.messageId === messageId);
      return !candidates.some(({ eventId }) => (this.crew.handledAt(eventId) ?? Number.POSITIVE_INFINITY) <= at);
    });
  }
}
