import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What `npm pack` would put into the package, without building it. */
function packedFiles(): string[] {
  const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const [pack] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  return pack.files.map(({ path }) => path);
}

test('the package has what alerts and dashboards write, and none of the sources they are made from', () => {
  const files = packedFiles();
  for (const path of [
    'dashboards/feishu-overview.json',
    'dashboards/provisioning/dashboards.yml',
    'alerts/runbooks/README.md',
    'dist/cli/main.js',
  ]) {
    expect(files).toContain(path);
  }
  expect(files.filter((path) => path.startsWith('dashboards/src/') || path.startsWith('src/'))).toEqual([]);
});

test.each(['README.md', 'README.zh.md'])('the package has %s and all that it links to', (page) => {
  const files = packedFiles();
  const targets = [...readFileSync(join(ROOT, page), 'utf8').matchAll(/\]\(([^)#:\s]+)[^)]*\)/g)];
  expect(targets.length).toBeGreaterThan(20);
  expect([page, ...targets.map(([, path]) => path)].filter((path) => !files.includes(path ?? ''))).toEqual([]);
});

test('the built program finds them from whatever folder it is started in', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'feishu-installed-'));
  try {
    const main = join(ROOT, 'dist/cli/main.js');
    for (const argv of [
      ['alerts', '--out', 'alerts', '--runbooks'],
      ['dashboards', '--out', 'boards', '--provisioning'],
    ]) {
      const { status, stderr } = spawnSync(process.execPath, [main, ...argv], { cwd, encoding: 'utf8' });
      expect([status, stderr]).toEqual([0, '']);
    }
    expect(readdirSync(join(cwd, 'alerts'))).toContain('runbooks');
    expect(readdirSync(join(cwd, 'boards'))).toContain('feishu-overview.json');
  } finally {
    rmSync(cwd, { recursive: true });
  }
});
