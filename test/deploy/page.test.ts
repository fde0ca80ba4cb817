import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXIT } from '../../src/cli/exit-code.js';
import { STOP_MARGIN_MS } from '../../src/cli/run/run-daemon.js';
import { DAEMON_DEFAULTS } from '../../src/daemon/index.js';
import {
  CONTROL_TOKEN,
  programPath,
  ROOT,
  readPackage,
  strangeCommandLines,
  surfaceOf,
  textOf,
  unknownNames,
} from './supervised.js';

const PAGE = textOf('docs/deployment.md');

test('every file, variable and command line on the page is there', () => {
  const links = [...PAGE.matchAll(/\]\((\.\.\/[^)]+)\)/g)].map(([, path = '']) => join(ROOT, 'docs', path));
  expect(links.length).toBeGreaterThan(5);
  expect(links.filter((path) => !existsSync(path))).toEqual([]);
  expect(unknownNames(PAGE.match(/\bFEISHU_[A-Z_]+/g) ?? [])).toEqual([]);
  expect(strangeCommandLines(PAGE)).toEqual([]);
  for (const [, path] of PAGE.matchAll(/node (dist\S+)/g)) expect(path).toBe(programPath());
  for (const [, script = ''] of PAGE.matchAll(/npm run ([\w-]+)/g))
    expect(readPackage().scripts).toHaveProperty(script);
});

test('every endpoint on the page is one of the surface', async () => {
  const paths = [
    ...new Set(
      [...PAGE.matchAll(/`(?:POST )?(\/(?:livez|readyz|metrics|status|reconnect)\w*)`/g)].map(([, path]) => path),
    ),
  ];
  expect(paths.length).toBeGreaterThan(2);
  const surface = await surfaceOf(true);
  try {
    for (const path of paths) {
      const method = path === '/reconnect' ? 'POST' : 'GET';
      const headers = { authorization: `Bearer ${CONTROL_TOKEN}` };
      expect([path, (await fetch(`${surface.url}${path}`, { method, headers })).status]).toEqual([path, 200]);
    }
  } finally {
    await surface.close();
  }
});

test('every exit code has its row, and the times are those of the program', () => {
  const [, table = ''] = /\| it ends with([\s\S]*?)\n\n/.exec(PAGE) ?? [];
  const codes = [...table.matchAll(/^\| ([\d, ]+) \|/gm)].flatMap(([, cell = '']) => cell.split(', ').map(Number));
  expect(codes).toEqual(Object.values(EXIT).sort((one, other) => one - other));
  expect(PAGE).toContain(`\`FEISHU_DRAIN_MS\` (${DAEMON_DEFAULTS.drainMs.toLocaleString('en-US')} by default)`);
  expect(PAGE).toContain(`takes ${STOP_MARGIN_MS / 1_000} s at most`);
  const [, port] = DAEMON_DEFAULTS.listen.split(':');
  expect(PAGE.match(/0\.0\.0\.0:(\d+)/)?.[1]).toBe(port);
});

test('what is loaded lazily is a dependency, and what is called optional is one', () => {
  const { dependencies, optionalDependencies } = JSON.parse(textOf('package.json')) as Record<
    string,
    Record<string, string>
  >;
  const rows = [...PAGE.matchAll(/^\| (`[^|]+`[^|]*) \| ([^|]+) \| ([^|]+) \|$/gm)];
  expect(rows.length).toBeGreaterThan(4);
  for (const [, cell = ''] of rows) {
    for (const [, name = ''] of cell.matchAll(/`([^`<]+)`/g)) {
      expect(cell.includes('(optional)') ? optionalDependencies : dependencies).toHaveProperty([name]);
    }
  }
});
