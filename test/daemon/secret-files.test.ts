import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/daemon/config.js';
import { openSecretsWarning } from '../../src/daemon/secret-files.js';
import { APP_ID } from '../support/app-connector.js';
import { withFiles } from '../support/temporary-folder.js';

const FILES = {
  secret: 'an-app-secret-of-the-test',
  password: 'a password of the test',
  token: 'a-token-of-the-test',
  'feishu.json': JSON.stringify({
    appId: APP_ID,
    appSecretFile: './secret',
    http: { user: 'prometheus', passwordFile: './password' },
    control: { tokenFile: './token', socket: 'none' },
  }),
};

/** Temporary folders are for their owner alone: this one anybody may enter. */
async function within(files: Readonly<Record<string, string>>, act: (cwd: string) => Promise<void>): Promise<void> {
  await withFiles(files, async (cwd) => {
    await chmod(cwd, 0o755);
    for (const name of Object.keys(files)) await chmod(join(cwd, name), 0o600);
    await act(cwd);
  });
}

const warningsIn = async (cwd: string, checksFiles = true) =>
  (await loadConfig({ file: 'feishu.json', env: {}, cwd, checksFiles })).warnings;

test('files with secrets that everybody can read are a warning that names them', async () => {
  await within(FILES, async (cwd) => {
    expect(await warningsIn(cwd)).toEqual([]);
    await chmod(join(cwd, 'feishu.json'), 0o644);
    await chmod(join(cwd, 'password'), 0o640);
    expect(await warningsIn(cwd)).toEqual([]);
    await chmod(join(cwd, 'secret'), 0o644);
    await chmod(join(cwd, 'token'), 0o604);
    const names = `${join(cwd, 'token')}, ${join(cwd, 'secret')}`;
    expect(await warningsIn(cwd)).toEqual([
      `every user of this machine can read ${names}, with secrets in it: take that right away (chmod o-rwx)`,
    ]);
    expect(await warningsIn(cwd, false)).toEqual([]);
    await chmod(cwd, 0o700);
    expect(await warningsIn(cwd)).toEqual([]);
  });
});

test.each([
  ['a secret', { appSecret: 'a' }, true],
  ['a proxy’s password', { apps: [{ proxy: 'http://me:p@proxy' }] }, true],
  ['a broker’s', { apps: [{ sink: { jetstream: { servers: ['nats://a', 'nats://t@b'] } } }] }, true],
  ['a control token', { control: { token: 't' } }, true],
  ['none', { appSecretFile: 'x', proxy: 'http://proxy', control: { tokenFile: 'y' } }, false],
])('the configuration’s own file counts where it holds %s', async (_what, value, isSecret) => {
  await within({ 'feishu.json': '' }, async (cwd) => {
    const file = { path: join(cwd, 'feishu.json'), value };
    await chmod(file.path, 0o644);
    expect((await openSecretsWarning({}, file)) !== null).toBe(isSecret);
    expect(await openSecretsWarning({}, file, 'win32')).toBeNull();
  });
});

test('of many the first are named, and what cannot be looked at is for others to tell', async () => {
  const names = Array.from({ length: 7 }, (_, index) => `secret-${index}`);
  await within(Object.fromEntries(names.map((name) => [name, 'x'])), async (cwd) => {
    const apps = [...names, 'missing'].map((name) => ({ appSecretFile: join(cwd, name) }));
    for (const name of names) await chmod(join(cwd, name), 0o644);
    const warning = await openSecretsWarning({ apps }, null);
    expect(warning).toContain('secret-4 and 2 more');
    expect(warning).not.toContain('secret-5');
  });
});
