import { type Backoff, checkBackoff } from '../ports/index.js';

/** How the platform's own count of our connections is asked for. */
export interface ViewPolicy {
  /** False: never asked. Default true. */
  readonly isEnabled: boolean;
  /** Pause between two polls, in milliseconds; up to a fifth more by chance, never less. Default 900,000. */
  readonly intervalMs: number;
  /** Pause before a reading that contradicts us is checked by another one. Default 30,000. */
  readonly confirmMs: number;
  /** How long our connections must have been what they are before a reading counts. Default 60,000. */
  readonly settleMs: number;
  /** How long a connection of ours that ended without a closing handshake may still be counted. Default 1,800,000. */
  readonly ghostMs: number;
}

/** What a gap's catch-up may cost and how far it may look. */
export interface CatchupPolicy {
  /** False: gaps are told, and closed as not recovered. Default true. */
  readonly isEnabled: boolean;
  /** How much wider than the gap the window is, on both sides: clocks disagree. Default 60,000. */
  readonly overlapMs: number;
  /** How far back a gap is caught up at all. Default 259,200,000: three days. */
  readonly windowMs: number;
  /**
   * How long delivery knows a message again, by its id: the journal's `retentionMs`. What is older is taken only if it was
   * sent while nobody was connected. Default 86,400,000.
   */
  readonly rememberedMs: number;
  /** Pause between the end of a gap and its run; up to twice as much by chance. Default 5,000. */
  readonly settleMs: number;
  /** Gaps up to this are left to redelivery for a while, and read together. Default 30,000. */
  readonly briefMs: number;
  /** How long brief gaps wait for company. Default 1,800,000. */
  readonly gatherMs: number;
  /** After an unclean end, how long the platform may have served the dead connection. Default 600,000. */
  readonly aftermathMs: number;
  /** Chats of one run, the most recently active first. Default 500. */
  readonly maxChats: number;
  /** Pages of one run, lists of chats included. Default 1,000. */
  readonly maxPages: number;
  /** Messages handed to delivery in one run. Default 10,000. */
  readonly maxMessages: number;
  /** Length of one run. Default 600,000. */
  readonly maxDurationMs: number;
  /** Chats that are read at the same time. Default 2. */
  readonly concurrency: number;
  /** Runs for one gap, the first included, before what is left counts as lost. Default 12. */
  readonly maxRuns: number;
  /** Waits between the runs. */
  readonly retry: Backoff;
  /** Whether messages of other bots are taken too. Default false: the platform does not push them. */
  readonly takesBots: boolean;
  /**
   * Which messages of groups are meant for this bot. `all`: every one (scope `im:message.group_msg`). `mentions`: those that
   * mention it. `learned` (default): all, once one without a mention has been pushed; until then, mentions.
   */
  readonly groupMessages: 'all' | 'mentions' | 'learned';
}

/** How history is compared with what arrived. */
export interface ReconcilePolicy {
  /** False: history is never compared, on a suspicion neither; the platform's count alone can prove something. Default true. */
  readonly isEnabled: boolean;
  /** Chats of one comparison; one call each. Default 2. */
  readonly chats: number;
  /** How far back it looks. Default 600,000. */
  readonly windowMs: number;
  /** A message younger than this may still be on its way. Default 30,000. */
  readonly graceMs: number;
  /** Pause between two comparisons without any suspicion, in milliseconds; null (default): none is made. */
  readonly everyMs: number | null;
}

/** When silence is suspicious. */
export interface BaselinePolicy {
  /** False: no pattern is learned, and no silence is suspicious. Default true. */
  readonly isEnabled: boolean;
  /** So many events must have been expected in the silence. Default 18. */
  readonly expectedEvents: number;
  /** Shortest silence that can be suspicious. Default 60,000. */
  readonly minSilenceMs: number;
  /** How much of the estimate the latest week is. Default 0.3. */
  readonly weight: number;
}

/** What follows from proofs. */
export interface ReplacePolicy {
  /** Least pause between two replacements; it grows while they are in vain. */
  readonly pause: Backoff;
  /** How long a replaced connection has to bring an event before it counts as in vain. Default 600,000. */
  readonly judgeMs: number;
  /** Looks of all suspicions together in an hour. Default 12. */
  readonly looksPerHour: number;
}

/** What we may spend, see {@link levelOf}. */
export interface BudgetPolicy {
  /** Calls of the app in a calendar month. Default 10,000: the free tier. */
  readonly monthlyQuota: number;
  /** Share of the quota that the projected month may take before we slow down. Default 0.8. */
  readonly slowedShare: number;
  /** Share at which only catch-up still calls. Default 0.9. */
  readonly savingShare: number;
  /** Share at which nothing of ours calls any more. Default 0.98. */
  readonly exhaustedShare: number;
  /** Share of the quota that catch-up may take in one day. Default 0.05. */
  readonly catchupDayShare: number;
}

