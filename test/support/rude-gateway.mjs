// A process that has nothing but the built library: a simulated platform, a connector, and every rudeness that has
// ended processes. It prints what came of the events and must end by itself, with 0: nothing may be left that runs.
import { createConnector } from '../../dist/index.js';
import { createSimulator, DEFAULT_APP, messageEvent } from '../../dist/simulator/index.js';

const SILENT = { level: 'silent' };
const STRIKES = [
  { fault: 'garbage_frame' },
  { fault: 'text_frame' },
  { fault: 'unknown_method_frame' },
  { fault: 'oversized_frame' },
  { fault: 'close_socket', code: 1000, reason: 'bye' },
  { fault: 'drop_socket' },
  { fault: 'handshake_hang', times: 1 },
  { fault: 'handshake_hang', sends: 'half_answer', times: 1 },
  { fault: 'accept_then_close', how: 'reset', times: 1 },
  { fault: 'accept_then_close', how: 'close', times: 1 },
  { fault: 'refuse_tcp', via: 'socket', times: 1 },
  { fault: 'discovery_body', body: 'html', times: 1 },
];

const { pino } = await import('pino');
const simulator = createSimulator({ ackDeadlineMs: 200, redeliveryScale: 0.001 });
const { url } = await simulator.start();
const handled = new Set();
const quick = { initialMs: 10, maxMs: 50, factor: 2, jitter: 'full' };
const connector = createConnector({
  ...DEFAULT_APP,
  domain: url,
  logger: pino(SILENT),
  handlers: { '*': async ({ id }) => void handled.add(id) },
  connection: { backoff: quick, slowLane: quick, quickRetryMs: 10, dialTimeoutMs: 60 },
});
await connector.start();
await connector.ready();
for (const fault of STRIKES) {
  simulator.inject(fault);
  // Faults of the way to a connection strike at the next attempt.
  if ('times' in fault) simulator.inject({ fault: 'drop_socket' });
  const sent = simulator.send(messageEvent());
  while (sent.state !== 'acknowledged') await new Promise((resolve) => setTimeout(resolve, 5));
}
await connector.stop();

// An abort of a socket that is still connecting, which the `ws` package reports a tick later.
simulator.inject({ fault: 'handshake_hang' });
await connector.start();
while (connector.status().connected.state !== 'dialing') await new Promise((resolve) => setTimeout(resolve, 5));
await connector.stop();

const { total: sent, acknowledged } = simulator.ledger.summary;
await simulator.stop();
process.stdout.write(JSON.stringify({ strikes: STRIKES.length, sent, handled: handled.size, acknowledged }));
