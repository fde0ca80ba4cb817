import {
  type BaselinePolicy,
  type BudgetPolicy,
  type Canary,
  type CanarySchedule,
  type CatchupPolicy,
  checkCanarySchedule,
  LOOKOUT_DEFAULTS,
  type Lookout,
  type LookoutParts,
  type LookoutPolicy,
  MESSAGE_EVENT,
  type ReconcilePolicy,
  type ReplacePolicy,
  resolveLookoutPolicy,
  type ViewPolicy,
} from './catchup/index.js';
import type { ConnectionReport } from './connection/index.js';
import type { Dispatcher } from './delivery/index.js';
import type { Clock, Moment } from './ports/index.js';

/**
 * What the connector asks the platform of its own accord, to find out what it was not given, and how much of that. Every
 * such call spends from the app's monthly quota; `budget` bounds them. Only what recovers messages reads any content, and
 * what it reads goes to your handlers and nowhere else.
 */
export interface CatchupOptions {
  /** The platform's count of our connections: some 90 calls a day, no content. False: never asked. Default: asked. */
  readonly view?: boolean | Partial<ViewPolicy>;
  /**
   * Messages that were sent while no connection was proven are fetched from the history of the bot's chats, and handled as
   * if they had been pushed. It needs scopes that read messages. Default: with a journal only. Without one a message that
   * was handled is known for {@link DeliveryPolicy.deduplicationMaxAgeMs} and to this process alone, and what was not
   * fetched when it ends is lost: who can live with that says `true`.
   */
  readonly catchup?: boolean | Partial<Omit<CatchupPolicy, 'rememberedMs'>>;
  /** The latest history of a chat or two is compared with what arrived, when something is suspected. False: never. */
  readonly reconcile?: boolean | Partial<ReconcilePolicy>;
  /** The app's own pattern: a silence that contradicts it is looked into. No calls by itself. False: it is not learned. */
  readonly baseline?: boolean | Partial<BaselinePolicy>;
  /** When a proven deaf connection is replaced by another one. */
  readonly replace?: Partial<ReplacePolicy>;
  /** What all calls of the app may come to in a month, its own through `connector.client` included. */
  readonly budget?: Partial<BudgetPolicy>;
  /** Other processes that serve this app. Two or more of them with catch-up need a common memory of what was handled. */
  readonly fleet?: Partial<LookoutPolicy['fleet']>;
  /** An event that you cause, to see it come. Default: none. */
  readonly canary?: { readonly canary: Canary; readonly schedule: CanarySchedule };
  /** Deadline for one call. Default 15,000. */
  readonly callTimeoutMs?: number;
  /** Least pause between two calls. Default 200. */
  readonly callIntervalMs?: number;
  /** How late what is learned is written to the journal's store. Default 30,000. */
  readonly notesIntervalMs?: number;
}

/** What the connector's other options mean for catch-up. */
export interface CatchupGrounds {
  readonly hasJournal: boolean;
  /** How long delivery knows a message again, in milliseconds. */
  readonly rememberedMs: number;
}

/** Parts that can be switched off, each by `false`. */
export const CATCHUP_SWITCHES = ['view', 'catchup', 'reconcile', 'baseline'] as const;
/** Everything but the canary, which is code. */
export const CATCHUP_DEFAULTS: LookoutPolicy = LOOKOUT_DEFAULTS;

const LONGEST_MEMORY_MS = 365 * 86_400_000;

/**
 * The options with every default in place; null: nothing is asked at all.
 * @throws RangeError naming option, bound and value.
 */
