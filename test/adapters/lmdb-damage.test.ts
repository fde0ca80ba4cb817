import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLmdbReader, openLmdbStore } from '../../src/adapters/index.js';
import { type Durability, StoreError } from '../../src/ports/index.js';
import { entriesOf, put, remove } from '../support/store-contract.js';
import { withFiles } from '../support/temporary-folder.js';

const SCHEMA = { name: 'test', version: 1 };

function open(directory: string, durability: Durability = 'power') {
  return openLmdbStore({ directory, durability, schema: SCHEMA });
}

async function refusal(opening: Promise<unknown>): Promise<string> {
  const error = await opening.then(
    () => null,
    (cause: unknown) => cause,
  );
  if (!(error instanceof StoreError)) throw new Error(`It was not refused: ${String(error)}`);
  return `${error.failure}: ${error.message}`;
}

/** A folder with a store of 300 entries, some of them big and some removed again. */
function withStore(use: (folder: string, data: string) => Promise<void>): Promise<void> {
  return withFiles({}, async (folder) => {
    const store = await open(folder);
    for (let n = 0; n < 300; n++) await store.commit([put(`k${n}`, new Uint8Array((n * 97) % 9000).fill(n % 256))]);
    await store.commit(Array.from({ length: 50 }, (_, n) => remove(`k${n * 3}`)));
    await store.close();
    await use(folder, join(folder, 'data.mdb'));
  });
}

test('a store that nobody damaged is walked from end to end and opened', () =>
  withStore(async (folder) => {
    const store = await open(folder);
    expect(store.count('letters')).toBe(250);
    await store.close();
  }));

test('a file that was cut short anywhere is refused as corrupt or read whole, and never ends the process', () =>
  withStore(async (folder, data) => {
    const whole = readFileSync(data);
    const outcomes = new Set<string>();
    for (let size = whole.length - 4096; size > 0; size -= 4096 * 7 + 100) {
      writeFileSync(data, whole.subarray(0, size));
      try {
        // Perhaps only free pages were cut off.
        const store = await open(folder);
        expect([...store.range('letters')]).toHaveLength(250);
        await store.close();
        outcomes.add('whole');
      } catch (error) {
        expect(error).toMatchObject({ failure: 'corrupt' });
        expect(await refusal(openLmdbReader({ directory: folder, schema: SCHEMA }))).toMatch(/^corrupt/);
        outcomes.add('corrupt');
      }
    }
    expect(outcomes).toContain('corrupt');
  }));

test('a data file that is gone or empty, though there was a store, is not taken for a new one', () =>
  withStore(async (folder, data) => {
    truncateSync(data, 0);
    expect(await refusal(open(folder))).toMatch(/^corrupt: .*missing or empty.*Move the directory away/);
    rmSync(data);
    expect(await refusal(open(folder))).toMatch(/^corrupt: .*missing or empty/);
  }));

test('an empty data file of a making that was interrupted is made anew', () =>
  withFiles({ 'data.mdb': '' }, async (folder) => {
    const store = await open(folder);
    await store.commit([put('a', '1')]);
    expect(entriesOf(store)).toEqual([['a', '1']]);
    await store.close();
  }));

test('meta pages of zeros, one or both, are refused as corrupt', () =>
  withStore(async (folder, data) => {
    const whole = readFileSync(data);
    for (const [from, to] of [[0, 4096], [4096, 8192], [0, 8192]] as const) {
      writeFileSync(data, Buffer.from(whole).fill(0, from, to));
      expect(await refusal(open(folder))).toMatch(/^corrupt: .*data\.mdb is damaged/);
    } // biome-ignore format: one line reads better
  }));

test('random bytes on any page in use are found, and those on free pages do no harm (seed 4)', () =>
  withStore(async (folder, data) => {
    const whole = readFileSync(data);
    let state = 4;
    const random = (below: number) => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return state % below;
    };
    const counts = { corrupt: 0, sound: 0 };
    for (let n = 0; n < 60; n++) {
      const damaged = Buffer.from(whole);
      const at = 8192 + random(whole.length - 8192 - 64);
      for (let byte = 0; byte < 64; byte++) damaged[at + byte] = random(256);
      writeFileSync(data, damaged);
      try {
        const store = await open(folder);
        counts.sound += 1;
        expect([...store.range('letters')]).toHaveLength(250);
        await store.close();
      } catch (error) {
        expect(error).toMatchObject({ failure: 'corrupt' });
        counts.corrupt += 1;
      }
    }
    expect(counts.corrupt).toBeGreaterThan(20);
    expect(counts.sound).toBeGreaterThan(0);
  }));

