/**
 * Every number an alert compares with, its default and the reason for it. Limits that the connector itself exports
 * (`feishu_ws_backoff_max_seconds` and the like) are not here: the rules read them from the metric.
 */
export const THRESHOLDS = {
  reconnectSlackSeconds: {
    value: 60,
    why: 'An attempt may be this much later than the longest backoff: all its deadlines (15 + 15 + 10 s) fit in.',
  },
  supervisorSilenceSeconds: { value: 60, why: 'Twelve ticks of the supervisor; a garbage collection takes less.' },
  halfOpenHeartbeats: {
    value: 2.5,
    why: 'Two pongs in a row may be lost; our own silence limit acts long before the third is due.',
  },
  flapsPer15m: {
    value: 4,
    why: 'The platform kicks and restarts gateways now and then; five times in 15 min is not that.',
  },
  shortSessionsRatio: { value: 0.5, why: 'Most connections of a healthy client live for hours.' },
  shortSessionsMin: { value: 12, why: 'Fewer than two connections an hour say nothing about their usual length.' },
  serverViewFreshSeconds: {
    value: 1_200,
    why: 'Above the pause between two looks (15 to 18 min), and no longer than the alerts hold.',
  },
  serverViewsMissed: {
    value: 3,
    why: 'One answer in a row may be missing, and one more; the third is a blind witness.',
  },
  canariesMissed: {
    value: 3,
    why: 'Two that do not come already replace the connection; the third proves it in vain.',
  },
  gapReadSeconds: {
    value: 2_700,
    why: 'Brief gaps gather for 30 min, and a run may take 10: whoever read one since then is at work.',
  },
  silentBaselineEvents: {
    value: 10,
    why: 'Were the true rate the expected one, a window without any would come once in 22,000.',
  },
  belowBaselineEvents: { value: 50, why: 'Below that, chance alone makes ratios swing.' },
  belowBaselineRatio: {
    value: 0.2,
    why: 'With one foreign consumer half of the events remain, a holiday leaves a third.',
  },
  neverReceivedSeconds: { value: 86_400, why: 'A day covers every daily rhythm of a bot that is in use.' },
  queueRatio: { value: 0.8, why: 'A fifth of the bound is the time left to react before acks are withheld.' },
  stalledEventsMin: {
    value: 5,
    why: 'With a journal, fewer that wait while none succeeds are a few poisonous ones between their retries.',
  },
  handlerErrorRatio: { value: 0.05, why: 'One event in twenty is a fault of the code, not of one odd message.' },
  handlerErrorsMin: { value: 5, why: 'A few poisonous events are no trend.' },
  ackLateRatio: { value: 0.01, why: 'Ten times the objective: one in a hundred acks comes after the 3 s.' },
  ackLateMin: { value: 3, why: 'One or two late acks are a hiccup.' },
  duplicateRatio: {
    value: 0.05,
    why: 'A healthy day has next to none; one in twenty means the ladder of redelivery runs.',
  },
  duplicatesMin: { value: 5, why: 'A reconnect alone brings a few.' },
  tokenFailuresPer15m: {
    value: 2,
    why: 'Two failures and a success are a blip; refreshing starts long before the expiry.',
  },
  tokenMarginRatio: { value: 0.5, why: 'Half of the margin went by without a renewal: half of it is left to act.' },
  restartsPer15m: { value: 2, why: 'A deployment restarts once, a correction of it twice.' },
  eventLoopLagSeconds: {
    value: 0.25,
    why: 'With 250 ms at the 99th percentile, for 10 min, deadlines of 3 s begin to be missed.',
  },
  upRatio: { value: 0.5, why: 'A target that fails most of its scrapes shows nothing that can be trusted.' },
  certificateLeftSeconds: {
    value: 604_800,
    why: 'Whoever renews by machine does so weeks before; a week is left to find out why that failed.',
  },
  notificationErrorRatio: { value: 0.03, why: 'Retries make up for less.' },
  unavailableBudgetRatio: { value: 0.001, why: 'Objective: connected 99.9 % of 30 days, which leaves 43 min.' },
  ackLateBudgetRatio: { value: 0.001, why: 'Objective: 99.9 % of the acks within 3 s, over 30 days.' },
  ackBurnMin: { value: 100, why: 'Among fewer acks a single late one burns more than the budget.' },
} as const satisfies Record<string, { value: number; why: string }>;

export type ThresholdName = keyof typeof THRESHOLDS;
export type Thresholds = Readonly<Record<ThresholdName, number>>;

/** The values of {@link THRESHOLDS} alone. */
export const DEFAULT_THRESHOLDS: Thresholds = Object.freeze(
  Object.fromEntries(Object.entries(THRESHOLDS).map(([name, { value }]) => [name, value])) as Record<
    ThresholdName,
    number
  >,
);

/**
 * The defaults with what the caller changed.
 * @throws RangeError naming the threshold, its bound and its value.
 */
export function resolveThresholds(changes: Partial<Thresholds> = {}): Thresholds {
  for (const [name, value] of Object.entries(changes)) {
    if (!Object.hasOwn(THRESHOLDS, name)) throw new RangeError(`there is no threshold ${name}`);
    const isRatio = name.endsWith('Ratio');
    if (!Number.isFinite(value) || value < 0 || (isRatio && value > 1)) {
      throw new RangeError(`thresholds.${name} must be between 0 and ${isRatio ? 1 : 'infinity'}, got ${value}`);
    }
  }
  return Object.freeze({ ...DEFAULT_THRESHOLDS, ...changes });
}
