export type {
  ConnectorExtras,
  SdkCardActionHandler,
  SdkParameters,
  StartParameters,
  WSClientParameters,
} from './parameters.js';
export { WSClient } from './ws-client.js';
