export { DEFAULT_CONNECTION_POLICY, FAILURES, } from './connection/index.js';
export { Connector, createConnector } from './connector.js';
export { ConnectorError } from './connector-error.js';
export { DOMAINS } from './connector-options.js';
export { createSink, } from './connector-sinks.js';
export { DELIVERY_DEFAULTS, JOURNAL_DEFAULTS, RetryLater, Undeliverable, } from './delivery/index.js';
export { SEND_FAILURES, verifyWebhook, } from './sinks/index.js';
export { TOKEN_DEFAULTS, TOKEN_FAILURES, TokenError } from './token/index.js';
export { WSClient } from './ws-client/index.js';
