import {
  type Clock,
  type Dial,
  type Moment,
  momentOf,
  type Random,
  type ReportSink,
  type Socket,
  type SocketEnd,
  type Timer,
} from '../ports/index.js';
import {
  DEFAULT_PACING,
  decodeFrame,
  encodeFrame,
  type Frame,
  FrameError,
  frameTypeOf,
  METHOD,
  parsePongPayload,
  pingFrame,
} from '../wire/index.js';
import { closeCodeOf, failureOfSocketEnd } from './classify.js';
import { newConnection, step, wakeAt, watchOf } from './connection.js';
import type { Effect } from './effect.js';
import type { Evidence } from './evidence.js';
import type { HeartbeatKind } from './heartbeat.js';
import type { Input } from './input.js';
import type { Look, LookAt } from './look.js';
import type { ConnectionPolicy } from './policy.js';
import type { Discover, FrameSession, FrameSink } from './ports.js';
import type { ConnectionReport, FrameErrorReason } from './report.js';
import type { Connection } from './state.js';

export interface DriverPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly discover: Discover;
  readonly dial: Dial;
  readonly report: ReportSink<ConnectionReport>;
  readonly receive: FrameSink;
  /** Looks at something during a wait. Left out: nothing does, and waits end by themselves. */
  readonly lookAt?: LookAt;
  /** Makes the network parts anew. Left out: there are none to make. */
  readonly refreshParts?: () => void;
  /** Told whenever everything so far has been dealt with. */
  readonly rested?: () => void;
}

interface OpenSocket {
  readonly socket: Socket;
  isOpen: boolean;
}

/**
 * Owns the one mutable Connection, the one inbox and the one timer, and carries out what the pure core decides.
 * No policy here: what is not an input or an effect of {@link step} does not happen.
 */
export class ConnectionDriver {
  readonly #ports: DriverPorts;
  readonly #policy: ConnectionPolicy;
  readonly #inbox: Input[] = [];
  readonly #discoveries = new Map<number, AbortController>();
  readonly #sockets = new Map<number, OpenSocket>();
  #connection: Connection = newConnection(DEFAULT_PACING);
  #timer: Timer | null = null;
  #timerAt: number | null = null;
  /** The Connection that the timer is set for: most frames leave it as it is. */
  #armedFor: Connection | null = null;
  #isDraining = false;
  #looking: AbortController | null = null;
  #whenQuiet: (() => void)[] = [];

