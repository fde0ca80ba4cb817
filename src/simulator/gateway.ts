import type { Timer } from '../ports/index.js';
import { AckError, decodeFrame, type Frame, FrameError, headerOf, METHOD, parseAck } from '../wire/index.js';
import { changedConfig, pingIntervalMsOf } from './client-config.js';
import type { Connections } from './connections.js';
import type { Deliveries } from './deliveries.js';
import { messageEvent } from './event-builders.js';
import { isStruckPing } from './fault.js';
import type { Line } from './line.js';
import { type ConnectionHooks, PlatformConnection } from './platform-connection.js';
import { pongBytes } from './server-frames.js';
import type { Ticket, Tickets } from './tickets.js';
import type { World } from './world.js';

/** What happens to an upgrade request before anybody looks at it. */
export type Reception =
  /** After so long, ask {@link Gateway.upgrade}. */
  | { readonly how: 'proceed'; readonly afterMs: number }
  /** No answer, or the first half of one. */
  | { readonly how: 'hung'; readonly isHalfAnswered: boolean }
  | { readonly how: 'unreachable'; readonly error: 'refused' | 'dns' };

/** What an upgrade request comes to. */
export type Upgrade =
  | { readonly how: 'refused'; readonly status: number; readonly headers: Readonly<Record<string, string>> }
  /**
   * The face answers 101 and calls `accept` in the same breath: what the platform puts on the line during that call
   * belongs into the segment of the 101.
   */
  | { readonly how: 'accepted'; readonly accept: (line: Line) => PlatformConnection };

/** The path of socket URLs. */
export const SOCKET_PATH = '/ws/v2';

/** The WebSocket side of the platform: handshakes, pings, acknowledgements, ends (docs/protocol.md, sections 2 and 3). */
export class Gateway implements ConnectionHooks {
  readonly #world: World;
  readonly #tickets: Tickets;
  readonly #connections: Connections;
  readonly #deliveries: Deliveries;
  /** When the dead that are kept leave the routing table. */
  readonly #burials = new Set<Timer>();
  #accepted = 0;

  constructor(world: World, tickets: Tickets, connections: Connections, deliveries: Deliveries) {
    this.#world = world;
    this.#tickets = tickets;
    this.#connections = connections;
    this.#deliveries = deliveries;
  }

  /** The number of the youngest connection; they count from 1. */
  get lastNumber(): number {
    return this.#accepted;
  }

  /** An upgrade request has arrived. */
  receive(query: URLSearchParams): Reception {
    const { faults, traffic } = this.#world;
    const appId = this.#tickets.appIdOf(query);
    const hang = faults.strike('handshake_hang', { appId });
    if (hang) {
      traffic.record('handshake', appId, 'hung');
      return { how: 'hung', isHalfAnswered: hang.sends === 'half_answer' };
    }
    return { how: 'proceed', afterMs: faults.strike('handshake_delay', { appId })?.delayMs ?? 0 };
  }

