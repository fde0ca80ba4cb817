// The same from CommonJS, where most bots that use the official SDK are. It is compiled for its types alone.
const { createConnector, WSClient } = require('feishu-connector');
const { createSimulator } = require('feishu-connector/simulator');

/** @type {import('feishu-connector').ConnectorOptions['domain']} */
const domain = 'lark';
/** @type {InstanceType<typeof WSClient>} */
const client = new WSClient({ appId: 'cli_0123456789abcdef', appSecret: 'a secret of the test', domain });
console.log(typeof createConnector, typeof createSimulator, client.getConnectionStatus().state);
