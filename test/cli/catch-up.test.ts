import { expect, onTestFinished, test, vi } from 'vitest';
import { instantParser } from '../../src/cli/catch-up/instant.js';
import { outcomeLine, outcomesOf } from '../../src/cli/catch-up/outcome.js';
import { runCli } from '../../src/cli/cli.js';
import { EXIT } from '../../src/cli/exit-code.js';
import { createConnector } from '../../src/connector.js';
import { parseDaemonStatus } from '../../src/doctor/daemon-status.js';
import { DEFAULT_APP, messageEvent } from '../../src/simulator/index.js';
import { APP_ID, APP_SECRET, statusWith } from '../support/app-connector.js';
import { TestFace } from '../support/cli-face.js';
import { serveHttp } from '../support/loopback.js';
import { realPlatform } from '../support/real-world.js';
import { withFiles } from '../support/temporary-folder.js';

async function catchUp(argv: readonly string[], env: Record<string, string> = {}) {
  const face = new TestFace(['catch-up', ...argv], { env });
  const code = await runCli(face);
  expect([face.listenerCount, face.exits]).toEqual([0, []]);
  return { code, out: face.out, err: face.err };
}

test('what never came is found, handled and told of, over the control socket of a real daemon', async () => {
  const { simulator, url } = await realPlatform();
  const { appId, appSecret } = DEFAULT_APP;
  const config = `
listen: 127.0.0.1:0
control: { socket: control.sock }
journal: { directory: journal }
app: support-bot
appId: ${appId}
appSecret: ${appSecret}
domain: ${url}
catchup: { catchup: { settleMs: 0 } }
`;
  await withFiles({ 'connector.yaml': config }, async (cwd) => {
    const daemon = new TestFace(['run', '--config', 'connector.yaml'], { cwd, createConnector });
    const ended = runCli(daemon);
    try {
      await daemon.saw(/\[feishu\] connected"/);
      simulator.send(messageEvent({ messageId: 'om_known' }));
      await daemon.saw(/om_known/);
      // In the history, and never pushed.
      simulator.platform.say(messageEvent({ messageId: 'om_missed' }));
      const env = { FEISHU_CONTROL_SOCKET: `${cwd}/control.sock` };
      const told = await catchUp(['--app', appId, '--from', '1h'], env);
      expect(told.err).toMatch(/^support-bot: It is read as gap \d+, in some seconds/);
      expect(told.out).toMatch(
        /^support-bot: gap \d+, .+Z to .+Z: 1 found and handled now, 1 had arrived; all was read\n$/,
      );
      expect(told.code).toBe(EXIT.ok);
      expect(daemon.out).toMatch(/om_missed/);
      const known = await catchUp(['--json'], env);
      expect([known.code, JSON.parse(known.out)]).toMatchObject([
        EXIT.ok,
        { apps: [{ app: 'support-bot', is: 'closed', record: { found: 0, alreadyKnown: 2, cause: 'operator' } }] },
      ]);
      const bad = await catchUp(['--from', '1h', '--to', '2h'], env);
      expect([bad.code, bad.err]).toEqual([EXIT.usage, expect.stringContaining('no span of time')]);
      const nobody = await catchUp(['--app', 'sales'], env);
      expect([nobody.code, nobody.err]).toEqual([EXIT.usage, expect.stringContaining('--app: no such app')]);
    } finally {
      daemon.signal('SIGTERM');
      await ended;
    }
  });
});

/** A daemon that takes the word, and whose status never shows an end. */
async function slowDaemon() {
  const gaps = {
    open: [{ number: 3, cause: 'operator', from: 1, to: 2 }],
    openCount: 1,
    isCatchingUp: true,
    latest: [],
  };
  let asked = (): void => {};
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const server = await serveHttp((request, response) => {
    const isWord = request.url?.startsWith('/catch-up') === true;
    const status = {
      version: '1.2.3',
      phase: 'running',
      startedAt: 0,
      uptimeMs: 1,
      apps: [statusWith({ gaps: gaps as never })],
    };
    const answer = { apps: [{ app: 'support-bot', appId: APP_ID, gap: 3, isNew: true, says: 'It is read.' }] };
    if (!isWord) asked();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(isWord ? answer : status));
  });
  onTestFinished(() => server.close());
  return { url: server.url, isAsked };
}

