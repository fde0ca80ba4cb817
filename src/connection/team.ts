import type { FailureCode } from './failure.js';
import { type Outage, summarize } from './outage.js';
import type { ConnectionPolicy } from './policy.js';
import type { ConnectionReport } from './report.js';
import type { State } from './state.js';
import { furthest } from './whole.js';

/**
 * All connections of one app as one Connection. Each member is a Connection of its own, with its own attempts and its own
 * backoff; to the outside there is one state, one Outage and one next Attempt. All times are monotonic milliseconds.
 */
export interface Team {
  readonly members: readonly Member[];
  /** The state of the member that is furthest. */
  readonly state: State;
  /** Outages so far. */
  readonly outages: number;
  /** From losing the last proven member until one that lasts. */
  readonly outage: Outage | null;
  /** Whose turn it is to try while no member is proven. */
  readonly lead: number;
  /** The wait of the lead as it was told last; null while nothing of it is to be told. */
  readonly told: Wait | null;
}

/** What is known of one connection, all of it from what it reported. */
export interface Member {
  readonly state: State;
  /** Its proven Session. */
  readonly session: Proven | null;
  /** The Attempt under way, by the name that it has outside. */
  readonly underWay: number | null;
  readonly wait: Wait | null;
  readonly sockets: number;
  /** Its latest Session lasted, and nothing that anybody tried since was in vain: its next attempt is a quick one. */
  readonly isFresh: boolean;
}

/** A Session from its first pong on. */
export interface Proven {
  readonly attempt: number;
  readonly connectedAt: number;
  readonly hasLasted: boolean;
}

/** A wait between attempts. */
export interface Wait {
  readonly saidAt: number;
  readonly retryAt: number;
  readonly report: WaitingReport;
}

type Report<Type extends ConnectionReport['type']> = Extract<ConnectionReport, { type: Type }>;
type WaitingReport = Report<'waiting'>;

/** What a member has to say: a report of its own, or that its Session has lasted. */
export type Word = ConnectionReport | { readonly type: 'lasted' };

/** What became of a word: the next Team, and what is told outside. */
export interface Telling {
  readonly team: Team;
  readonly reports: readonly ConnectionReport[];
}

const NEW_MEMBER: Member = {
  state: 'idle',
  session: null,
  underWay: null,
  wait: null,
  sockets: 0,
  isFresh: false,
};

export function newTeam(size: number): Team {
  const members = Array.from({ length: size }, () => NEW_MEMBER);
  return { members, state: 'idle', outages: 0, outage: null, lead: 0, told: null };
}

/**
 * The name of a member's attempt outside, where it is unique: with two members the odd ones are the first's. A team of
 * one calls its attempts as they are.
 */
export function nameOf(attempt: number, member: number, size: number): number {
  return (attempt - 1) * size + member + 1;
}

/** Members that are proven. */
export function provenCount({ members }: Team): number {
  return members.filter(({ session }) => session !== null).length;
}

/** Whether a member is proven, and has been for as long as a Connection must last. */
export function hasLasting({ members }: Team): boolean {
  return members.some(({ session }) => session?.hasLasted);
}

/**
 * The next Team and what the outside is told. Pure: same arguments, same answer. Of a team of one it tells exactly what
 * its member does.
 */
export function tell(team: Team, index: number, word: Word, now: number, policy: ConnectionPolicy): Telling {
  const member = team.members[index];
  if (member === undefined) throw new RangeError(`member must be below ${team.members.length}, got ${index}`);
  const said = word.type === 'lasted' ? word : named(word, index, team.members.length);
  const about: About = { index, member, now, policy, isStandby: provenBeside(team, index) };
  return withState(take(team, said, about));
}

/** Whom a word is about, and when it was said. */
interface About {
  readonly index: number;
  readonly member: Member;
  readonly now: number;
  readonly policy: ConnectionPolicy;
  /** Another member is proven: nothing that happens to this one is the app's. */
  readonly isStandby: boolean;
}

function take(team: Team, word: Word, about: About): Telling & { readonly now: number } {
  const { index, member, now, isStandby } = about;
  const { outage } = team;
  const became = (changes: Partial<Member>): Team => withMember(team, index, { ...member, ...changes });
  const number = isStandby ? null : (outage?.number ?? null);
  const beside = isStandby ? ({ isStandby } as const) : {};
  const telling = (next: Team, ...reports: ConnectionReport[]) => ({ team: next, reports, now });
  switch (word.type) {
    case 'state_changed': {
      const isOver = word.to === 'stopped';
      // Nothing is told of an Attempt that stop() cuts off.
      return telling(became({ state: word.to, ...(isOver && NOTHING), ...(word.to !== 'waiting' && { wait: null }) }));
    }
    case 'attempt_started': {
      const counted = outage && !isStandby ? { ...outage, attempts: outage.attempts + 1 } : outage;
      return telling(
        { ...became({ underWay: word.attempt }), outage: counted },
        { ...word, outage: number, ...beside },
      );
    }
    case 'attempt_failed': {
      const failed = became({ underWay: null, isFresh: false });
      return telling(isStandby ? failed : withoutFreshness(failed), { ...word, outage: number, ...beside });
    }
    case 'attempt_abandoned':
      return telling(became({ underWay: null }), word);
    case 'connected': {
      const session = { attempt: word.attempt, connectedAt: now, hasLasted: false };
      const ends = isStandby || word.replaces !== undefined || outage === null ? null : summarize(outage, now);
      return telling(became({ session, underWay: null }), { ...word, outage: ends, ...beside });
    }
    case 'lasted':
    case 'outage_ended':
      return { ...lasted(team, about), now };
    case 'disconnected':
      return { ...lost(team, word, about), now };
    case 'waiting': {
      const wait = { saidAt: now, retryAt: now + word.retryInMs, report: word };
      return telling(became({ wait }));
    }
    case 'sockets': {
      const next = became({ sockets: word.open });
      return telling(next, { ...word, open: next.members.reduce((sum, { sockets }) => sum + sockets, 0) });
    }
    case 'outage_started':
      return telling(team); // its own; the app's begins with the loss of its last member
    default:
      return telling(team, word);
  }
}