/** Everything about the outside truth that is a number or a choice. */
export interface LookoutPolicy {
  readonly view: ViewPolicy;
  readonly catchup: CatchupPolicy;
  readonly reconcile: ReconcilePolicy;
  readonly baseline: BaselinePolicy;
  readonly replace: ReplacePolicy;
  readonly budget: BudgetPolicy;
  /** Other processes that serve this app. */
  readonly fleet: {
    /** Connections they hold together. Default 0. */
    readonly others: number;
    /** Whether they share with us what they know to be handled. Without that, catch-up would handle their events again. */
    readonly isDeduplicated: boolean;
  };
  /** Deadline for one call. Default 15,000. */
  readonly callTimeoutMs: number;
  /** Least pause between two calls. Default 200. */
  readonly callIntervalMs: number;
  /** How late notes are written; what a crash forgets is asked again. Default 30,000. */
  readonly notesIntervalMs: number;
}

export type LookoutOptions = {
  readonly [Part in keyof LookoutPolicy]?: LookoutPolicy[Part] extends number ? number : Partial<LookoutPolicy[Part]>;
};

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export const LOOKOUT_DEFAULTS: LookoutPolicy = Object.freeze<LookoutPolicy>({
  view: {
    isEnabled: true,
    intervalMs: 15 * MINUTE_MS, // 96 calls a day at most, 2,976 a month: under a third of the free tier (F29)
    confirmMs: 30_000, // a zombie is sure half a minute after the first doubt
    settleMs: MINUTE_MS, // the platform's count is a cache of unknown age
    ghostMs: 30 * MINUTE_MS, // reports say 60 s to "minutes"; beyond that it is better called somebody else
  },
  catchup: {
    isEnabled: true,
    overlapMs: MINUTE_MS, // NTP keeps machines within a second, people do not
    windowMs: 72 * HOUR_MS, // a weekend without power
    rememberedMs: 24 * HOUR_MS, // the journal's own default
    settleMs: 5_000, // redelivery and history come to rest; up to twice as much, so that siblings do not call together
    briefMs: 30_000, // a kick: up to 20 s since the last heartbeat, and a quick reconnect. A half-open socket takes longer
    gatherMs: 30 * MINUTE_MS, // kicked every minute (F11), a bot still makes two runs an hour
    aftermathMs: 10 * MINUTE_MS, // F08: "the last 10 minutes twice"
    maxChats: 500,
    maxPages: 1_000, // 50,000 messages
    maxMessages: 10_000,
    maxDurationMs: 10 * MINUTE_MS,
    concurrency: 2, // an event loop that handles live events has better things to do
    maxRuns: 12, // with the waits below: nearly half a day
    retry: { initialMs: MINUTE_MS, maxMs: HOUR_MS, factor: 2, jitter: 'equal' },
    takesBots: false,
    groupMessages: 'learned',
  },
  reconcile: {
    isEnabled: true,
    chats: 2, // few calls: a second chat covers the one that went quiet
    windowMs: 10 * MINUTE_MS,
    graceMs: 30_000, // first rung of redelivery 15 s, its deadline 3 s, and as much again of slack
    everyMs: null, // every 15 minutes it costs as much as the server view again, and finds what only history shows
  },
  baseline: {
    isEnabled: true,
    expectedEvents: 18, // by chance once in e^18 silences: in 12 years at ten events a minute, of which it tells within 2 minutes
    minSilenceMs: MINUTE_MS,
    weight: 0.3, // half of the estimate is from the last two weeks
  },
  replace: {
    pause: { initialMs: 10 * MINUTE_MS, maxMs: 2 * HOUR_MS, factor: 2, jitter: 'none' },
    judgeMs: 10 * MINUTE_MS,
    looksPerHour: 12,
  },
  budget: {
    monthlyQuota: 10_000, // what the free tier has been reported to have (F29)
    slowedShare: 0.8,
    savingShare: 0.9,
    exhaustedShare: 0.98, // the last 200 calls are for what the bot has to say
    catchupDayShare: 0.05, // 500 calls: ten thousand messages, or five hundred chats, a day
  },
  fleet: { others: 0, isDeduplicated: false },
  callTimeoutMs: 15_000,
  callIntervalMs: 200, // 5 a second; the platform allows 50 (10 for the online count)
  notesIntervalMs: 30_000,
});

const DAY_MS = 24 * HOUR_MS;

