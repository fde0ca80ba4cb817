import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/daemon/index.js';
import { APP_ID, APP_SECRET } from '../support/app-connector.js';
import { withFiles } from '../support/temporary-folder.js';

const APP = { FEISHU_APP_ID: APP_ID, FEISHU_APP_SECRET: APP_SECRET };
const load = (env: Record<string, string>, cwd = '/etc') => loadConfig({ env: { ...APP, ...env }, cwd });
const tlsFile = (name: string) => fileURLToPath(new URL(`../support/tls/${name}`, import.meta.url));

test('the control socket is looked for in the runtime, the journal’s and the user’s directory, in this order', async () => {
  const { surface } = await load({
    RUNTIME_DIRECTORY: '/run/feishu-connector:/run/other',
    FEISHU_JOURNAL_DIRECTORY: 'journal',
    XDG_RUNTIME_DIR: '/run/user/1000',
  });
  expect(surface?.socket).toEqual({
    directories: ['/run/feishu-connector', '/etc/journal', '/run/user/1000/feishu-connector'],
  });
  expect((await load({ FEISHU_CONTROL_SOCKET: 'c.sock' })).surface?.socket).toEqual({ path: '/etc/c.sock' });
  expect((await load({ FEISHU_CONTROL_SOCKET: 'none', XDG_RUNTIME_DIR: '/x' })).surface?.socket).toBe(null);
});

test('user, password, token and pair come from files, whose paths are made absolute', async () => {
  await withFiles({ password: 'a password of the test\n', token: 'a-token-of-the-test\n' }, async (cwd) => {
    const { surface } = await load(
      {
        FEISHU_HTTP_USER: 'prometheus',
        FEISHU_HTTP_PASSWORD_FILE: 'password',
        FEISHU_CONTROL_TOKEN_FILE: 'token',
        FEISHU_HTTP_CERT_FILE: tlsFile('trusted.pem'),
        FEISHU_HTTP_KEY_FILE: tlsFile('throwaway.key'),
      },
      cwd,
    );
    expect(surface).toMatchObject({
      basic: { user: 'prometheus', password: { file: join(cwd, 'password') } },
      token: { file: join(cwd, 'token') },
      tls: { certFile: tlsFile('trusted.pem'), keyFile: tlsFile('throwaway.key') },
    });
  });
});

test.each<[Record<string, string>, RegExp]>([
  [{ FEISHU_HTTP_USER: 'x' }, /FEISHU_HTTP_USER \(http\.user\): expected a user with a password, got half of it/],
  [{ FEISHU_HTTP_PASSWORD: 'a password of the test' }, /\(http\.password\): expected a password with its user/],
  [{ FEISHU_HTTP_USER: 'a:b', FEISHU_HTTP_PASSWORD: 'a password of the test' }, /expected a name without a colon/],
  [{ FEISHU_HTTP_USER: 'x', FEISHU_HTTP_PASSWORD: 'short' }, /of at least 12 characters, got text of 5 characters/],
  [{ FEISHU_CONTROL_TOKEN: 'fifteen-letters' }, /of at least 16 visible characters of ASCII, got text of 15/],
  [{ FEISHU_CONTROL_TOKEN: 'a-token-of-the-test', FEISHU_CONTROL_TOKEN_FILE: 'x' }, /got this and tokenFile/],
  [{ FEISHU_CONTROL_TOKEN_FILE: 'nowhere' }, /the file \/etc\/nowhere can't be read/],
  [{ FEISHU_HTTP_CERT_FILE: 'x.pem' }, /expected a certificate with its key, got half of it/],
  [{ FEISHU_HTTP_CERT_FILE: 'x.pem', FEISHU_HTTP_KEY_FILE: 'x.key' }, /\/etc\/x\.pem can't be read: ENOENT/],
])('%j is told with what to write', async (env, message) => {
  const refused = load(env);
  await expect(refused).rejects.toThrow(message);
  await expect(refused).rejects.not.toThrow(/fifteen-letters|a-token-of-the-test|a password of the test/);
});

test('a variable wins over the file, whichever of the two says where the secret is', async () => {
  const HOOK = `whsec_${Buffer.from('a webhook secret of the test').toString('base64')}`;
  const files = {
    'texts.yaml':
      'http: { user: prometheus, password: a password of the file }\ncontrol: { token: token-of-the-file }\n',
    'files.yaml': 'http: { user: prometheus, passwordFile: none }\ncontrol: { tokenFile: none }\n',
    'hook.yaml': `sink: { webhook: { url: "http://receiver", secret: "${HOOK}" } }\n`,
    password: 'a password of the test\n',
    token: 'a-token-of-the-test\n',
    hook: HOOK,
  };
  await withFiles(files, async (cwd) => {
    const byFile = { FEISHU_HTTP_PASSWORD_FILE: 'password', FEISHU_CONTROL_TOKEN_FILE: 'token' };
    const byText = { FEISHU_HTTP_PASSWORD: 'a password as text', FEISHU_CONTROL_TOKEN: 'a-token-as-text-1' };
    expect((await load({ FEISHU_CONFIG: 'texts.yaml', ...byFile }, cwd)).surface).toMatchObject({
      basic: { user: 'prometheus', password: { file: join(cwd, 'password') } },
      token: { file: join(cwd, 'token') },
    });
    expect((await load({ FEISHU_CONFIG: 'files.yaml', ...byText }, cwd)).surface).toMatchObject({
      basic: { user: 'prometheus', password: { text: 'a password as text' } },
      token: { text: 'a-token-as-text-1' },
    });
    const { apps } = await load({ FEISHU_CONFIG: 'hook.yaml', FEISHU_WEBHOOK_SECRET_FILE: 'hook' }, cwd);
    expect(apps[0]?.sink?.webhook).toEqual({ url: 'http://receiver', secretFile: join(cwd, 'hook') });
    // Within one layer nothing wins.
    await expect(load({ FEISHU_CONFIG: 'texts.yaml', ...byFile, ...byText }, cwd)).rejects.toThrow(
      /FEISHU_HTTP_PASSWORD \(http\.password\): expected one source of the secret/,
    );
  });
});
