import { Agent } from 'node:http';
import { expect, test } from 'vitest';
import { WSClient } from '../../src/index.js';
import { DEFAULT_APP } from '../../src/simulator/index.js';
import { realPlatform } from '../support/real-world.js';
import { sdkDispatcher } from '../support/sdk-client.js';

// A file of its own: only the first start of a process loads the package that sockets need.
test('F24: a close in the turn of the first start holds, with an agent too', async () => {
  const { simulator, url } = await realPlatform();
  const client = new WSClient({ ...DEFAULT_APP, domain: url, agent: new Agent(), loggerLevel: 0 });
  const started = client.start({ eventDispatcher: sdkDispatcher({}) });
  client.close({ force: true });
  await started;
  await client.connector?.stop({ drainMs: 0 }); // joins the one under way
  expect(client.connector?.status().connected.is).toBe(false);
  expect(client.getConnectionStatus().state).toBe('idle');
  expect(simulator.platform.traffic.recent('ping')).toEqual([]);
});
