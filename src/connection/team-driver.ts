import { type Moment, momentOf, type Surroundings, type Timer } from '../ports/index.js';
import { type Allowance, FULL_ALLOWANCE, nextTurn } from './allowance.js';
import { isAway } from './connection.js';
import { ConnectionDriver, type DriverPorts } from './driver.js';
import type { Evidence } from './evidence.js';
import { verdictOf } from './failure.js';
import type { Look, LookAt, LookLimits } from './look.js';
import { Outlook } from './outlook.js';
import type { ConnectionPolicy } from './policy.js';
import type { Connection } from './state.js';
import { hasLasting, nameOf, newTeam, type Team, tell, type Word } from './team.js';
import { type Turn, turnsOf } from './turns.js';
import { type Whole, wholeOf } from './whole.js';

export interface TeamPorts extends DriverPorts {
  /** What to look around at while everybody waits, and the platform's host. Left out: nobody looks. */
  readonly outside?: { readonly surroundings: Surroundings; readonly host: string };
}

/** One connection of the team. */
interface Place {
  readonly driver: ConnectionDriver;
  /** Its Connection when it last rested. */
  seen: Connection | null;
  /** When it begins, or seeks a successor; null if no time is set for either. */
  later: Timer | null;
}

/**
 * Keeps as many connections as are wanted, and speaks of them as of one. No policy here: {@link tell} decides what is
 * told, {@link turnsOf} who may try when, and each member's own core everything else. A team of one is its member.
 */
export class TeamDriver {
  readonly #ports: TeamPorts;
  readonly #policy: ConnectionPolicy;
  readonly #places: readonly Place[];
  readonly #outlook: Outlook | null;
  #team: Team;
  /** What standbys have made of their allowance, and that less the turns that are given and still to come. */
  #spent: Allowance = FULL_ALLOWANCE;
  #left: Allowance = FULL_ALLOWANCE;
  /** The latest look of each kind. */
  readonly #looked = new Map<
    Look,
    { readonly at: number; readonly gateway: string | null; readonly isNew: Promise<boolean> }
  >();
  #isRunning = false;
  #isMinding = false;
  #hasRested = false;