test('one flipped bit in a value is found by its checksum, at opening and while it is open', () =>
  withFiles({}, async (folder) => {
    const data = join(folder, 'data.mdb');
    const store = await open(folder);
    await store.commit([put('a', 'an event that matters')]);
    const at = readFileSync(data).lastIndexOf('an event that matters');
    const file = openSync(data, 'r+');
    writeSync(file, Buffer.from('b'), 0, 1, at);
    closeSync(file);
    expect(() => store.get('letters', 'a')).toThrow(expect.objectContaining({ failure: 'corrupt' }));
    expect(() => entriesOf(store)).toThrow(/does not match its checksum/);
    await store.close();
    expect(await refusal(open(folder))).toMatch(
      /^corrupt: .*table:letters has a value on page \d+ that does not match/,
    );
  }));

test('what another program wrote is refused, and left as it was', async () => {
  const foreign = 'SQLite format 3\u0000'.repeat(1000);
  await withFiles({ 'data.mdb': foreign }, async (folder) => {
    expect(await refusal(open(folder))).toMatch(/^corrupt: .*does not begin as an LMDB file does/);
    expect(readFileSync(join(folder, 'data.mdb'), 'utf8')).toBe(foreign);
  });
  await withFiles({}, async (folder) => {
    const { open: openLmdb } = await import('lmdb');
    const other = openLmdb({ path: folder, noSubdir: false });
    await other.put('key', 'value');
    await other.close();
    const before = readFileSync(join(folder, 'data.mdb'));
    expect(await refusal(open(folder))).toMatch(/^corrupt: .*data\.mdb is another program's/);
    expect(readFileSync(join(folder, 'data.mdb')).equals(before)).toBe(true);
  });
});

test('a store of another schema, or of a newer version, is refused; an older one is migrated first', () =>
  withStore(async (folder) => {
    const openAs = (name: string, version: number, migrate?: Parameters<typeof openLmdbStore>[0]['migrate']) =>
      openLmdbStore({ directory: folder, durability: 'power', schema: { name, version }, ...(migrate && { migrate }) });
    expect(await refusal(openAs('other', 1))).toMatch(/^corrupt: .*a store of test, not of other/);
    expect(await refusal(openAs('test', 2))).toMatch(/^failed: .*nothing brings version 1 of test to 2/);
    const steps: number[] = [];
    const store = await openAs('test', 2, async (older, from) => {
      steps.push(from);
      await older.commit([put('migrated', 'yes')]);
    });
    expect(steps).toEqual([1]);
    expect(store.get('letters', 'migrated')).not.toBeNull();
    await store.close();
    await (await openAs('test', 2)).close();
    expect(await refusal(openAs('test', 1))).toMatch(
      /^newer_version: .*version 2 of test wrote it, and this is version 1/,
    );
    expect(await refusal(openLmdbReader({ directory: folder, schema: SCHEMA }))).toMatch(/^newer_version/);
  }));

test('a directory that is a file, lies under a file or on a file system that takes none is not writable', async () => {
  await withFiles({ file: 'text' }, async (folder) => {
    expect(await refusal(open(join(folder, 'file')))).toMatch(/^not_writable/);
    expect(await refusal(open(join(folder, 'file', 'below')))).toMatch(/^not_writable/);
  });
  expect(await refusal(open('/proc/feishu-connector-store'))).toMatch(/^not_writable/);
});

test('a directory that was removed under an open store makes commits fail, since nothing of them would last', () =>
  withFiles({}, async (parent) => {
    const folder = join(parent, 'store');
    const store = await open(folder);
    await store.commit([put('a', '1')]);
    rmSync(folder, { recursive: true });
    await expect(store.commit([put('b', '1')])).rejects.toMatchObject({
      failure: 'failed',
      message: expect.stringContaining('was removed or replaced while the store was open'),
    });
    mkdirSync(folder);
    await expect(store.commit([put('c', '1')])).rejects.toMatchObject({ failure: 'failed' });
    await store.close();
    expect(statSync(folder).isDirectory()).toBe(true);
  }));

test('a store with a dot in its path, or with a path too long for a socket, opens like any other', () =>
  withFiles({}, async (parent) => {
    for (const folder of [join(parent, 'journal.d'), join(parent, 'long'.repeat(30), 'deeper'.repeat(10))]) {
      const store = await open(folder);
      await store.commit([put('a', '1')]);
      expect(await refusal(open(folder))).toMatch(/^in_use/);
      await store.close();
      await (await open(folder)).close();
    }
  }));
