/** What the daemon and the CLI need of the rooms behind the connector; they know those through here alone. */
export { DEFAULT_CONNECTION_POLICY, FAILURES, resolveConnectionPolicy, } from './connection/index.js';
export { DELIVERY_DEFAULTS, JOURNAL_DEFAULTS, JOURNAL_MAX_PENDING, JOURNAL_SCHEMA, MIN_RETENTION_MS, ORDERS, resolveDeliveryPolicy, STALE_EVENTS, } from './delivery/index.js';
export { resolveTokenPolicy, TOKEN_DEFAULTS } from './token/index.js';