/** Bounds of the numbers, by option. */
const BOUNDS: Readonly<Record<string, readonly [min: number, max: number]>> = {
  'view.intervalMs': [1_000, DAY_MS], // the budget slows whoever would spend the month in a day
  'view.confirmMs': [1_000, HOUR_MS],
  'view.settleMs': [0, HOUR_MS],
  'view.ghostMs': [0, DAY_MS],
  'catchup.overlapMs': [0, HOUR_MS],
  'catchup.windowMs': [MINUTE_MS, 30 * DAY_MS],
  'catchup.rememberedMs': [0, 365 * DAY_MS],
  'catchup.settleMs': [0, HOUR_MS],
  'catchup.briefMs': [0, DAY_MS],
  'catchup.gatherMs': [0, DAY_MS],
  'catchup.aftermathMs': [0, DAY_MS],
  'catchup.maxChats': [1, 10_000],
  'catchup.maxPages': [1, 100_000],
  'catchup.maxMessages': [1, 1_000_000],
  'catchup.maxDurationMs': [1_000, DAY_MS],
  'catchup.concurrency': [1, 20],
  'catchup.maxRuns': [1, 1_000],
  'reconcile.chats': [1, 20],
  'reconcile.windowMs': [MINUTE_MS, DAY_MS],
  'reconcile.graceMs': [18_000, HOUR_MS], // sooner, a message may wait for its first redelivery
  'reconcile.everyMs': [MINUTE_MS, 30 * DAY_MS],
  'baseline.expectedEvents': [5, 1_000],
  'baseline.minSilenceMs': [1_000, DAY_MS],
  'baseline.weight': [0.01, 1],
  'replace.judgeMs': [1_000, DAY_MS],
  'replace.looksPerHour': [1, 60],
  'budget.monthlyQuota': [1, 1_000_000_000],
  'budget.slowedShare': [0, 1],
  'budget.savingShare': [0, 1],
  'budget.exhaustedShare': [0, 1],
  'budget.catchupDayShare': [0, 1],
  'fleet.others': [0, 50],
  callTimeoutMs: [1, 10 * MINUTE_MS],
  callIntervalMs: [0, MINUTE_MS],
  notesIntervalMs: [1, HOUR_MS],
};

/**
 * The {@link LOOKOUT_DEFAULTS} with the given options over them.
 * @throws RangeError naming option, bound and value.
 */
export function resolveLookoutPolicy(options: LookoutOptions = {}): LookoutPolicy {
  const policy = Object.freeze(over(LOOKOUT_DEFAULTS, options, '')) as unknown as LookoutPolicy;
  for (const [option, [min, max]] of Object.entries(BOUNDS)) {
    const value = valueAt(policy, option);
    if (option === 'reconcile.everyMs' && value === null) continue;
    // Written so that NaN fails too.
    if (!(typeof value === 'number' && value >= min && value <= max)) {
      throw new RangeError(`${option} must be from ${min} to ${max}, got ${String(value)}`);
    }
  }
  const choices = ['all', 'mentions', 'learned'];
  const { groupMessages } = policy.catchup;
  if (!choices.includes(groupMessages)) {
    throw new RangeError(`catchup.groupMessages must be one of ${choices.join(', ')}, got ${groupMessages}`);
  }
  inOrder(policy.budget, options.budget ?? {}, 'slowedShare', 'savingShare');
  inOrder(policy.budget, options.budget ?? {}, 'savingShare', 'exhaustedShare');
  if (policy.reconcile.graceMs >= policy.reconcile.windowMs) {
    const { graceMs, windowMs } = policy.reconcile;
    throw new RangeError(`reconcile.graceMs must be below reconcile.windowMs (${windowMs}), got ${graceMs}`);
  }
  checkBackoff('catchup.retry', policy.catchup.retry);
  checkBackoff('replace.pause', policy.replace.pause);
  return policy;
}

type Share = 'slowedShare' | 'savingShare' | 'exhaustedShare';

/** Of two that do not fit each other, the one that was chosen is named, and not the default beside it. */
function inOrder(budget: BudgetPolicy, given: Partial<BudgetPolicy>, less: Share, more: Share): void {
  if (budget[less] <= budget[more]) return;
  if (given[more] === undefined) {
    throw new RangeError(`budget.${less} must be from 0 to ${more} (${budget[more]}), got ${budget[less]}`);
  }
  throw new RangeError(`budget.${more} must be from ${less} (${budget[less]}) to 1, got ${budget[more]}`);
}

type Fields = Readonly<Record<string, unknown>>;

function over(defaults: object, options: object, path: string): Fields {
  const merged: Record<string, unknown> = { ...defaults };
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(defaults, name)) {
      throw new RangeError(`unknown option ${path}${name}; known are ${Object.keys(defaults).join(', ')}`);
    }
    if (value === undefined) continue;
    const known = merged[name];
    // A Backoff is one value: half of one over another would be neither.
    const isPart = path === '' && typeof known === 'object' && known !== null && typeof value === 'object';
    merged[name] = isPart ? over(known, value, `${name}.`) : value;
  }
  return merged;
}

function valueAt(policy: LookoutPolicy, option: string): unknown {
  return option.split('.').reduce<unknown>((part, name) => (part as Fields)[name], policy);
}
