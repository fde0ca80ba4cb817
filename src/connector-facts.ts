import type { ConnectionReport, Whole } from './connection/index.js';
import { type ConnectionPolicy, FAILURES, type Failure, silenceLimitMs, verdictOf } from './connection/index.js';
import type { ConnectorStatus, Fact } from './connector-status.js';
import type { DeliveryReport, PipelineSnapshot } from './delivery/index.js';
import type { Moment } from './ports/index.js';

/**
 * Collects dated evidence from the rooms' reports, so that `status` can say what it knows and since when. Nothing here
 * is a boolean that somebody could forget to clear: each fact is derived from the Connection and an age.
 */
export class Facts {
  #tickedAt: Moment | null = null;
  /** Anything inbound: the 101, a pong of either kind, any frame. */
  #heardAt: Moment | null = null;
  #eventAt: Moment | null = null;
  #eventCount = 0;
  #outageStartedAt: Moment | null = null;
  #failure: { readonly failure: Failure; readonly at: number } | null = null;
  #pending: { readonly depth: number; readonly capacity: number; readonly oldestWallMs: number } | null = null;

  onTick(moment: Moment): void {
    this.#tickedAt = moment;
  }

  onConnection(report: ConnectionReport, moment: Moment): void {
    switch (report.type) {
      case 'connected':
      case 'heartbeat_answered':
        this.#heardAt = moment;
        break;
      case 'frame':
        if (report.direction === 'in') this.#heardAt = moment;
        break;
      case 'attempt_failed':
        this.#failure = { failure: report.failure, at: moment.wallNow };
        break;
      case 'disconnected':
        if (report.failure.code !== 'local_stop') this.#failure = { failure: report.failure, at: moment.wallNow };
        break;
      case 'outage_started':
        this.#outageStartedAt = moment;
        break;
      case 'outage_ended':
        this.#outageStartedAt = null;
        break;
    }
  }

  onDelivery(report: DeliveryReport, moment: Moment): void {
    if (report.type === 'event_received') {
      this.#eventAt = moment;
      this.#eventCount += 1;
    } else if (report.type === 'pending') {
      this.#pending = report;
    }
  }

  alive({ now }: Moment): Fact {
    if (this.#tickedAt === null) return { is: false, evidence: 'not started', ageMs: null };
    return { is: true, evidence: 'the supervisor loop ticked', ageMs: now - this.#tickedAt.now };
  }

  connected(whole: Whole, policy: ConnectionPolicy, { now }: Moment): ConnectorStatus['connected'] {
    const { state } = whole;
    const limitMs = silenceLimitMs(policy);
    if (whole.session === null) {
      const ageMs = this.#heardAt === null ? null : now - this.#heardAt.now;
      const evidence = WHY_NOT[whole.state];
      return { is: false, evidence, ageMs, state, connectionId: null, silenceLimitMs: limitMs };
    }
    const { connectionId, connectedAt } = whole.session;
    const ageMs = now - Math.max(this.#heardAt?.now ?? connectedAt, connectedAt);
    const evidence = state === 'suspect' ? 'a ping went unanswered; asked again' : 'the gateway answers on this socket';
    const told = { ageMs, state, connectionId, silenceLimitMs: limitMs };
    if (ageMs <= limitMs) return { is: true, evidence, ...told };
    // The core gives such a socket up by itself. If it has not, its timer is late, and the claim is too old to make.
    return { is: false, evidence: `nothing heard within the ${limitMs} ms silence limit`, ...told };
  }

  receiving(connected: Fact, { now }: Moment): ConnectorStatus['receiving'] {
    const ageMs = this.#eventAt === null ? null : now - this.#eventAt.now;
    const told = {
      lastEventAt: this.#eventAt?.wallNow ?? null,
      lastFrameAt: this.#heardAt?.wallNow ?? null,
      eventsReceived: this.#eventCount,
      ageMs,
    };
    if (!connected.is) return { is: false, evidence: 'not connected', ...told };
    if (this.#eventAt === null)
      return { is: true, evidence: 'connected; no event came yet, and nothing says one should have', ...told };
    return { is: true, evidence: 'connected; nothing contradicts that events reach us', ...told };
  }

  lastFailure(): ConnectorStatus['lastFailure'] {
    if (this.#failure === null) return null;
    const { failure, at } = this.#failure;
    const { code, detail } = failure;
    return { code, verdict: verdictOf(code), detail, help: FAILURES[code].help, at };
  }

  outage({ outage }: Whole): ConnectorStatus['outage'] {
    if (outage === null || this.#outageStartedAt === null) return null;
    const { number, cause, attempts } = outage;
    return { number, cause, attempts, startedAt: this.#outageStartedAt.wallNow };
  }

  delivery({ capacity, deadLetterCount, journal }: PipelineSnapshot, { wallNow }: Moment): ConnectorStatus['delivery'] {
    const { depth = 0, oldestWallMs = 0 } = this.#pending ?? {};
    const { lastFailure = null } = journal ?? {};
    return {
      pending: depth,
      capacity,
      oldestPendingAt: oldestWallMs === 0 ? null : oldestWallMs,
      deadLetters: deadLetterCount,
      journal: journal && {
        isOpen: journal.isOpen,
        sizeBytes: journal.sizeBytes,
        lastFailure: lastFailure && { ...lastFailure, ageMs: Math.max(0, wallNow - lastFailure.at) },
      },
    };
  }
}

const WHY_NOT = {
  idle: 'not started',
  discovering: 'asking the platform for a ticket',
  dialing: 'the WebSocket handshake is under way',
  proving: 'the socket is open, but no pong has proved it yet',
  waiting: 'the last attempt failed; waiting for the next',
  stopped: 'stop() was called',
} as const;