  /** @param size How many connections; at least 1. */
  constructor(ports: TeamPorts, policy: ConnectionPolicy, size: number) {
    this.#ports = ports;
    this.#policy = policy;
    this.#team = newTeam(size);
    const { clock, outside } = ports;
    this.#outlook = outside ? new Outlook({ ...outside, clock, changed: () => this.offer('network_changed') }) : null;
    this.#places = Array.from({ length: size }, (_, index) => {
      const ofMember = size === 1 ? { ...ports, rested: () => this.#rest(index) } : this.#portsOf(index);
      return { driver: new ConnectionDriver(ofMember, policy), seen: null, later: null };
    });
  }

  /** The platform is away, as far as whoever has the turn can see. */
  get isAway(): boolean {
    const lead = this.#places[this.#team.lead];
    return lead !== undefined && isAway(lead.driver.connection, this.#policy);
  }

  /** All connections, read as one. */
  get whole(): Whole {
    const connections = this.#places.map(({ driver }) => driver.connection);
    const [only] = connections;
    const outage = connections.length === 1 && only ? only.effort.outage : this.#team.outage;
    return wholeOf(connections, this.#team.lead, outage);
  }

  /** Starts the retrying; standbys begin once a connection has lasted. Does nothing if it runs. */
  start(): void {
    if (!this.#isRunning) this.#spent = FULL_ALLOWANCE;
    this.#isRunning = true;
    this.#places[this.#team.lead]?.driver.start();
  }

  /** Stops in any state. Resolves when no socket is left, within the policy's `closeTimeoutMs`. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    for (const place of this.#places) {
      place.later?.cancel();
      place.later = null;
    }
    await Promise.all(this.#places.map(({ driver }) => driver.stop()));
  }

  /** Tells a fact that may be worth an attempt before its time, to whoever has a turn. */
  offer(evidence: Evidence): void {
    for (const { driver } of this.#places) if (!isHeldForGood(driver)) driver.offer(evidence);
  }

  /**
   * Asks for new sockets in place of the living ones, one after the other, each of which is closed only when its
   * successor is proven.
   */
  replace(): void {
    let delayMs = 0;
    for (const place of this.#places) {
      if (!('session' in place.driver.connection) || place.later !== null) continue;
      if (delayMs === 0) place.driver.replace();
      else this.#later(place, delayMs, () => place.driver.replace());
      delayMs += this.#policy.standbyPauseMs;
    }
  }

  #portsOf(index: number): DriverPorts {
    const { discover, receive, lookAt } = this.#ports;
    const size = this.#team.members.length;
    return {
      ...this.#ports,
      discover: (request) => discover({ ...request, attempt: nameOf(request.attempt, index, size) }),
      receive: (frame, { attempt, send }, at) => receive(frame, { attempt: nameOf(attempt, index, size), send }, at),
      report: (report, moment) => this.#hear(index, report, moment),
      ...(lookAt && { lookAt: (look, limits) => this.#lookAt(lookAt, look, limits) }),
      rested: () => this.#rest(index),
    };
  }

  /** Members take turns, but their looks go on from one to the next: all together keep the pauses of one. */
  #lookAt(lookAt: LookAt, look: Look, limits: LookLimits): Promise<boolean> {
    const { gateway } = limits;
    const now = this.#ports.clock.now();
    const last = this.#looked.get(look);
    if (last !== undefined && now - last.at < pauseOf(look, this.#policy)) {
      return last.gateway === gateway ? last.isNew : Promise.resolve(false);
    }
    const isNew = lookAt(look, limits);
    this.#looked.set(look, { at: now, gateway, isNew });
    return isNew;
  }

  #hear(index: number, word: Word, moment: Moment): void {
    const { team, reports } = tell(this.#team, index, word, moment.now, this.#policy);
    this.#team = team;
    for (const report of reports) {
      if (report.type === 'attempt_started' && report.isStandby) this.#spend(moment.now);
      this.#ports.report(report, moment);
    }
    // Whoever waits for a turn learns that attempts are worth it again.
    if (word.type === 'connected') this.#offerBeside(index);
  }

  #spend(now: number): void {
    this.#spent = nextTurn(this.#spent, this.#places.length, now, this.#policy).left;
  }

  #offerBeside(index: number): void {
    for (const [other, { driver }] of this.#places.entries()) if (other !== index) driver.offer('sibling_connected');
  }

  #rest(index: number): void {
    const place = this.#places[index];
    // Frames and pongs change nothing that turns depend on.
    if (place === undefined || place.driver.connection === place.seen) return;
    place.seen = place.driver.connection;
    this.#lookAround();
    if (this.#places.length === 1) return;
    const hasLasted = 'session' in place.seen && place.seen.session.isStable;
    if (hasLasted) this.#hear(index, { type: 'lasted' }, momentOf(this.#ports.clock));
    this.#mind();
  }

  /** Only while everybody waits for something that mends itself; what was seen before the latest connection is old. */
  #lookAround(): void {
    if (this.#outlook === null) return;
    const { state } = this.whole;
    const waiting = this.#places[this.#team.lead]?.driver.connection;
    if (state === 'waiting' && waiting?.state === 'waiting' && verdictOf(waiting.failure) === 'retry') {
      this.#outlook.watch();
    } else if (state === 'waiting' || state === 'discovering' || state === 'dialing' || state === 'proving') {
      this.#outlook.rest();
    } else {
      this.#outlook.forget();
    }
  }

  /** Gives out turns until there are none to give: what one member does with its own may change that of another. */
  #mind(): void {
    this.#hasRested = true;
    if (this.#isMinding) return;
    this.#isMinding = true;
    try {
      while (this.#hasRested && this.#isRunning) {
        this.#hasRested = false;
        const standings = this.#places.map(({ driver, later }) => ({
          connection: driver.connection,
          isToBegin: later !== null,
        }));
        const now = this.#ports.clock.now();
        // Turns that were given are void where nobody lasts any more: what was not spent is still there.
        const left = hasLasting(this.#team) ? this.#left : this.#spent;
        const { turns, allowance } = turnsOf(this.#team, standings, left, now, this.#policy);
        this.#left = allowance;
        for (const turn of turns) this.#give(turn);
      }
    } finally {
      this.#isMinding = false;
    }
  }

  #give(turn: Turn): void {
    const place = this.#places[turn.member];
    if (place === undefined) return;
    if (turn.do === 'hold') {
      place.driver.hold(turn.until);
      return;
    }
    this.#later(place, turn.at - this.#ports.clock.now(), () => {
      // All were lost meanwhile: the next connection that lasts sets another time.
      if (hasLasting(this.#team)) place.driver.start();
    });
  }

  #later(place: Place, delayMs: number, act: () => void): void {
    place.later = this.#ports.clock.timer(delayMs, () => {
      place.later = null;
      act();
    });
  }
}

/** Least pause between two looks of a kind, in milliseconds. */
function pauseOf(look: Look, { lookMs, reachMs }: ConnectionPolicy): number {
  switch (look) {
    case 'platform':
      return lookMs;
    case 'reach':
      return reachMs;
    case 'secret':
      return 0; // asks nobody but ourselves
  }
}

function isHeldForGood({ connection }: ConnectionDriver): boolean {
  return connection.state === 'waiting' && connection.heldUntil === Number.POSITIVE_INFINITY;
}
