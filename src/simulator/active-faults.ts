import type { Timer } from '../ports/index.js';
import type { Fault, FaultKind, FaultOf } from './fault.js';
import { describeFault } from './fault-description.js';
import type { PlatformTime } from './platform-time.js';

/** A fault in force. */
export interface ActiveFault<Kind extends FaultKind = FaultKind> {
  readonly id: string;
  readonly fault: FaultOf<Kind>;
  /** When it was injected, on the platform's monotonic clock. */
  readonly sinceMs: number;
  /** How often it may still strike; null: without limit. */
  usesLeft: number | null;
  /** The connections it was aimed at when it was injected; null for faults that are not aimed at connections. */
  readonly aim: Aim | null;
}

export interface Aim {
  readonly connectionIds: ReadonlySet<string>;
  /** The youngest connection of that moment: whatever has a higher number is new. */
  readonly lastNumber: number;
}

/** Whom a fault would strike. */
export interface Subject {
  readonly appId: string | null;
  readonly connection?: { readonly id: string; readonly number: number };
}

/** The book of standing faults: the youngest of a kind that fits is the one that strikes. */
export class ActiveFaults {
  readonly #time: PlatformTime;
  readonly #onEnd: (ended: ActiveFault) => void;
  readonly #byKind = new Map<FaultKind, ActiveFault[]>();
  readonly #timers = new Map<string, Timer>();

  constructor(time: PlatformTime, onEnd: (ended: ActiveFault) => void) {
    this.#time = time;
    this.#onEnd = onEnd;
  }

  add(id: string, fault: Fault, aim: Aim | null): ActiveFault {
    const usesLeft = 'times' in fault && fault.times !== undefined ? fault.times : null;
    const active: ActiveFault = { id, fault, sinceMs: this.#time.now(), usesLeft, aim };
    this.#byKind.set(fault.fault, [active, ...(this.#byKind.get(fault.fault) ?? [])]);
    if ('forMs' in fault && fault.forMs !== undefined)
      this.#timers.set(
        id,
        this.#time.timer(fault.forMs, () => this.remove(id)),
      );
    return active;
  }

  /** The fault of this kind in force for the subject, without counting a strike. `fits` looks at further fields. */
  find<Kind extends FaultKind>(
    kind: Kind,
    subject: Subject,
    fits: (fault: FaultOf<Kind>) => boolean = () => true,
  ): ActiveFault<Kind> | null {
    const struck = (this.#byKind.get(kind) ?? []).find(
      // Filed under its kind, so its fault is of that kind.
      (active) => covers(active, subject) && fits(active.fault as FaultOf<Kind>),
    );
    return (struck as unknown as ActiveFault<Kind> | undefined) ?? null;
  }

  /** The same, and it counts as a strike: a fault that has struck its `times` ends. */
  strike<Kind extends FaultKind>(
    kind: Kind,
    subject: Subject,
    fits?: (fault: FaultOf<Kind>) => boolean,
  ): FaultOf<Kind> | null {
    const active = this.find(kind, subject, fits);
    if (!active) return null;
    if (active.usesLeft !== null && --active.usesLeft === 0) this.remove(active.id);
    return active.fault;
  }

  /** @returns Whether it was in force. */
  remove(id: string): boolean {
    this.#timers.get(id)?.cancel();
    this.#timers.delete(id);
    for (const [kind, actives] of this.#byKind) {
      const ended = actives.find((active) => active.id === id);
      if (!ended) continue;
      this.#byKind.set(
        kind,
        actives.filter((active) => active !== ended),
      );
      this.#onEnd(ended);
      return true;
    }
    return false;
  }

  /** Oldest first. */
  get all(): readonly ActiveFault[] {
    return [...this.#byKind.values()].flat().sort((a, b) => a.sinceMs - b.sinceMs);
  }
}

/** Plain JSON for the control API. */
export function faultStatus(active: ActiveFault) {
  const { id, fault, sinceMs, usesLeft } = active;
  return { id, fault, description: describeFault(fault), sinceMs, usesLeft };
}

/** Whether new connections belong to the fault's scope unless it says so itself. */
const NEW_SOCKETS_BY_DEFAULT: Partial<Record<FaultKind, boolean>> = { silent_pongs: true };

function covers({ fault, aim }: ActiveFault, { appId, connection }: Subject): boolean {
  if ('appId' in fault && fault.appId !== undefined && fault.appId !== appId) return false;
  if (aim === null || !connection) return true;
  if (aim.connectionIds.has(connection.id)) return true;
  const sockets = 'sockets' in fault ? fault.sockets : undefined;
  const coversNew = sockets ? sockets === 'all' : NEW_SOCKETS_BY_DEFAULT[fault.fault] === true;
  return coversNew && connection.number > aim.lastNumber;
}
