import type { CatchupReport, GapRecord, LookoutSnapshot } from './catchup/index.js';
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
  #gateway: string | null = null;
  #failure: { readonly failure: Failure; readonly at: number } | null = null;
  /** What proves that the open connection does not deliver; null while nothing does. */
  #deaf: { readonly evidence: string; readonly isExplained: boolean; readonly at: Moment } | null = null;
  /** Whether the platform counts connections that are not ours. */
  #hasOthers = false;
  #advisedWallAt: number | null = null;
  /** Latest first. */
  #closedGaps: readonly GapRecord[] = [];
  #pending: { readonly depth: number; readonly capacity: number; readonly oldestWallMs: number } | null = null;

  onTick(moment: Moment): void {
    this.#tickedAt = moment;
  }

  onConnection(report: ConnectionReport, moment: Moment): void {
    switch (report.type) {
      case 'connected':
        // Whatever was proven was proven of what there was before.
        this.#deaf = null;
        this.#heardAt = moment;
        break;
      case 'heartbeat_answered':
        this.#heardAt = moment;
        break;
      case 'frame':
        if (report.direction === 'in') this.#heardAt = moment;
        break;
      case 'step_finished':
        this.#gateway = report.gateway?.origin ?? this.#gateway;
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
      // What we fetched ourselves says nothing about the connection.
      if (report.source !== 'catchup') this.#deaf = null;
    } else if (report.type === 'pending') {
      this.#pending = report;
    }
  }

  onCatchup(report: CatchupReport, moment: Moment): void {
    switch (report.type) {
      case 'server_view':
        this.#hasOthers = report.seen > report.expected && report.verdict !== 'ghost';
        break;
      case 'reconciled': {
        if (report.verdict === 'agrees') this.#deaf = null;
        if (report.verdict !== 'deaf') break;
        const others = this.#hasOthers ? '; somebody else is connected as this app and may have them' : '';
        const evidence = `the history has ${report.missing} messages that never arrived${others}`;
        this.#deaf = { evidence, isExplained: this.#hasOthers, at: moment };
        break;
      }
      case 'replace_advised':
        this.#advisedWallAt = moment.wallNow;
        this.#deaf ??= { evidence: `deaf, ${report.detail}`, isExplained: false, at: moment };
        break;
      case 'cleared':
        this.#deaf = null;
        break;
      case 'gap_closed':
        this.#closedGaps = [report.record, ...this.#closedGaps].slice(0, MAX_CLOSED_GAPS);
        break;
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

  receiving(connected: Fact, seen: LookoutSnapshot | null, { now }: Moment): ConnectorStatus['receiving'] {
    const ageMs = this.#eventAt === null ? null : now - this.#eventAt.now;
    const deaf = this.#deaf;
    const told = {
      isDeaf: connected.is && deaf !== null && !deaf.isExplained,
      console: seen?.console ?? null,
      lastEventAt: this.#eventAt?.wallNow ?? null,
      lastFrameAt: this.#heardAt?.wallNow ?? null,
      eventsReceived: this.#eventCount,
      ageMs,
    };
    if (!connected.is) return { is: false, evidence: 'not connected', ...told };
    if (deaf !== null) return { is: false, evidence: deaf.evidence, ...told, ageMs: now - deaf.at.now };
    if (told.console !== null)
      return { is: true, evidence: 'connected; no event has ever come: look at the developer console', ...told };
    if (this.#eventAt === null)
      return { is: true, evidence: 'connected; no event came yet, and nothing says one should have', ...told };
    return { is: true, evidence: 'connected; nothing contradicts that events reach us', ...told };
  }

  outside(seen: LookoutSnapshot | null): Pick<ConnectorStatus, 'serverView' | 'gaps' | 'budget' | 'baseline'> {
    if (seen === null) return { serverView: null, gaps: null, budget: null, baseline: null };
    const { view, gaps, isCatchingUp, budget, missedEvents, suspicion, lastComparison, canaryMissed } = seen;
    return {
      serverView: view,
      gaps: {
        open: gaps.slice(0, MAX_OPEN_GAPS).map(({ number, cause, from, to }) => ({ number, cause, from, to })),
        openCount: gaps.length,
        isCatchingUp,
        latest: this.#closedGaps,
      },
      budget,
      baseline: { missedEvents, suspicion, lastComparison, canaryMissed, advisedAt: this.#advisedWallAt },
    };
  }

  gateway(): ConnectorStatus['gateway'] {
    return this.#gateway;
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

const MAX_OPEN_GAPS = 20;
const MAX_CLOSED_GAPS = 10;

const WHY_NOT = {
  idle: 'not started',
  discovering: 'asking the platform for a ticket',
  dialing: 'the WebSocket handshake is under way',
  proving: 'the socket is open, but no pong has proved it yet',
  waiting: 'the last attempt failed; waiting for the next',
  stopped: 'stop() was called',
} as const;