export function resolveCatchupOptions(
  options: CatchupOptions | boolean | undefined,
  { hasJournal, rememberedMs }: CatchupGrounds,
): LookoutPolicy | null {
  if (options === false) return null;
  const chosen = options === undefined || options === true ? {} : options;
  if (!isOptions(chosen)) throw new RangeError(`catchup must be options, true or false, got ${JSON.stringify(chosen)}`);
  const { canary, ...given }: CatchupOptions = chosen;
  if (canary !== undefined) checkCanary(canary);
  const parts: Record<string, unknown> = { ...given };
  for (const name of CATCHUP_SWITCHES) parts[name] = switched(name, given[name]);
  for (const name of ['replace', 'budget', 'fleet'] as const) {
    if (given[name] !== undefined && !isOptions(given[name])) throw wrong(name, 'options', given[name]);
  }
  const catchup = (parts.catchup ?? {}) as Partial<CatchupPolicy>;
  if (catchup.rememberedMs !== undefined) throw new RangeError('unknown option catchup.catchup.rememberedMs');
  const remembered = Math.min(rememberedMs, LONGEST_MEMORY_MS);
  parts.catchup = { isEnabled: hasJournal, ...catchup, rememberedMs: remembered };
  try {
    return resolveLookoutPolicy(parts);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const isUnknown = error.message.startsWith('unknown option ');
    const message = isUnknown ? error.message.replace('option ', 'option catchup.') : `catchup.${error.message}`;
    throw new RangeError(message, { cause: error });
  }
}

/** Whether gaps are caught up: not where other processes serve the app and do not share what they handled. */
export function hasCatchup({ catchup, fleet }: LookoutPolicy): boolean {
  return catchup.isEnabled && (fleet.others === 0 || fleet.isDeduplicated);
}

/** What of a policy makes sense beside this dispatcher: where nobody handles messages there is nothing to fetch. */
export function lookoutPolicyOf(
  policy: LookoutPolicy | null,
  dispatcher: Pick<Dispatcher, 'handles'>,
): LookoutPolicy | null {
  if (policy === null || dispatcher.handles(MESSAGE_EVENT)) return policy;
  return { ...policy, catchup: { ...policy.catchup, isEnabled: false } };
}

function checkCanary(given: unknown): void {
  if (!isOptions(given) || !isOptions(given.canary) || !isOptions(given.schedule)) {
    throw wrong('canary', 'options with canary and schedule', given);
  }
  checkCanarySchedule(given.schedule as unknown as CanarySchedule);
}

function switched(name: (typeof CATCHUP_SWITCHES)[number], given: unknown): object | undefined {
  if (given === undefined) return undefined;
  if (typeof given === 'boolean') return { isEnabled: given };
  if (!isOptions(given)) throw wrong(name, 'options, true or false', given);
  const { isEnabled } = given;
  if (isEnabled !== undefined && typeof isEnabled !== 'boolean')
    throw wrong(`${name}.isEnabled`, 'true or false', isEnabled);
  return given;
}

function wrong(name: string, expected: string, given: unknown): RangeError {
  return new RangeError(`catchup.${name} must be ${expected}, got ${JSON.stringify(given)}`);
}

function isOptions(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The canary among the options, if there is one. */
export function canaryOf(options: CatchupOptions | boolean | undefined): LookoutParts['canary'] {
  return typeof options === 'object' ? options.canary : undefined;
}

/** Tells the Lookout what became of the connections; `proven` is how many there are after it. */
export function tellConnection(
  lookout: Lookout,
  report: ConnectionReport,
  { wallNow }: Moment,
  proven: () => number,
): void {
  switch (report.type) {
    case 'frame':
      if (report.direction === 'in') lookout.heard(wallNow);
      break;
    case 'heartbeat_answered':
      lookout.heard(wallNow);
      break;
    case 'disconnected':
      // A close code came from the other end: it knows that this connection is over.
      if (report.failure.code !== 'local_stop') lookout.ended({ isClean: report.closeCode !== null });
      lookout.connections(proven());
      break;
    case 'connected':
      lookout.connections(proven());
      if (report.replaces !== undefined) lookout.replaced();
      break;
  }
}

/** A disk that hangs must not hold up the close of the socket. */
const STOP_LIMIT_MS = 2_000;

/** Resolves when the Lookout has stopped, or has had two seconds for it; what it could not write is asked again. */
export function stopLookout(lookout: Lookout, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.timer(STOP_LIMIT_MS, resolve);
    void lookout.stop().finally(() => {
      timer.cancel();
      resolve();
    });
  });
}
