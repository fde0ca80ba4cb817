import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { DemoFigures } from '../../src/cli/demo/figures.js';
import { eventFigures, figuresTable } from '../../src/cli/demo/figures.js';
import { readableLog } from '../../src/cli/demo/narrator.js';
import type { LedgerEvent } from '../../src/simulator/index.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function runDemo(
  args: readonly string[],
  onOutput: (child: { kill(signal: NodeJS.Signals): boolean }, text: string) => void = () => {},
): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, 'demo', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
      onOutput(child, text.stdout + text.stderr);
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...text }));
  });
}

test('the demo lives through both outages, loses nothing, handles nothing twice, and ends with 0', {
  timeout: 120_000,
}, async () => {
  const { code, stdout, stderr } = await runDemo(['--json']);
  const figures = JSON.parse(stdout) as DemoFigures;
  expect(figures).toMatchObject({ isClean: true, events: { lost: 0, handledTwice: 0 } });
  expect(figures.events.sent).toBe(figures.events.handled);
  expect(figures.events.redeliveries).toBeGreaterThan(0);
  expect(figures.outages.map(({ cause }) => cause)).toEqual(['connection_reset', 'replaced']);
  expect(figures.tokenRefreshFailures).toBeGreaterThan(0);
  expect(stderr).toContain('[feishu] reconnected');
  expect(stderr).toContain('GET /readyz says 503: 1 of 1 apps not connected');
  expect(stderr).toContain('suspect: a ping is overdue');
  expect(stderr).toContain('GET /readyz says 200: every app is connected');
  expect(code).toBe(0);
});

test('SIGINT ends the demo in the middle of the story, with the code of that signal', async () => {
  let isKilled = false;
  const { code } = await runDemo([], (child, text) => {
    if (!isKilled && text.includes('Chapter 1')) isKilled = child.kill('SIGINT');
  });
  expect(code).toBe(130);
});

test('a lost event and one that was handled twice are told apart from the rest', () => {
  const event = (eventId: string, pushes: number) =>
    ({ eventId, deliveries: Array(pushes).fill(null) }) as unknown as LedgerEvent;
  const sent = [event('a', 1), event('b', 3), event('c', 1), event('d', 2)];
  const handled = new Map([
    ['a', 1],
    ['b', 2],
    ['d', 1],
  ]);
  expect(eventFigures(sent, handled)).toEqual({ sent: 4, handled: 3, lost: 1, handledTwice: 1, redeliveries: 3 });
});

test('the table stands in columns', () => {
  const table = figuresTable({
    isClean: true,
    durationS: 40,
    outages: [
      {
        title: 'freeze',
        cause: 'heartbeat_timeout',
        noticedAfterS: 3,
        lastedS: 0.2,
        attempts: 1,
        recoveredAfterUpstreamS: 0.2,
      },
    ],
    events: { sent: 5, handled: 5, lost: 0, handledTwice: 0, redeliveries: 2 },
    tokenRefreshFailures: 1,
    reconnectAttempts: 1,
  });
  expect(table.split('\n').slice(0, 2)).toEqual([
    '  outage  cause              noticed after  lasted  attempts  back after upstream',
    '  freeze  heartbeat_timeout  3.0 s          0.2 s   1         0.2 s',
  ]);
  expect(table).toContain('events: 5 sent, 5 handled, 0 lost, 0 handled twice (2 redeliveries by the platform)');
});

test('of the log only the fixed lines are part of the story', () => {
  expect(readableLog('{"msg":"[feishu] reconnected","outage_s":1.5,"attempts":2,"level":"info"}')).toBe(
    '[feishu] reconnected outage_s=1.5 attempts=2',
  );
  expect(readableLog('{"msg":"[feishu] attempt failed","failure":"dns_failed"}')).toBeNull();
});
