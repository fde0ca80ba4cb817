import type { Limits } from '../../src/observe/index.js';

/** Limits of an app whose metrics are looked at. */
export const LIMITS: Limits = {
  heartbeatIntervalMs: 120_000,
  silenceLimitMs: 130_000,
  backoffMaxMs: 30_000,
  connectionsWanted: 1,
  handlerDeadlineMs: 60_000,
  queueCapacity: 1_000,
  tokenRefreshMarginMs: 900_000,
};