test('who does not wait is told what is read, and who is interrupted that it goes on', async () => {
  const { url, isAsked } = await slowDaemon();
  const word = await catchUp(['--url', url, '--wait', '0']);
  expect(word).toMatchObject({ code: EXIT.ok, err: '', out: expect.stringContaining('gap 3 is not closed yet') });
  const face = new TestFace(['catch-up', '--url', url]);
  const ended = runCli(face);
  await isAsked;
  face.signal('SIGINT');
  expect([await ended, face.out]).toEqual([EXIT.interrupted, expect.stringContaining('status --app support-bot')]);
});

test('an app that refuses makes a failure with its reason, and the control token is asked for', async () => {
  const env = { FEISHU_APP_ID: APP_ID, FEISHU_APP_SECRET: APP_SECRET, FEISHU_CONTROL_SOCKET: 'none' };
  const token = { FEISHU_CONTROL_TOKEN: 'a-token-of-the-test' };
  const { url } = await realPlatform();
  const daemon = new TestFace(['run', '--listen', '127.0.0.1:0'], {
    env: { ...env, ...token, FEISHU_DOMAIN: url },
    createConnector,
  });
  const ended = runCli(daemon);
  await daemon.saw(/daemon started/);
  onTestFinished(async () => {
    daemon.signal('SIGTERM');
    await ended;
  });
  const [, address = ''] = /"url":"(http:[^"]+)","apps"/.exec(daemon.err) ?? [];
  const refused = await catchUp(['--url', address]);
  expect([refused.code, refused.err]).toEqual([EXIT.failure, expect.stringContaining('control token is needed')]);
  const off = await catchUp(['--url', address], token);
  expect([off.code, off.out]).toEqual([EXIT.failure, expect.stringContaining('catch-up is switched off')]);
});

test('what became of a gap is told by its record, and honestly where there is none', () => {
  const asked = [{ app: 'support-bot', appId: APP_ID, gap: 3, isNew: true, says: 'It is read.' }];
  const seen = (gaps: object) => {
    const body = {
      version: '1',
      phase: 'running',
      startedAt: 0,
      uptimeMs: 1,
      apps: [statusWith({ gaps: gaps as never })],
    };
    const status = parseDaemonStatus(JSON.stringify(body));
    if (typeof status === 'string') throw new Error(status);
    return outcomesOf(asked, status.apps).map(outcomeLine);
  };
  const record = { number: 3, cause: 'operator', from: 0, to: 1_000, found: 2, alreadyKnown: 5, recovered: 'no' };
  const unreachable = [{ what: 'chats', count: 1, why: 'scope_missing' }];
  expect(seen({ open: [], openCount: 0, isCatchingUp: false, latest: [{ ...record, unreachable }] })).toEqual([
    'support-bot: gap 3, 1970-01-01T00:00:00.000Z to 1970-01-01T00:00:01.000Z: 2 found and handled now, 5 had arrived; not all was read; out of reach: 1 chats (scope_missing)',
  ]);
  expect(seen({ open: [], openCount: 0, isCatchingUp: false, latest: [] })[0]).toMatch(/knows no gap 3 any more/);
  expect(seen({ open: [], openCount: 21, isCatchingUp: true, latest: [] })[0]).toMatch(/is not closed yet/);
});

test('a moment is a time, or how long ago it was', () => {
  const parse = instantParser(() => 86_400_000);
  expect(['90m', '12h', '1d', '1970-01-01T08:00Z'].map(parse)).toEqual([81_000_000, 43_200_000, 0, 28_800_000]);
  const noTimes = ['', '12', 'h', '-1h', '1w', 'yesterday', '2026-99-99', '2026-11-23 (or so)', '2026-11-23T08:00 GMT'];
  for (const text of noTimes) expect(() => parse(text)).toThrow(/12h/);
});

test('without a zone a day begins, and a time is, where the operator is', () => {
  vi.stubEnv('TZ', 'Asia/Shanghai');
  onTestFinished(() => void vi.unstubAllEnvs());
  const parse = instantParser(() => 0);
  const midnight = Date.parse('2026-11-22T16:00:00Z');
  expect(['2026-11-23', '2026-11-23T00:00', '2026-11-23 00:00', '2026-11-23T00:00+0800'].map(parse)).toEqual(
    Array(4).fill(midnight),
  );
});
