export { WSClient } from './ws-client.js';
