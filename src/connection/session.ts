import type { Pacing, Ticket } from '../wire/index.js';
import { type Effect, report } from './effect.js';
import { afterPing, type Heartbeat, type HeartbeatKind, overdueAt, roundTripMs } from './heartbeat.js';
import type { ConnectionPolicy } from './policy.js';

/** One socket's life from its first pong on. All times are monotonic milliseconds. */
export interface Session {
  /** The Attempt that brought it. */
  readonly attempt: number;
  readonly ticket: Ticket;
  /** Its 101. */
  readonly openedAt: number;
  /** Its first pong. */
  readonly connectedAt: number;
  readonly heartbeat: Heartbeat;
  /** It has lasted for `stableAfterMs`: the Outage is over and the backoff fresh. */
  readonly isStable: boolean;
}

/** When this Session counts as stable; Infinity once it does. */
export function stableAt(session: Session, policy: ConnectionPolicy): number {
  return session.isStable ? Number.POSITIVE_INFINITY : session.connectedAt + policy.stableAfterMs;
}

/** When its oldest unanswered ping becomes suspicious; Infinity if nothing is unanswered. */
export function suspiciousAt({ heartbeat }: Session, policy: ConnectionPolicy): number {
  return overdueAt(heartbeat, policy.answerTimeoutMs) ?? Number.POSITIVE_INFINITY;
}

/** The pauses between pings in force. */
export function paceOf(pacing: Pacing, policy: ConnectionPolicy): Readonly<Record<HeartbeatKind, number>> {
  return { protocol: pacing.pingIntervalMs, websocket: policy.heartbeatMs };
}

/** Pings of these kinds on the socket of this attempt, and the heartbeat that waits for their answers. */
export function sendPings(
  { attempt, ticket, heartbeat }: { readonly attempt: number; readonly ticket: Ticket; readonly heartbeat: Heartbeat },
  kinds: readonly HeartbeatKind[],
  now: number,
  pace: Readonly<Record<HeartbeatKind, number>>,
): { readonly heartbeat: Heartbeat; readonly effects: readonly Effect[] } {
  return {
    heartbeat: kinds.reduce((sent, kind) => afterPing(sent, kind, now, pace), heartbeat),
    effects: kinds.flatMap((kind): Effect[] => [
      { do: 'ping', attempt, kind, service: ticket.service },
      report({ type: 'heartbeat_sent', attempt, kind }),
    ]),
  };
}

/** The round trip that a pong completes. One that answers no ping of ours is a frame like any other, but no round trip. */
export function answered(attempt: number, heartbeat: Heartbeat, kind: HeartbeatKind, now: number): readonly Effect[] {
  const rttMs = roundTripMs(heartbeat, kind, now);
  return rttMs === null ? [] : [report({ type: 'heartbeat_answered', attempt, kind, rttMs })];
}
