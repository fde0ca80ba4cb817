import { ALERTS, type Severity, DEFAULT_THRESHOLDS as T } from '../../src/alerts/index.js';

export interface Limit {
  /** In the unit of the panel that draws it. */
  readonly value: number;
  /** On which side of the limit the alert fires; above, unless said otherwise. */
  readonly firesBelow?: true;
}

/**
 * What the boards know of an alert: the number it compares with, or null where it compares two series, or states.
 * A new alert needs a row here and a panel that names it; tests hold both against the rules.
 */
export const LIMITS = {
  FeishuAppDeaf: null,
  FeishuWsDisconnected: null,
  FeishuWsGaveUp: null,
  FeishuWsReconnectStuck: { value: T.reconnectSlackSeconds }, // beyond the longest backoff
  FeishuWsHalfOpen: { value: T.halfOpenHeartbeats }, // heartbeat intervals
  FeishuWsFlapping: { value: T.flapsPer15m },
  FeishuWsSessionsShort: { value: T.shortSessionsRatio },
  FeishuSocketLeak: null, // what is wanted
  FeishuConnectRejected: { value: 0 },
  FeishuTokenRefreshFailing: { value: T.tokenFailuresPer15m },
  FeishuTokenNearExpiry: { value: T.tokenMarginRatio, firesBelow: true }, // refresh margins
  FeishuTokenExpired: { value: 0, firesBelow: true }, // seconds left
  FeishuApiLimited: { value: 0 },
  FeishuWsZombie: null, // what the platform counts
  FeishuWsForeignConsumer: null,
  FeishuServerViewStale: { value: T.serverViewsMissed }, // pauses between two looks
  FeishuCanaryMissing: { value: T.canariesMissed }, // pauses between two canaries
  FeishuEventGapUnreconciled: { value: 0 },
  FeishuEventGapLost: { value: 0 },
  FeishuEventsSilent: null,
  FeishuEventsBelowBaseline: { value: T.belowBaselineRatio, firesBelow: true }, // of the baseline
  FeishuNeverReceived: { value: T.neverReceivedSeconds },
  FeishuHandlerStalled: null, // the handler's deadline
  FeishuQueueSaturated: { value: T.queueRatio },
  FeishuHandlerErrors: { value: T.handlerErrorRatio },
  FeishuDuplicateDeliveries: { value: T.duplicateRatio },
  FeishuFramesUndecodable: { value: 0 },
  FeishuJournalFailing: { value: 0 },
  FeishuDeadLetters: { value: 0 },
  FeishuSinkDown: null,
  FeishuAckLate: { value: T.ackLateRatio },
  FeishuSupervisorStalled: { value: T.supervisorSilenceSeconds },
  FeishuConnectorCrashLooping: { value: T.restartsPer15m },
  FeishuEventLoopBlocked: { value: T.eventLoopLagSeconds },
  FeishuConfigReloadFailed: null,
  FeishuTargetDown: { value: T.upRatio, firesBelow: true },
  FeishuTargetAbsent: null,
  FeishuTargetDisappeared: null,
  FeishuMetricsMissing: null,
  FeishuCertificateNotRenewed: { value: T.certificateLeftSeconds, firesBelow: true }, // seconds left
  FeishuRuleEvaluationFailing: { value: 0 },
  FeishuAlertsNotDelivered: { value: T.notificationErrorRatio },
  FeishuWatchdog: null,
  FeishuConnectivityBudgetBurn: null, // one factor for each window, see below
  FeishuAckBudgetBurn: null,
} as const satisfies Readonly<Record<string, Limit | null>>;

export type AlertName = keyof typeof LIMITS;

/** The fixed number that an alert compares with, or null. */
export function limitOf(alert: AlertName): Limit | null {
  return LIMITS[alert];
}

/** @throws Error if there is no such alert. */
export function severityOf(name: AlertName): Severity {
  const alert = ALERTS.find((row) => row.name === name);
  if (alert === undefined) throw new Error(`there is no alert ${name}`);
  return alert.severity;
}

/** The burn alerts of both objectives: how many times too fast the budget may go over a window. */
export const BURN_FACTORS = [
  { window: '1h', factor: 14.4, severity: 'critical' },
  { window: '6h', factor: 6, severity: 'critical' },
  { window: '1d', factor: 3, severity: 'warning' },
  { window: '3d', factor: 1, severity: 'warning' },
] as const;

/** What the objectives allow to go wrong in 30 days: a share of the time, a share of the acks. */
export const UNAVAILABLE_BUDGET = T.unavailableBudgetRatio;
export const LATE_ACK_BUDGET = T.ackLateBudgetRatio;

/** After this the platform redelivers: what "late" means, and no alert's limit. */
export const LATE_ACK_SECONDS = 3;
