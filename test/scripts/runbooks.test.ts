import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { withFiles } from '../support/temporary-folder.js';

const { renderRunbooks } = (await import(new URL('../../scripts/runbooks.mjs', import.meta.url).href)) as {
  renderRunbooks(folder: URL): Map<string, string>;
};

/** What becomes of a runbook beside the list of all of them. */
async function rendered(text: string): Promise<string | undefined> {
  let pages = new Map<string, string>();
  await withFiles({ 'README.md': '# Runbooks\n', 'FeishuX.md': text }, async (folder) => {
    pages = renderRunbooks(pathToFileURL(`${folder}/`));
  });
  return pages.get('FeishuX');
}

test('what a runbook writes about HTML is text on its page, in words, code, blocks and tables', async () => {
  const page = await rendered('a `<b>` & "c"\n\n```\n<i>\n```\n\n| `<u>` |\n|---|\n| `<s>` |\n');
  for (const tag of ['b', 'i', 'u', 's']) {
    expect(page).toContain(`&lt;${tag}&gt;`);
    expect(page).not.toContain(`<${tag}>`);
  }
});

test.each([
  ['a link to a file that is none of them', '[x](../docs/x.md)', 'links to ../docs/x.md, which is no runbook'],
  ['a link that runs something', '[x](javascript:alert(1))', 'links to javascript:alert(1), which is no runbook'],
  ['HTML of its own', 'a <script>alert(1)</script>', 'has HTML of its own: <script>'],
  ['an image', '![x](x.png)', 'shows an image'],
])('the build refuses %s', async (_what, text, reason) => {
  await expect(rendered(text)).rejects.toThrow(`runbooks: FeishuX.md ${reason}`);
});