  /** The verdict over an upgrade request. */
  upgrade(query: URLSearchParams): Upgrade {
    const { faults, settings, apps, traffic } = this.#world;
    const refusal = faults.strike('handshake_refuse', { appId: this.#tickets.appIdOf(query) });
    const ticket = this.#tickets.redeem(query);
    const app = ticket && apps.get(ticket.appId);
    if (refusal) {
      const { status = 403, handshakeStatus = 514, message = 'refused', authErrorCode = 0 } = refusal;
      return this.#refuse(ticket?.appId ?? null, status, handshakeStatus, message, authErrorCode);
    }
    // An authentication code other than "too many connections" is what every SDK retries (docs/protocol.md, 2.2).
    if (!ticket || !app) return this.#refuse(null, 403, 514, 'invalid ticket', 0);
    if (this.#connections.countOf(app.appId) >= settings.connectionLimit)
      return this.#refuse(app.appId, 403, 514, 'the number of connections exceeded the limit', 1000040350);
    traffic.record('handshake', app.appId, 'accepted');
    return { how: 'accepted', accept: (line) => this.#accept(ticket, app.service, line) };
  }

  message(connection: PlatformConnection, bytes: Uint8Array): void {
    try {
      this.#frame(connection, decodeFrame(bytes));
    } catch (error) {
      if (!(error instanceof FrameError || error instanceof AckError)) throw error;
      this.#world.traffic.record('bad_frame', connection.appId, error.message);
    }
  }

  text(connection: PlatformConnection, length: number): void {
    this.#world.traffic.record('bad_frame', connection.appId, `text of ${length} bytes`);
  }

  pinged(connection: PlatformConnection, payload: Uint8Array): void {
    const { faults, traffic } = this.#world;
    const subject = { appId: connection.appId, connection };
    const isSilent = faults.strike('silent_pongs', subject, (fault) => isStruckPing(fault, 'websocket')) !== null;
    traffic.record('websocket_ping', connection.appId, isSilent ? 'unanswered' : 'answered');
    if (!isSilent) connection.pong(payload);
  }

  ended(connection: PlatformConnection, outcome: string): void {
    const { faults, traffic, time } = this.#world;
    traffic.record('closed', connection.appId, outcome);
    const kept = faults.strike('dead_connection_kept', { appId: connection.appId, connection });
    if (!kept) {
      this.#connections.remove(connection);
      return;
    }
    const burial = time.timer(kept.keptMs, () => {
      this.#burials.delete(burial);
      this.#connections.remove(connection);
    });
    this.#burials.add(burial);
  }

  buried(connection: PlatformConnection): void {
    this.#connections.bury(connection);
  }

  /** Cancels every timer that does not belong to a connection. */
  stop(): void {
    for (const burial of this.#burials) burial.cancel();
    this.#burials.clear();
  }

  /** Sees to it that the connection ends at the next multiple of the fault's age. */
  scheduleKick(connection: PlatformConnection): void {
    const { faults, time } = this.#world;
    const subject = { appId: connection.appId, connection };
    const active = faults.find('kick_every', subject);
    if (!active) return;
    const { everyMs } = active.fault;
    connection.after(everyMs - ((time.now() - connection.openedAt) % everyMs), () => {
      const kick = faults.strike('kick_every', subject, (fault) => fault.everyMs === everyMs);
      if (kick?.code !== undefined) connection.close(kick.code, kick.reason ?? '');
      else if (kick) connection.reset('kicked');
    });
  }

  #accept(ticket: Ticket, service: number, line: Line): PlatformConnection {
    const { faults, time, traffic } = this.#world;
    const { appId, deviceId: id, pingIntervalMs } = ticket;
    const identity = { id, number: ++this.#accepted, appId, service, pingIntervalMs };
    const connection = new PlatformConnection(identity, time, line, this);
    const subject = { appId, connection };
    this.#connections.add(connection);
    traffic.record('opened', appId, id);
    if (faults.find('half_open', subject)) this.#connections.freeze(connection);
    if (faults.strike('glue_to_101', subject)) this.#glue(connection);
    const brief = faults.strike('accept_then_close', subject);
    const end = () => {
      if (brief?.how === 'reset') connection.reset();
      else connection.close(brief?.code ?? 1000, brief?.reason ?? '');
    };
    if (brief && !brief.afterMs) {
      end();
      return connection;
    }
    if (brief?.afterMs) connection.after(brief.afterMs, end);
    this.scheduleKick(connection);
    this.#watchPings(connection);
    if (faults.strike('backlog_on_connect', subject)) this.#deliveries.flush(appId);
    return connection;
  }

  #glue(connection: PlatformConnection): void {
    const app = this.#world.apps.get(connection.appId);
    if (!app) return;
    const frames =
      this.#deliveries.takeWaiting(connection) ??
      this.#deliveries.sendOn(
        connection,
        messageEvent({ text: 'glued to the 101' })({
          ids: this.#world.ids,
          wallNow: this.#world.time.wallNow(),
          appId: app.appId,
          tenantKey: app.tenantKey,
        }),
      );
    for (const { afterMs, bytes } of frames) {
      if (afterMs === 0) connection.send(bytes);
      else connection.after(afterMs, () => connection.send(bytes));
    }
  }

  #frame(connection: PlatformConnection, frame: Frame): void {
    if (frame.method === METHOD.control && headerOf(frame, 'type') === 'ping') this.#answerPing(connection);
    else if (frame.method === METHOD.data) this.#deliveries.acked(connection, parseAck(frame));
    else this.#world.traffic.record('bad_frame', connection.appId, `method ${frame.method}`);
  }

  #answerPing(connection: PlatformConnection): void {
    const { faults, settings, time, traffic } = this.#world;
    const subject = { appId: connection.appId, connection };
    connection.pingedAt = time.now();
    const isSilent = faults.strike('silent_pongs', subject, (fault) => isStruckPing(fault, 'protocol')) !== null;
    traffic.record('ping', connection.appId, isSilent ? 'unanswered' : 'answered');
    if (isSilent) return;
    const change = faults.strike('pong_payload', subject)?.payload;
    let payload: string | null;
    if (change === 'absent') payload = null;
    else if (change === 'not_json') payload = '{"PingInterval":';
    else {
      const config = change === undefined ? settings.clientConfig : changedConfig(settings.clientConfig, change);
      connection.pingIntervalMs = Math.max(connection.pingIntervalMs, pingIntervalMsOf(config) ?? 0);
      payload = JSON.stringify(config);
    }
    const pong = pongBytes(connection.service, payload);
    const delayMs = faults.strike('pong_delay', subject)?.delayMs ?? 0;
    if (delayMs === 0) connection.send(pong);
    else connection.after(delayMs, () => connection.send(pong));
  }

  /** Ends a connection whose pings stopped. One timer per connection, set anew only when it fires. */
  #watchPings(connection: PlatformConnection): void {
    const { settings, time } = this.#world;
    if (settings.missedPingLimit === null) return;
    const limitMs = settings.missedPingLimit * connection.pingIntervalMs;
    const leftMs = connection.pingedAt + limitMs - time.now();
    if (leftMs > 0) connection.after(leftMs, () => this.#watchPings(connection));
    else connection.reset('pings_stopped');
  }

  #refuse(appId: string | null, status: number, handshakeStatus: number, message: string, authErrorCode: number) {
    this.#world.traffic.record('handshake', appId, `refused_${handshakeStatus}_${authErrorCode}`);
    const headers = {
      'handshake-status': String(handshakeStatus),
      'handshake-msg': message,
      'handshake-autherrcode': String(authErrorCode),
    };
    return { how: 'refused', status, headers } as const;
  }
}
