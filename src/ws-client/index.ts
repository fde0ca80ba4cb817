export type { ConnectorExtras, SdkParameters, StartParameters, WSClientParameters } from './parameters.js';
export { WSClient } from './ws-client.js';
