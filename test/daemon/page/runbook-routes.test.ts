import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { OPEN_SURFACE } from '../../../src/daemon/surface-settings.js';
import { SECTIONS } from '../../support/runbook.js';
import { GUARDED, openStage } from '../surface-stage.js';

const NAMES = readdirSync(new URL('../../../alerts/runbooks/', import.meta.url))
  .map((file) => file.replace(/\.md$/, ''))
  .filter((name) => name !== 'README');

async function stage() {
  const { ask } = await openStage(OPEN_SURFACE);
  return (path: string, method = 'GET') => ask(method, path);
}

function matches(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, found = '']) => found);
}

const linksOf = (page: string) => matches(page, /<a [^>]*href="([^"]*)"/g);
const anchorsOf = (page: string) => matches(page, / id="([^"]*)"/g);

test('every runbook is a page of the surface, by its name and by that of its file, with all its parts as headings', async () => {
  const ask = await stage();
  expect(NAMES.length).toBeGreaterThan(40);
  for (const name of NAMES) {
    const page = await ask(`/runbooks/${name}`);
    expect([name, page.status, matches(page.body, /<h2[^>]*>([^<]*)</g)]).toEqual([name, 200, [name]]);
    expect(matches(page.body, /<h3[^>]*>([^<]*)</g)).toEqual(SECTIONS);
    expect(page.body).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
    expect(await ask(`/runbooks/${name}.md`)).toMatchObject({ status: 200, body: page.body });
  }
  const head = await ask('/runbooks/FeishuWsZombie', 'HEAD');
  expect([head.status, head.body]).toEqual([200, '']);
});

test.each(['', '/behind/a/proxy'])(
  'from the list of runbooks on, below the path "%s", every link leads to a page and every anchor to a place on it',
  async (prefix) => {
    const ask = await stage();
    const pages = new Map<string, string>();
    const waiting = [`${prefix}/runbooks`];
    const outside: string[] = [];
    const dead: string[] = [];
    const wanted: (readonly [from: string, path: string, anchor: string])[] = [];
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      if (pages.has(path)) continue;
      const { status, body } = await ask(path.slice(prefix.length));
      if (status !== 200) dead.push(path);
      pages.set(path, body);
      if (path === `${prefix}/`) continue; // the status page has tests of its own
      for (const link of linksOf(body)) {
        const { origin, pathname, hash } = new URL(link, `http://surface${path}`);
        if (origin !== 'http://surface' || !pathname.startsWith(`${prefix}/`)) outside.push(link);
        else waiting.push(pathname);
        if (hash !== '') wanted.push([path, pathname, hash.slice(1)]);
      }
    }
    expect([dead, outside]).toEqual([[], []]);
    expect([...pages.keys()].sort()).toEqual(
      ['/', '/runbooks', ...NAMES.map((name) => `/runbooks/${name}`)].map((path) => `${prefix}${path}`).sort(),
    );
    expect(wanted.length).toBeGreaterThan(100);
    expect(wanted.filter(([, path, anchor]) => !anchorsOf(pages.get(path) ?? '').includes(anchor))).toEqual([]);
    for (const page of pages.values()) expect(new Set(anchorsOf(page)).size).toBe(anchorsOf(page).length);
  },
);

test('a runbook loads nothing and runs nothing: of styles those of the page alone, by their hashes', async () => {
  const ask = await stage();
  for (const path of ['/runbooks', '/runbooks/FeishuWsZombie']) {
    const { headers, body } = await ask(path);
    const styles = matches(body, /<style>([^<]*)<\/style>/g);
    const hashes = styles.map((style) => `'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(styles.length).toBeGreaterThan(0);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': `default-src 'none'; style-src ${hashes.join(' ')}; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    });
    expect(body).not.toMatch(/<script|<img|<iframe| style=| on\w+=|src=/);
  }
});

test('a name that is none is told the one that was probably meant, and names no file', async () => {
  const ask = await stage();
  const near = await ask('/runbooks/feishu-ws-zombi');
  expect([near.status, JSON.parse(near.body)]).toEqual([
    404,
    { error: 'no such runbook', hint: 'Did you mean FeishuWsZombie? All of them are at /runbooks.' },
  ]);
  for (const name of [
    '..%2f..%2fpackage.json',
    '..%5cindex.js',
    '%00',
    'FeishuWsZombie.html',
    'constructor',
    '.md.md',
  ]) {
    const { status, body } = await ask(`/runbooks/${name}`);
    expect([name, status, JSON.parse(body)]).toEqual([
      name,
      404,
      { error: 'no such runbook', hint: expect.stringMatching(/All of them are at \/runbooks\.$/) },
    ]);
  }
});

test('the file of the list, and the folder, lead to the list', async () => {
  const ask = await stage();
  for (const path of ['/runbooks/README.md', '/runbooks/README', '/runbooks/']) {
    const { status, headers } = await ask(path);
    expect([path, status, new URL(String(headers.location), `http://surface${path}`).pathname]).toEqual([
      path,
      302,
      '/runbooks',
    ]);
  }
});

test('where a password is set, runbooks are for those who name it, and nobody else learns which there are', async () => {
  const { ask } = await openStage(GUARDED);
  for (const path of ['/runbooks', '/runbooks/FeishuWsZombie', '/runbooks/FeishuWsZombi'])
    expect([path, (await ask('GET', path)).status]).toEqual([path, 401]);
});
