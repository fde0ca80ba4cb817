// What a user of the package writes, compiled against its types and run from its installation by scripts/package-check.mjs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConnectorError,
  type ConnectorOptions,
  type ConnectorStatus,
  createConnector,
  FAILURES,
  type FailureCode,
  type Handlers,
  WSClient,
} from 'feishu-connector';
import { createSimulator, DEFAULT_APP, messageEvent, type Simulator } from 'feishu-connector/simulator';

const simulator: Simulator = createSimulator({ seed: 7 });
const { url } = await simulator.start();

let heard: (text: string) => void = () => {};
const text = new Promise<string>((resolve) => {
  heard = resolve;
});
const handlers: Handlers = {
  'im.message.receive_v1': async (event, { signal }) => {
    if (signal.aborted) return;
    const message = event.data.message as { readonly content: string };
    heard((JSON.parse(message.content) as { readonly text: string }).text);
  },
};

const directory = mkdtempSync(join(tmpdir(), 'feishu-consumer-'));
const options: ConnectorOptions = { ...DEFAULT_APP, domain: url, handlers };
// As `node consumer.js bare` it runs without what needs optional packages.
const isBare = process.argv.includes('bare');
const connector = createConnector(isBare ? options : { ...options, journal: { directory } });
let result: object = {};
try {
  await connector.start();
  await connector.ready();
  simulator.send(messageEvent({ text: 'hello' }));
  const said = await text;
  const status: ConnectorStatus = connector.status();
  await connector.stop({ drainMs: 1_000 });
  const code: FailureCode = 'closed_by_peer';
  result = { said, wasConnected: status.connected.is, help: FAILURES[code].help, dropIn: WSClient.name };
} catch (error) {
  if (!(error instanceof ConnectorError)) throw error;
  result = { code: error.code, message: error.message };
} finally {
  await connector.stop();
  await simulator.stop();
  rmSync(directory, { recursive: true });
}
// Among the lines of the log.
console.log(JSON.stringify(result));
