import { expect, test } from 'vitest';
import { networkErrorOf } from '../../src/adapters/network-error.js';
import { CALL_FAILURES } from '../../src/catchup/index.js';
import { failureOfCode, failureOfDiscovery } from '../../src/connection/classify.js';
import { FAILURES } from '../../src/connection/index.js';
import { TOKEN_FAILURES } from '../../src/token/index.js';
import { read } from './support/root.js';

const PAGE = read('docs/troubleshooting.md');
const [, SECTION = ''] = /^## By the words of an error\n([\s\S]*?)^## /m.exec(PAGE) ?? [];

/** What is said, what that is here, and what to do. */
const ROWS = [...SECTION.matchAll(/^\| (?!it says|-)(.+?) \| (.+?) \| (.+?) \|$/gm)].map(
  ([, said = '', is = '', todo = '']) => ({ said, is, todo }),
);

/** Codes that stand by themselves or behind the word, as in `code: 1`, and the failures of their row. */
const CODES = ROWS.flatMap(({ said, is }) =>
  [...said.matchAll(/`(?:code: )?(\d{1,10})`/g)].map(([, code]) => ({ code: Number(code), is })),
);

test('whoever looks for what they see finds every section at the top', () => {
  const [top = '', ...sections] = PAGE.split(/^## /m);
  const titles = sections.map((section) => section.split('\n', 1)[0] ?? '');
  const unlisted = titles.filter((title) => {
    const anchor = title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-');
    return !top.includes(`(#${anchor})`);
  });
  // The way in, and the way out.
  expect(unlisted).toEqual(['First, always', 'Still stuck']);
  expect(titles.length).toBeGreaterThan(12);
});

test('whatever is said leads to something to do', () => {
  expect(ROWS.length).toBeGreaterThan(20);
  for (const { said, todo } of ROWS) expect({ said, todo }).toMatchObject({ todo: expect.stringMatching(/.{7,}/) });
});

test('a code of discovery or of the handshake stands with the failure that it is', () => {
  const known = CODES.filter(({ code }) => failureOfCode(code, '').code !== 'ticket_code_unknown');
  expect(known.length).toBeGreaterThan(10);
  for (const { code, is } of known) {
    expect({ code, is }).toEqual({ code, is: expect.stringContaining(`[\`${failureOfCode(code, '').code}\`]`) });
  }
});

test('every code of the platform that a failure names is found by whoever pastes it', () => {
  const helps = Object.values({ ...FAILURES, ...TOKEN_FAILURES, ...CALL_FAILURES }).map(({ help }) => help);
  const named = helps.flatMap((help) =>
    [...help.matchAll(/codes? ([\d, ]+)/g)].flatMap(([, list = '']) => list.match(/\d+/g) ?? []),
  );
  expect(named.length).toBeGreaterThan(15);
  expect(named.map(Number).filter((code) => !CODES.some((each) => each.code === code))).toEqual([]);
});

test('an error code of Node stands with the failure that it is sorted as', () => {
  let count = 0;
  for (const { said, is } of ROWS) {
    for (const [code] of said.matchAll(/\b(?:E[A-Z]{5,}|E[A-Z]+_[A-Z]+|[A-Z]+_[A-Z_]*CERT[A-Z_]*|CERT_[A-Z_]+)\b/g)) {
      const kind = networkErrorOf(Object.assign(new Error(code), { code }));
      if (kind === 'unknown') continue; // a word of another language's client
      count += 1;
      expect({ code, is }).toEqual({ code, is: expect.stringContaining(`[\`${failureOfDiscovery(kind, '').code}\`]`) });
    }
  }
  expect(count).toBeGreaterThan(9);
});
