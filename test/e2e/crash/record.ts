import { readFileSync } from 'node:fs';

/** One life of an event's handling: in which process, and when it ended, if it did. Times are the machine's monotonic ns. */
export interface Handling {
  readonly pid: number;
  readonly begunAtNs: bigint;
  endedAtNs: bigint | null;
}

/**
 * What the recording handlers of all processes wrote, by event id, in the order in which it happened. A kill may cut a
 * process's last line short where a page of the file ends: what it was about to note has not happened for anybody.
 */
export function readRecord(file: string): ReadonlyMap<string, readonly Handling[]> {
  const record = new Map<string, Handling[]>();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const whole = line.endsWith('}');
    if (!whole) continue;
    const { what, id, pid, atNs } = JSON.parse(line) as { what: string; id: string; pid: number; atNs: string };
    const handlings = record.get(id) ?? [];
    record.set(id, handlings);
    if (what === 'begun') {
      handlings.push({ pid, begunAtNs: BigInt(atNs), endedAtNs: null });
      continue;
    }
    const running = handlings.findLast((handling) => handling.pid === pid && handling.endedAtNs === null);
    if (running === undefined) throw new Error(`event ${id} ended without a beginning`);
    running.endedAtNs = BigInt(atNs);
  }
  return record;
}
