import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { DemoFigures } from '../../src/cli/demo/figures.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

async function demo(args: readonly string[], path: string | undefined) {
  const child = spawn(process.execPath, [MAIN, 'demo', '--with-prometheus', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: path },
  });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
    });
  }
  const [code] = await once(child, 'close');
  return { code, ...text };
}

test('with Prometheus the outage pages, its end is told, and the freeze pages nobody', {
  timeout: 240_000,
}, async () => {
  const { code, stdout, stderr } = await demo(['--json'], process.env.PATH);
  const figures = JSON.parse(stdout) as DemoFigures;
  expect(figures).toMatchObject({ isClean: true, events: { lost: 0, handledTwice: 0 } });
  expect(figures.alerts).toEqual([
    { alert: 'FeishuAppDeaf', to: 'pager', firedAtS: expect.any(Number), resolvedAtS: expect.any(Number) },
  ]);
  expect(stderr).toMatch(/graph {6}http:\/\/127\.0\.0\.1:\d+\/graph\?g0\.expr=feishu_ws_connected/);
  expect(stderr).toMatch(/on call {4}http:\/\/127\.0\.0\.1:\d+/);
  // In this order.
  expect(stderr).toMatch(
    /socket is cut[\s\S]*✉ page: FeishuAppDeaf app=demo[\s\S]*\[feishu\] reconnected[\s\S]*✉ page resolved: FeishuAppDeaf[\s\S]*Chapter 2/,
  );
  expect(stderr).toContain('nobody was paged');
  expect(code).toBe(0);
});

test('without Prometheus on the machine it says what to install, and starts nothing', async () => {
  const { code, stdout, stderr } = await demo([], '/nowhere');
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toBe(
    [
      'feishu-connector: prometheus and alertmanager not found in the PATH.',
      '  Debian, Ubuntu: apt-get install prometheus prometheus-alertmanager; elsewhere: https://prometheus.io/download (2.42 or newer).',
      '',
    ].join('\n'),
  );
});
