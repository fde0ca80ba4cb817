import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { expect, test } from 'vitest';
import { ALERT_NAMES, BASELINE_RECORDINGS, RECORDINGS } from '../../src/alerts/index.js';
import { definitionOf, METRIC_NAMES } from '../../src/observe/index.js';
import { PAGES, proseOf } from './support/pages.js';
import { pathOf, read } from './support/root.js';

const RUNBOOKS = readdirSync(pathOf('alerts/runbooks')).map((name) => `alerts/runbooks/${name}`);
const LINKED = [...PAGES, ...RUNBOOKS, 'dashboards/README.md', 'CHANGELOG.md'];

/** Every name under which a series may be asked for. */
const SERIES = new Set<string>([
  ...METRIC_NAMES.flatMap((name) =>
    definitionOf(name).type === 'histogram' ? ['', '_bucket', '_count', '_sum'].map((suffix) => name + suffix) : [name],
  ),
  ...[...RECORDINGS, ...BASELINE_RECORDINGS].map(({ record }) => record),
]);

test('every metric that a page names exists', () => {
  let count = 0;
  for (const page of PAGES) {
    const names = [...read(page).matchAll(/\bfeishu_[a-z0-9_]*[a-z0-9]\b(?!\*|_)/g)].map(([name]) => name);
    count += names.length;
    expect({ page, unknown: names.filter((name) => !SERIES.has(name)) }).toEqual({ page, unknown: [] });
  }
  expect(count).toBeGreaterThan(100);
});

test('every alert that a page names exists', () => {
  for (const page of PAGES) {
    const names = [...read(page).matchAll(/\bFeishu(?!Event\b)[A-Z]\w+/g)].map(([name]) => name); // a type of the library
    expect({ page, unknown: names.filter((name) => !ALERT_NAMES.includes(name)) }).toEqual({ page, unknown: [] });
  }
});

test.each(LINKED)('every link within the repository leads somewhere: %s', (page) => {
  for (const [, target = ''] of proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(target)) continue;
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page : join(dirname(page), path);
    expect(existsSync(pathOf(file)), `${page}: ${target}`).toBe(true);
    if (anchor === undefined) continue;
    expect(statSync(pathOf(file)).isFile(), `${page}: ${target}`).toBe(true);
    expect(anchorsOf(file), `${page}: ${target}`).toContain(anchor);
  }
});

test('every page of docs/ is in its index', () => {
  const index = read('docs/README.md');
  for (const page of PAGES.filter((each) => /^docs\/(?!README)/.test(each))) {
    expect(index).toContain(`](${page.slice('docs/'.length)})`);
  }
});

test('every room of the sources is in the design', () => {
  const design = read('docs/design.md');
  const rooms = readdirSync(pathOf('src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(rooms.length).toBeGreaterThan(10);
  for (const { name } of rooms) expect(design).toMatch(new RegExp(`^\\| [^|]*\`${name}\``, 'm'));
});

/** The anchors of a page: those of its headings, as GitHub makes them, and those that it sets itself. */
function anchorsOf(file: string): readonly string[] {
  const seen = new Map<string, number>();
  const headings = [...proseOf(file).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- _]/gu, '')
      .replace(/ /g, '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
  return [...headings, ...[...read(file).matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id)];
}
