import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = new URL('../../', import.meta.url);

test('a CommonJS program gets it by require, beside the official SDK', () => {
  const program = `
    const Lark = require('@larksuiteoapi/node-sdk');
    const { WSClient } = require('feishu-connector');
    const given = { appId: 'cli_a1b2c3d4e5f60718', appSecret: 'secret', appType: Lark.AppType.SelfBuild };
    const state = (Client) => new Client({ ...given, loggerLevel: Lark.LoggerLevel.fatal }).getConnectionStatus().state;
    console.log(state(Lark.WSClient), state(WSClient));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=commonjs', '--eval', program], {
    cwd: fileURLToPath(ROOT),
    encoding: 'utf8',
  });
  expect({ stdout, stderr }).toEqual({ stdout: 'idle idle\n', stderr: '' });
});
