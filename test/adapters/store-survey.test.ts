import { expect, test } from 'vitest';
import { writabilityOf } from '../../src/adapters/store-survey.js';

/** A file system where these paths are refused for these reasons; all others may be written. */
function asking(refusals: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  const may = async (path: string): Promise<void> => {
    asked.push(path);
    const code = refusals[path];
    if (code !== undefined) throw Object.assign(new Error(code), { code });
  };
  return { asked, may };
}

test.each([
  [{}, 'by_us'],
  [{ '/var/lib/bot': 'EROFS' }, 'by_nobody'],
  [{ '/var/lib/bot': 'EACCES' }, 'by_others'],
  [{ '/var/lib/bot': 'EPERM' }, 'by_others'],
  [{ '/var/lib/bot': 'ENOTDIR' }, null],
  [{ '/var/lib/bot': 'EIO' }, null],
])('a directory that is refused by %o can be written %s', async (refusals, writable) => {
  expect(await writabilityOf('/var/lib/bot', asking(refusals).may)).toBe(writable);
});

test('a directory that is not there is judged by the nearest one that is', async () => {
  const { asked, may } = asking({ '/var/lib/bot': 'ENOENT', '/var/lib': 'ENOENT', '/var': 'EROFS' });
  expect([await writabilityOf('/var/lib/bot', may), asked]).toEqual([
    'by_nobody',
    ['/var/lib/bot', '/var/lib', '/var'],
  ]);
  const nowhere = asking({ '/bot': 'ENOENT', '/': 'ENOENT' });
  expect(await writabilityOf('/bot', nowhere.may)).toBeNull();
});