const NOTHING: Partial<Member> = { session: null, underWay: null, isFresh: false };

/** A Session has lasted: that ends the Outage. */
function lasted(team: Team, { index, member }: About): Telling {
  const { session } = member;
  if (session === null || session.hasLasted) return { team, reports: [] };
  const next = withMember(team, index, { ...member, session: { ...session, hasLasted: true } });
  if (team.outage === null) return { team: next, reports: [] };
  const outage = summarize(team.outage, session.connectedAt);
  return { team: { ...next, outage: null }, reports: [{ type: 'outage_ended', outage }] };
}

/** A Session ended. Only if it was the last one that was proven, that is an Outage. */
function lost(team: Team, word: Report<'disconnected'>, about: About): Telling {
  const { index, member, now, policy, isStandby } = about;
  const { session } = member;
  const beside = isStandby ? ({ isStandby } as const) : {};
  // The end of a socket that was replaced meanwhile says nothing about its successor.
  if (session?.attempt !== word.attempt) return { team, reports: [{ ...word, outage: null, ...beside }] };
  if (word.failure.code === 'local_stop') {
    return {
      team: withMember(team, index, { ...member, session: null }),
      reports: [{ ...word, outage: null, ...beside }],
    };
  }
  // The word that ends a Session may come before anybody saw that it had lasted.
  const isLasting = session.hasLasted || now - session.connectedAt >= policy.stableAfterMs;
  const settled = isLasting ? lasted(team, about) : { team, reports: [] };
  const left = withMember(settled.team, index, { ...member, session: null, isFresh: isLasting });
  if (isStandby) return { team: left, reports: [...settled.reports, { ...word, outage: null, ...beside }] };
  const cause = word.failure.code;
  const outage = left.outage ?? newOutage(left, cause, now);
  const isNew = left.outage === null;
  const led: Team = { ...left, outage, outages: outage.number, lead: leadAfter(left, index) };
  const next = isLasting ? led : withoutFreshness(led);
  return {
    team: next,
    reports: [
      ...settled.reports,
      { ...word, outage: outage.number },
      ...(isNew ? [{ type: 'outage_started', outage: outage.number, cause } as const] : []),
    ],
  };
}

/** Attempts that are under way already count in the Outage that begins. */
function newOutage({ members, outages }: Team, cause: FailureCode, now: number): Outage {
  const attempts = members.filter(({ underWay }) => underWay !== null).length;
  return { number: outages + 1, cause, startedAt: now, attempts };
}

/**
 * Who tries next: the member that was lost, as one alone would, unless another one waits for its quick retry. Never one
 * whose attempts have failed: the app would try at the pace of all of its members together.
 */
function leadAfter({ members }: Team, lost: number): number {
  let lead = lost;
  let earliestAt = Number.POSITIVE_INFINITY;
  for (const [index, { wait, isFresh }] of members.entries()) {
    if (members[lost]?.isFresh || !isFresh || wait === null || wait.retryAt >= earliestAt) continue;
    lead = index;
    earliestAt = wait.retryAt;
  }
  return lead;
}

/** An Attempt in vain or a short Session counts for all: what one of them earned is not earned ten times. */
function withoutFreshness(team: Team): Team {
  return { ...team, members: team.members.map((member) => (member.isFresh ? { ...member, isFresh: false } : member)) };
}

/** Tells what the word changed about the whole: its state, and its next Attempt. */
function withState({ team, reports, now }: Telling & { readonly now: number }): Telling {
  const state = furthest(team.members.map((member) => member.state));
  const isStopped = state === 'stopped' && team.state !== 'stopped';
  const wait = state === 'waiting' ? (team.members[team.lead]?.wait ?? null) : null;
  const news: ConnectionReport[] = state === team.state ? [] : [{ type: 'state_changed', from: team.state, to: state }];
  // An Outage that is stopped has no end of its own.
  const outage = isStopped ? null : team.outage;
  if (wait !== null && wait !== team.told) {
    const retryInMs = wait.saidAt === now ? wait.report.retryInMs : Math.max(0, wait.retryAt - now);
    news.push({ ...wait.report, retryInMs, outage: outage?.number ?? null });
  }
  return { team: { ...team, state, outage, told: wait }, reports: [...reports, ...news] };
}

function provenBeside({ members }: Team, index: number): boolean {
  return members.some(({ session }, other) => other !== index && session !== null);
}

function withMember(team: Team, index: number, member: Member): Team {
  return { ...team, members: team.members.with(index, member) };
}

function named(report: ConnectionReport, member: number, size: number): ConnectionReport {
  if (size === 1 || !('attempt' in report)) return report;
  const attempt = nameOf(report.attempt, member, size);
  if (report.type !== 'connected' || report.replaces === undefined) return { ...report, attempt };
  return { ...report, attempt, replaces: nameOf(report.replaces, member, size) };
}