  constructor(ports: DriverPorts, policy: ConnectionPolicy) {
    this.#ports = ports;
    this.#policy = policy;
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** When the next decision is due, in monotonic milliseconds, or null: nothing is scheduled. */
  get wakeAt(): number | null {
    return wakeAt(this.#connection, this.#policy);
  }

  /** Sockets that are open or opening. More than one only while a new one takes over from an old one. */
  get socketCount(): number {
    return this.#sockets.size;
  }

  /** Starts the retrying. Does nothing if it runs. */
  start(): void {
    this.#tell({ type: 'start' });
  }

  /** Stops in any state. Resolves when no socket is left, within the policy's `closeTimeoutMs`. */
  stop(): Promise<void> {
    this.#tell({ type: 'stop' });
    if (this.#sockets.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenQuiet.push(resolve));
  }

  /** Tells the Connection a fact that may be worth an attempt before its time. */
  offer(evidence: Evidence): void {
    this.#tell({ type: 'evidence', evidence });
  }

  /** Keeps it from attempts of its own until then, see the input `hold`. An attempt that is under way goes on. */
  hold(until: number): void {
    this.#tell({ type: 'hold', until });
  }

  /**
   * Asks for a new socket in place of the living one, which is closed only when the new one is proven. Does nothing
   * where there is no living socket, or one is being replaced already.
   */
  replace(): void {
    this.#tell({ type: 'replace' });
  }

  #tell(input: Input): void {
    this.#inbox.push(input);
    if (this.#isDraining) return; // an effect told us something: it waits its turn, no re-entry
    this.#isDraining = true;
    try {
      for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
        const world = { now: this.#ports.clock.now(), random: this.#ports.random() };
        const out = step(this.#connection, next, world, this.#policy);
        this.#connection = out.next;
        if (watchOf(out.next) === null) this.#looking?.abort();
        for (const effect of out.effects) this.#perform(effect);
      }
    } finally {
      this.#isDraining = false;
      this.#arm();
    }
    this.#ports.rested?.();
  }

  /** One timer for the whole machine, moved only when the next decision moved. */
  #arm(): void {
    if (this.#connection === this.#armedFor) return;
    this.#armedFor = this.#connection;
    const at = this.wakeAt;
    if (at === this.#timerAt) return;
    this.#timer?.cancel();
    this.#timer = null;
    this.#timerAt = at;
    if (at === null) return;
    this.#timer = this.#ports.clock.timer(Math.max(0, at - this.#ports.clock.now()), () => {
      this.#timer = null;
      this.#timerAt = null;
      this.#armedFor = null;
      this.#tell({ type: 'tick' });
    });
  }

  #perform(effect: Effect): void {
    switch (effect.do) {
      case 'report':
        this.#report(effect.report);
        break;
      case 'discover':
        this.#discover(effect.attempt, effect.pacing);
        break;
      case 'dial':
        this.#dial(effect.attempt, effect.ticket.url);
        break;
      case 'ping':
        this.#ping(effect.attempt, effect.kind, effect.service);
        break;
      case 'look':
        this.#look(effect.look, effect.gateway);
        break;
      case 'refresh_parts':
        this.#ports.refreshParts?.();
        break;
      case 'close':
        this.#sockets.get(effect.attempt)?.socket.close(1000, 'bye', this.#policy.closeTimeoutMs);
        break;
      case 'drop':
        this.#discoveries.get(effect.attempt)?.abort();
        this.#sockets.get(effect.attempt)?.socket.terminate();
        break;
    }
  }

  #report(report: ConnectionReport, at = momentOf(this.#ports.clock)): void {
    this.#ports.report(report, at);
  }

  #discover(attempt: number, pacing: Extract<Effect, { do: 'discover' }>['pacing']): void {
    const abort = new AbortController();
    this.#discoveries.set(attempt, abort);
    const request = { attempt, pacing, timeoutMs: this.#policy.discoveryTimeoutMs, signal: abort.signal };
    this.#ports
      .discover(request)
      .then(
        (outcome): Input => {
          if ('failure' in outcome) return { type: 'failed', attempt, failure: outcome.failure, closeCode: null };
          for (const { field, detail } of outcome.rejected) this.#report({ type: 'pacing_rejected', field, detail });
          return { type: 'ticket', attempt, ticket: outcome.ticket, gateway: outcome.gateway };
        },
        // A bug of ours must not end the retrying: it is an attempt that failed, with a name of its own.
        (bug: unknown): Input => ({
          type: 'failed',
          attempt,
          failure: { code: 'internal_error', detail: bug instanceof Error ? bug.message : String(bug) },
          closeCode: null,
        }),
      )
      .then((input) => {
        this.#discoveries.delete(attempt);
        this.#tell(input);
      });
  }

  #look(look: Look, gateway: string | null): void {
    // One at a time: the next is due only after this one's limit, unless somebody chose odd limits.
    if (this.#looking !== null || this.#ports.lookAt === undefined) return;
    const abort = new AbortController();
    const { lookTimeoutMs, reachTimeoutMs } = this.#policy;
    const timeoutMs = look === 'reach' ? reachTimeoutMs : lookTimeoutMs;
    this.#looking = abort;
    this.#ports
      .lookAt(look, { timeoutMs, signal: abort.signal, gateway })
      // A look that breaks found nothing; the attempt that follows anyway tells what is wrong.
      .catch(() => false)
      .then((isNew) => {
        this.#looking = null;
        if (abort.signal.aborted) return;
        this.#report({ type: 'looked', look, isNew });
        this.#tell({ type: 'looked', look, isNew });
      });
  }

  #dial(attempt: number, url: string): void {
    const opened: { entry: OpenSocket | null } = { entry: null };
    const session = this.#sessionOf(attempt);
    const socket = this.#ports.dial(url, {
      opened: () => {
        if (opened.entry) opened.entry.isOpen = true;
        this.#tell({ type: 'opened', attempt });
      },
      message: (bytes) => this.#message(session, bytes),
      text: (length) => {
        this.#tell({ type: 'heard', attempt });
        this.#frameError(attempt, 'text', `a text message of ${length} characters; every frame is binary`);
      },
      pong: () => this.#tell({ type: 'pong', attempt, kind: 'websocket', pacing: null }),
      closed: (end) => this.#closed(attempt, end),
    });
    opened.entry = { socket, isOpen: false };
    this.#sockets.set(attempt, opened.entry);
    this.#report({ type: 'sockets', open: this.#sockets.size });
  }

  #closed(attempt: number, end: SocketEnd): void {
    const wasOpen = this.#sockets.get(attempt)?.isOpen ?? false;
    if (!this.#sockets.delete(attempt)) return;
    this.#report({ type: 'sockets', open: this.#sockets.size });
    if (wasOpen && end.how === 'failed' && end.error === 'too_large') {
      this.#frameError(attempt, 'too_large', end.message);
    }
    this.#tell({ type: 'failed', attempt, failure: failureOfSocketEnd(end, wasOpen), closeCode: closeCodeOf(end) });
    if (this.#sockets.size > 0) return;
    for (const resolve of this.#whenQuiet.splice(0)) resolve();
  }

  #ping(attempt: number, kind: HeartbeatKind, service: number): void {
    const socket = this.#sockets.get(attempt)?.socket;
    if (kind === 'websocket') {
      socket?.ping();
      return;
    }
    if (socket?.send(encodeFrame(pingFrame(service))))
      this.#report({ type: 'frame', attempt, direction: 'out', frameType: 'ping' });
  }

  #message(session: FrameSession, bytes: Uint8Array): void {
    const { attempt } = session;
    let frame: Frame;
    try {
      frame = decodeFrame(bytes);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      // Bytes that we cannot read still prove that somebody is there; they are dropped, counted and logged.
      this.#tell({ type: 'heard', attempt });
      this.#frameError(attempt, 'malformed', error.message);
      return;
    }
    const frameType = frameTypeOf(frame);
    const at = momentOf(this.#ports.clock);
    this.#report({ type: 'frame', attempt, direction: 'in', frameType }, at);
    if (frame.method === METHOD.control && frameType === 'pong') {
      this.#pong(attempt, frame);
      return;
    }
    this.#tell({ type: 'heard', attempt });
    if (frame.method === METHOD.data) {
      this.#ports.receive(frame, session, at);
    } else if (frame.method !== METHOD.control) {
      this.#frameError(attempt, 'unknown_method', `method ${frame.method}; 0 is control and 1 is data`);
    } else if (frameType !== 'ping') {
      // A ping from the gateway is legal, and nobody answers it.
      this.#frameError(attempt, 'unknown_type', 'a control frame that is neither ping nor pong');
    }
  }

  #pong(attempt: number, frame: Frame): void {
    const { pacing, rejected } = parsePongPayload(frame.payload, this.#connection.effort.pacing);
    for (const { field, detail } of rejected) this.#report({ type: 'pacing_rejected', field, detail });
    this.#tell({ type: 'pong', attempt, kind: 'protocol', pacing });
  }

  #sessionOf(attempt: number): FrameSession {
    return {
      attempt,
      send: (bytes: Uint8Array, at?: Moment): boolean => {
        const isSent = this.#sockets.get(attempt)?.socket.send(bytes) ?? false;
        if (isSent) this.#report({ type: 'frame', attempt, direction: 'out', frameType: 'event' }, at);
        return isSent;
      },
    };
  }

  #frameError(attempt: number, reason: FrameErrorReason, detail: string): void {
    this.#report({ type: 'frame_error', attempt, reason, detail });
  }
}
