import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { packageFolder } from '../../src/observe/package-folder.js';
import { withFiles } from '../support/temporary-folder.js';

test('the folder of the package is found however deep the file lies', async () => {
  expect(fileURLToPath(packageFolder())).toBe(fileURLToPath(new URL('../../', import.meta.url)));
  await withFiles({ 'package.json': '{"name": "feishu-connector"}' }, async (folder) => {
    mkdirSync(join(folder, 'a/b'), { recursive: true });
    for (const file of ['x.js', 'a/x.js', 'a/b/x.js']) {
      expect(fileURLToPath(packageFolder(pathToFileURL(join(folder, file)).href))).toBe(`${folder}/`);
    }
  });
});

test('the package.json of somebody who bundled us is not ours', async () => {
  await withFiles({ 'package.json': '{"name": "a-bot"}' }, async (folder) => {
    mkdirSync(join(folder, 'dist'));
    writeFileSync(join(folder, 'dist/package.json'), '{"type": "module"}');
    expect(() => packageFolder(pathToFileURL(join(folder, 'dist/x.js')).href)).toThrow('package.json');
  });
});
