import type { LedgerEvent } from '../../../src/simulator/index.js';
import type { Handling } from './record.js';

/** One life of the daemon. Times are the machine's monotonic nanoseconds. */
export interface Life {
  readonly pid: number;
  readonly killedAtNs: bigint;
}

/** An event as the sender and the platform saw it. */
export interface Sent {
  readonly event: LedgerEvent;
  /** What it is handled under: catch-up finds the same message without the event's id. */
  readonly messageId: string;
  readonly sentAtNs: bigint;
  /** When the platform had its first acknowledgement with code 200, or null. */
  readonly ackedAtNs: bigint | null;
}

export interface CrashVerdict {
  readonly sent: number;
  readonly acknowledged: number;
  readonly redelivered: number;
  /** Acknowledged, and never handled to the end. Must be empty. */
  readonly lost: readonly string[];
  /** Handled again although the journal knew them as finished. Must be empty. */
  readonly twice: readonly string[];
  /** Handled again because the process died between the handler's end and the commit that notes it. */
  readonly repeatedInTheWindow: number;
}

/**
 * Judges a run. That an event was finished for the journal needs no clock's tolerance: commits take effect in order, so
 * whatever was sent after a handler had ended, and was acknowledged by the same process, was journaled after that end
 * was noted. Such an event must never be handled again.
 */
export function judge(
  sent: readonly Sent[],
  record: ReadonlyMap<string, readonly Handling[]>,
  lives: readonly Life[],
): CrashVerdict {
  const acknowledged = sent.filter(({ event }) => event.state === 'acknowledged');
  const lost = acknowledged
    .map(({ messageId }) => messageId)
    .filter((messageId) => !(record.get(messageId) ?? []).some(({ endedAtNs }) => endedAtNs !== null));
  const latestWitnessed = witnessOf(sent, lives);
  const twice: string[] = [];
  let repeatedInTheWindow = 0;
  for (const [id, handlings] of record) {
    const ended = handlings.find(({ endedAtNs }) => endedAtNs !== null);
    if (ended === undefined || handlings.at(-1) === ended) continue;
    const endedAtNs = ended.endedAtNs ?? 0n;
    if (endedAtNs < (latestWitnessed.get(ended.pid) ?? 0n)) twice.push(id);
    else repeatedInTheWindow += 1;
  }
  const redelivered = sent.filter(({ event }) => event.deliveries.some(({ rung }) => rung > 0)).length;
  return { sent: sent.length, acknowledged: acknowledged.length, redelivered, lost, twice, repeatedInTheWindow };
}

/** By process: when the youngest event was sent that the process acknowledged before it was killed. */
function witnessOf(sent: readonly Sent[], lives: readonly Life[]): ReadonlyMap<number, bigint> {
  const witnessed = new Map<number, bigint>();
  let bornAtNs = 0n;
  for (const { pid, killedAtNs } of lives) {
    for (const { sentAtNs, ackedAtNs } of sent) {
      // Sent and acknowledged within this life: no other process can have done it.
      if (ackedAtNs === null || sentAtNs < bornAtNs || ackedAtNs >= killedAtNs) continue;
      if (sentAtNs > (witnessed.get(pid) ?? 0n)) witnessed.set(pid, sentAtNs);
    }
    bornAtNs = killedAtNs;
  }
  return witnessed;
}
