import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { chineseReadmeOf } from './docs/readme-page.js';
import { committed, pathOf, read } from './docs/support/root.js';
import {
  digestOf,
  piecesOf,
  recordedDigest,
  type Section,
  sectionsOf,
  shapeOf,
  withDigests,
} from './docs/support/twins.js';

const ENGLISH = 'README.md';
const CHINESE = 'README.zh.md';

/** Said by whoever has looked at the translation of every section that changed. Nothing else moves the digests. */
if (process.env.TRANSLATED === '1') {
  writeFileSync(pathOf(CHINESE), withDigests(sectionsOf(read(CHINESE)), sectionsOf(read(ENGLISH))));
}

const GENERATED = committed(CHINESE, chineseReadmeOf(read(CHINESE)));

test('the Chinese README has the times of the bench and the example as they are (UPDATE=1 writes them)', () => {
  expect(GENERATED.held).toBe(GENERATED.expected);
});

const ORIGINAL = sectionsOf(read(ENGLISH));
const TRANSLATION = sectionsOf(read(CHINESE));

/** Of the section at the same place; one that is missing is found by the first test alone. */
const twinOf = (index: number): Section => TRANSLATION[index] ?? { heading: 'nothing', level: 0, body: '' };

test('both READMEs have the same sections in the same order', () => {
  const outline = (sections: readonly Section[]) => sections.map(({ level }) => level);
  expect(outline(TRANSLATION)).toEqual(outline(ORIGINAL));
  expect(ORIGINAL.length).toBeGreaterThan(10);
});

test.each(ORIGINAL.map(({ heading }, index) => [heading, index] as const))(
  'code, links, tables and numbers are the same in both languages: %s',
  (_heading, index) => {
    const original = ORIGINAL[index];
    if (original === undefined) throw new Error('no section');
    expect(shapeOf(twinOf(index))).toEqual(shapeOf(original));
  },
);

test.each(ORIGINAL.map(({ heading }, index) => [heading, index] as const))(
  'the translation was made of what the English section says now: %s',
  (heading, index) => {
    const original = ORIGINAL[index];
    if (original === undefined) throw new Error('no section');
    const isCurrent = recordedDigest(twinOf(index)) === digestOf(original);
    const advice = `"${heading}" changed since it was translated: bring "${twinOf(index).heading}" in ${CHINESE} up to date, then run TRANSLATED=1 npx vitest run test/readme-zh.test.ts`;
    expect(isCurrent, advice).toBe(true);
  },
);

test('what has words is in Chinese', () => {
  for (const { heading, level, body } of TRANSLATION) {
    if (level > 1) expect(heading).toMatch(/\p{Script=Han}/u);
    const prose = body.replace(/^(?:<!-- .* -->\n)?```[\s\S]*?^```$/gm, '').replace(/<!--[\s\S]*?-->/g, '');
    for (const piece of piecesOf(prose).filter((each) => !/^\|[-:| ]+\|$/.test(each))) {
      expect(piece).toMatch(/\p{Script=Han}|^\| \*|TCP/u);
    }
  }
});

const TOLD = '# A\n\nOne `word` and 45 s, see [it](x.md).\n\n```sh\nls\n```\n\n| a | b |\n|---|---|\n| `key` | 2 |\n';

test.each([
  ['a number', TOLD.replace('45', '54')],
  ['a link', TOLD.replace('x.md', 'y.md')],
  ['a word of code', TOLD.replace('`word`', '`wrod`')],
  ['a line of a block', TOLD.replace('ls', 'ls -l')],
  ['the key of a row', TOLD.replace('`key`', '`kez`')],
  ['a row', `${TOLD}| \`more\` | 3 |\n`],
  ['a paragraph', TOLD.replace('\n```sh', '\nMore.\n\n```sh')],
  ['the depth of a heading', `#${TOLD}`],
])('%s that differs is noticed', (_what, other) => {
  const [one] = sectionsOf(TOLD);
  const [twin] = sectionsOf(other);
  if (one === undefined || twin === undefined) throw new Error('no section');
  expect(shapeOf(twin)).not.toEqual(shapeOf(one));
  expect(shapeOf(one)).toEqual(shapeOf(sectionsOf(TOLD.replace('One', '一'))[0] ?? twin));
});

test('a word that changes in English changes the digest, a time that was measured anew does not', () => {
  const digest = (text: string) => sectionsOf(text).map(digestOf);
  expect(digest(TOLD.replace('One', 'Two'))).not.toEqual(digest(TOLD));
  const measured = (time: string) => `# B\n\nText.\n\n<!-- generated: recovery -->\n\n| ${time} |\n\n<!-- end -->\n`;
  expect(digest(measured('2.4 s'))).toEqual(digest(measured('2.5 s')));
});

test('digests are recorded below the headings, and nothing else moves', () => {
  const [recorded = '', again = ''] = [TOLD, withDigests(sectionsOf(TOLD), sectionsOf(TOLD))].map((text) =>
    withDigests(sectionsOf(text), sectionsOf(TOLD)),
  );
  expect(again).toBe(recorded);
  expect(recorded.replace(/<!-- translated: \w{16} -->\n\n/, '')).toBe(TOLD);
  expect(sectionsOf(recorded).map(recordedDigest)).toEqual(sectionsOf(TOLD).map(digestOf));
});
