import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLmdbStore } from '../../src/adapters/index.js';
import { DURABILITIES } from '../../src/ports/index.js';
import { outcome, put, remove } from '../support/store-contract.js';
import { StoreProcess } from '../support/store-process.js';
import { withFiles } from '../support/temporary-folder.js';

const SCHEMA = { name: 'test', version: 1 };

/** A file system of 8 MiB, where the machine lets this process mount one. */
async function withSmallDisk(use: (folder: string) => Promise<void>, refuse: (why: string) => void): Promise<void> {
  await withFiles({}, async (parent) => {
    const folder = join(parent, 'small');
    mkdirSync(folder);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder], { stdio: 'pipe' });
    } catch (error) {
      return refuse(
        `no file system can be mounted here (${String(error).split('\n')[0]}); the file size limit stands in`,
      );
    }
    try {
      await use(folder);
    } finally {
      execFileSync('umount', [folder]);
    }
  });
}

for (const durability of DURABILITIES) {
  test(`on a disk that is full a store safe against ${durability} refuses, lets go, and goes on once there is room`, async (context) => {
    await withSmallDisk(
      async (folder) => {
        const store = await openLmdbStore({ directory: folder, durability, schema: SCHEMA });
        const load = new Uint8Array(50_000);
        let done = 0;
        let word = 'done';
        for (; word === 'done' && done < 400; done += word === 'done' ? 1 : 0) {
          word = await outcome(store.commit([put(`k${String(done).padStart(3, '0')}`, load)]));
        }
        expect(word).toBe('disk_full');
        expect(store.count('letters')).toBe(done);
        expect(done).toBeGreaterThan(50);
        // Several in one group: none fits, each is told, none is half there.
        const group = ['x', 'y', 'z'].map((key) => outcome(store.commit([put(key, load), put('small', key)])));
        expect(await Promise.all(group)).toEqual(['disk_full', 'disk_full', 'disk_full']);
        expect(store.get('letters', 'small')).toBeNull();
        // Entries let go of make room within the file.
        expect(await outcome(store.commit([remove('k000'), remove('k001')]))).toBe('done');
        expect(await outcome(store.commit([remove('k002'), remove('k003')]))).toBe('done');
        expect(await outcome(store.commit([put('again', load)]))).toBe('done');
        await store.close();
        const reopened = await openLmdbStore({ directory: folder, durability, schema: SCHEMA });
        expect(reopened.count('letters')).toBe(done - 4 + 1);
        await reopened.close();
      },
      (why) => context.skip(why),
    );
  });
}

test('a store that is opened on a full disk says so, and opens once there is room', async (context) => {
  await withSmallDisk(
    async (folder) => {
      const { bavail, bsize } = statfsSync(folder);
      const ballast = join(folder, 'ballast');
      writeFileSync(ballast, new Uint8Array(bavail * bsize));
      const options = { directory: join(folder, 'store'), durability: 'power', schema: SCHEMA } as const;
      await expect(openLmdbStore(options)).rejects.toMatchObject({ failure: 'disk_full' });
      rmSync(ballast);
      const store = await openLmdbStore(options);
      expect(await outcome(store.commit([put('a', '1')]))).toBe('done');
      await store.close();
    },
    (why) => context.skip(why),
  );
});

test('a file that may not grow any more fails commits and not the process, and what was confirmed is there', () =>
  withFiles({}, async (folder) => {
    // Without the trap the kernel would end the process at the limit, as it would any.
    const shell = ['sh', '-c', 'trap "" XFSZ; ulimit -f 600; exec "$@"', 'sh'];
    const writer = new StoreProcess(folder, 'process', 20, shell);
    const lines = await writer.printed(Number.POSITIVE_INFINITY);
    expect(lines[0]).toBe('open');
    expect(lines.at(-1)).toMatch(/^(disk_full|failed) /);
    await writer.kill();
    const store = await openLmdbStore({ directory: folder, durability: 'process', schema: SCHEMA });
    const last = Number(Buffer.from(store.get('last', 'n') ?? []).toString());
    expect(last).toBeGreaterThanOrEqual(Number(lines.at(-2)));
    expect(store.count('log')).toBe(Math.min(50, last));
    await store.close();
  }));
