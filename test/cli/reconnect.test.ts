import { expect, onTestFinished, test } from 'vitest';
import { runCli } from '../../src/cli/cli.js';
import { EXIT } from '../../src/cli/exit-code.js';
import { APP_ID, APP_SECRET } from '../support/app-connector.js';
import { TestFace } from '../support/cli-face.js';
import { withFiles } from '../support/temporary-folder.js';

const APP = { FEISHU_APP_ID: APP_ID, FEISHU_APP_SECRET: APP_SECRET, FEISHU_APP: 'support-bot' };

/** A daemon on a free port that connects to nothing, and what it was told. */
async function running(env: Record<string, string>) {
  const daemon = new TestFace(['run', '--listen', '127.0.0.1:0'], { env: { ...APP, ...env } });
  const ended = runCli(daemon);
  onTestFinished(async () => {
    daemon.signal('SIGTERM');
    await ended;
  });
  await daemon.saw(/daemon started/);
  const url = /"url":"(https?:[^"]+)"/.exec(daemon.err)?.[1] ?? '';
  return { url, calls: daemon.connectors.calls, listen: new URL(url).host };
}

async function reconnect(argv: readonly string[], env: Record<string, string>) {
  const face = new TestFace(['reconnect', ...argv], { env });
  return { code: await runCli(face), out: face.out, err: face.err };
}

test('it comes over the control socket, which the environment leads to without any configuration', async () => {
  await withFiles({}, async (directory) => {
    const { calls, listen } = await running({ XDG_RUNTIME_DIR: directory });
    const env = { XDG_RUNTIME_DIR: directory, FEISHU_LISTEN: listen };
    const told = await reconnect([], env);
    expect(told).toMatchObject({ code: EXIT.ok, err: '', out: expect.stringMatching(/^support-bot: /) });
    expect(JSON.parse((await reconnect(['--json', '--app', 'support-bot'], env)).out)).toMatchObject({
      apps: [{ app: 'support-bot', isWaitCut: false }],
    });
    expect(calls.filter((call) => call === 'reconnect support-bot')).toHaveLength(2);
    const nobody = await reconnect(['--app', 'sales'], env);
    expect(nobody).toMatchObject({ code: EXIT.usage, err: expect.stringContaining('--app: no such app') });
  });
});

test('over the network it takes the control token, and says so without one', async () => {
  const token = { FEISHU_CONTROL_TOKEN: 'a-token-of-the-test' };
  const { url, calls } = await running({ ...token, FEISHU_CONTROL_SOCKET: 'none' });
  const refused = await reconnect(['--url', url], {});
  expect(refused).toMatchObject({ code: EXIT.failure, out: '' });
  expect(refused.err).toMatch(/refuses: the control token is needed\. .*FEISHU_CONTROL_TOKEN_FILE/);
  expect((await reconnect(['--url', url], token)).code).toBe(EXIT.ok);
  expect(calls.filter((call) => call === 'reconnect support-bot')).toHaveLength(1);
});

test('nobody there is a failure that says what to do', async () => {
  const { code, err } = await reconnect(['--url', 'http://127.0.0.1:1'], {});
  expect([code, err]).toEqual([EXIT.failure, expect.stringContaining('nobody listens at http://127.0.0.1:1')]);
  const socket = await reconnect(['--url', 'unix:/nowhere/c.sock'], {});
  expect([socket.code, socket.err]).toEqual([EXIT.failure, expect.stringContaining('nobody listens at unix:/nowhere')]);
});
