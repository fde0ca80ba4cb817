import { once } from 'node:events';
import { createServer } from 'node:net';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { runCli } from '../../src/cli/cli.js';
import { EXIT } from '../../src/cli/exit-code.js';
import { controlLines, startSimulator } from '../../src/cli/simulator.js';
import { createConnector } from '../../src/connector.js';
import { DEFAULT_APP, SCENARIOS } from '../../src/simulator/index.js';
import { TestFace } from '../support/cli-face.js';
import { HandClock } from '../support/hand-clock.js';

test('it prints where it is, what connects to it, and what breaks it', async () => {
  const face = new TestFace(['simulate', '--port', '0', '--seed', '42']);
  const ended = runCli(face);
  await face.saw(/end all faults[\s\S]*DELETE/);
  expect(face.out).toContain('A simulated Feishu platform, seed 42.');
  expect(face.out).toMatch(/FEISHU_DOMAIN=http:\/\/127\.0\.0\.1:\d+ FEISHU_APP_ID=cli_/);
  face.signal('SIGTERM');
  expect(await ended).toBe(EXIT.terminated);
});

test('with --json it is one line that a program can connect with', async () => {
  const face = new TestFace(['simulate', '--port', '0', '--json', '--events-per-second', '0']);
  const ended = runCli(face);
  await face.saw(/\n/);
  const { url, appId, appSecret, controlUrl } = JSON.parse(face.out);
  const connector = createConnector({
    appId,
    appSecret,
    domain: url,
    handlers: { '*': () => {} },
    logger: pino({ level: 'silent' }),
  });
  await connector.start();
  await connector.ready();
  const state = await (await fetch(`${controlUrl}state`)).json();
  expect(state).toMatchObject({ apps: [{ appId: DEFAULT_APP.appId, connections: 1 }] });
  await connector.stop({ drainMs: 0 });
  face.signal('SIGINT');
  expect(await ended).toBe(EXIT.interrupted);
});

test('every line it prints does what it says', async () => {
  const simulator = await startSimulator({ clock: new HandClock(), eventsPerSecond: 0 });
  for (const { says, line } of controlLines(simulator.url)) {
    const [, url = '', body] = /(http:\S+)(?: -d '(.*)')?$/.exec(line) ?? [];
    const method = line.includes('-X DELETE') ? 'DELETE' : body === undefined ? 'GET' : 'POST';
    const answer = await fetch(url, { method, ...(body !== undefined && { body }) });
    expect([says, answer.ok]).toEqual([says, true]);
  }
  await simulator.stop();
});

test('faults are told as they start and end', async () => {
  const face = new TestFace(['simulate', '--port', '0', '--json', '--events-per-second', '0']);
  const ended = runCli(face);
  await face.saw(/\n/);
  const { controlUrl } = JSON.parse(face.out);
  await fetch(`${controlUrl}faults`, { method: 'POST', body: JSON.stringify({ fault: 'discovery_hang' }) });
  await face.saw(/"type":"fault_started".*discovery never answers/);
  await fetch(`${controlUrl}faults`, { method: 'DELETE' });
  await face.saw(/"type":"fault_ended"/);
  face.signal('SIGTERM');
  await ended;
});

test.each(SCENARIOS.map(({ name }) => name))('the scenario %s plays, and steady traffic follows', async (scenario) => {
  const clock = new HandClock();
  const simulator = await startSimulator({ clock, scenario, eventsPerSecond: 0 });
  const { durationMs } = SCENARIOS.find(({ name }) => name === scenario) ?? { durationMs: 0 };
  expect(clock.pending).toBeGreaterThan(0);
  await clock.advanceBy(durationMs);
  expect(clock.pending).toBeGreaterThan(0); // the steady traffic's own end
  await simulator.stop();
  expect(clock.pending).toBe(0);
});

test('a taken port is told with what to do about it', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const face = new TestFace(['simulate', '--port', String(port)]);
  expect(await runCli(face)).toBe(EXIT.failure);
  expect(face.err).toContain(`port ${port} is taken; choose another with --port`);
  other.close();
});
