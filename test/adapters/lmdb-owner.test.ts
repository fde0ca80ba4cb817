import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLmdbReader, openLmdbStore } from '../../src/adapters/index.js';
import { judgeOwner, type StoreOwner, selfAsOwner } from '../../src/adapters/store-owner.js';
import { entriesOf, outcome, put } from '../support/store-contract.js';
import { StoreProcess } from '../support/store-process.js';
import { withFiles } from '../support/temporary-folder.js';

const SCHEMA = { name: 'test', version: 1 };

function open(directory: string) {
  return openLmdbStore({ directory, durability: 'process', schema: SCHEMA, ownerStaleAfterMs: 50 });
}

const SELF: StoreOwner = { ...selfAsOwner(), pid: 7, host: 'a', bootId: 'boot', pidNamespace: 'pid:[1]', socket: 's' };

test.each([
  ['answers on its socket, wherever it is', {}, 'answered', false, 'living'],
  ['refuses on its socket, though its id was given to another process', {}, 'refused', true, 'dead'],
  ['refuses on its socket, in another container', { pidNamespace: 'pid:[2]' }, 'refused', true, 'dead'],
  ['lost its socket and runs', {}, 'absent', true, 'living'],
  ['lost its socket and does not run', {}, 'absent', false, 'dead'],
  ['lost its socket, in another container', { pidNamespace: 'pid:[2]' }, 'absent', true, 'unknown'],
  ['never had a socket and does not run', { socket: null }, 'absent', false, 'dead'],
  ['was seen under another boot', { bootId: 'other' }, 'refused', false, 'unknown'],
  ['was seen on another host', { bootId: 'other', host: 'b' }, 'absent', true, 'unknown'],
] as const)('an owner that %s counts as it should', (_, change, probe, isPidAlive, verdict) => {
  expect(judgeOwner({ ...SELF, ...change }, SELF, { probe, isPidAlive })).toBe(verdict);
});

test('a second opening is refused with the name of the owner, in the same process and in another', () =>
  withFiles({}, async (folder) => {
    const store = await open(folder);
    await expect(open(folder)).rejects.toMatchObject({
      failure: 'in_use',
      message: expect.stringContaining(`is owned by pid ${process.pid} on host ${hostname()}`),
    });
    const other = new StoreProcess(folder, 'process', 0);
    expect(await other.printed(1)).toEqual([expect.stringMatching(/^in_use .*is owned by pid \d+ on host/)]);
    await other.kill();
    await store.commit([put('a', '1')]);
    await store.close();
    expect(readdirSync(folder).sort()).toEqual(['data.mdb', 'lock.mdb', 'store.json']);
    await (await open(folder)).close();
  }));

test('of several that open at once exactly one becomes the owner', () =>
  withFiles({}, async (folder) => {
    const openings = await Promise.allSettled([open(folder), open(folder), open(folder), open(folder)]);
    const winners = openings.flatMap((opening) => (opening.status === 'fulfilled' ? [opening.value] : []));
    expect(winners).toHaveLength(1);
    await winners[0]?.commit([put('a', '1')]);
    await winners[0]?.close();
  }));

test('an owner that was stopped is not taken for dead; one that was killed is, at once', () =>
  withFiles({}, async (folder) => {
    const owner = new StoreProcess(folder, 'process', 0);
    expect(await owner.printed(1)).toEqual(['open']);
    owner.child.kill('SIGSTOP');
    await expect(open(folder)).rejects.toMatchObject({
      failure: 'in_use',
      message: expect.stringContaining(`pid ${owner.child.pid} on host`),
    });
    await owner.kill();
    const store = await open(folder);
    await store.commit([put('a', '1')]);
    await store.close();
  }));

test('the record of a dead process whose id came back in a restarted container is taken over', () =>
  withFiles({}, async (folder) => {
    const owner = new StoreProcess(folder, 'process', 0);
    await owner.printed(1);
    const record = readFileSync(join(folder, 'owner.json'), 'utf8');
    await owner.kill();
    writeFileSync(join(folder, 'owner.json'), JSON.stringify({ ...JSON.parse(record), pid: process.pid }));
    await (await open(folder)).close();
  }));

test('an owner in another container is seen to live and seen to die, though its process id says nothing here', async (context) => {
  const command = ['unshare', '--pid', '--fork', '--kill-child'];
  try {
    execFileSync('unshare', [...command.slice(1), 'true'], { stdio: 'pipe' });
  } catch (error) {
    return context.skip(`no namespace of process ids can be made here: ${String(error).split('\n')[0]}`);
  }
  await withFiles({}, async (folder) => {
    const owner = new StoreProcess(folder, 'process', 0, command);
    expect(await owner.printed(1)).toEqual(['open']);
    await expect(open(folder)).rejects.toMatchObject({
      failure: 'in_use',
      message: expect.stringContaining('is owned by pid 1 on'),
    });
    await owner.kill();
    await (await open(folder)).close();
  });
});

test('an owner on another machine is watched: without a sign of life it is taken over', () =>
  withFiles({}, async (folder) => {
    const away = { ...selfAsOwner(), host: 'elsewhere', bootId: 'another', socket: 'owner-gone.sock' };
    writeFileSync(join(folder, 'owner.json'), JSON.stringify(away));
    const store = await open(folder);
    expect(JSON.parse(readFileSync(join(folder, 'owner.json'), 'utf8')).pid).toBe(process.pid);
    await store.close();
  }));

test('a reader looks in next to the owner, sees what it commits, and outlives it', () =>
  withFiles({}, async (folder) => {
    await expect(openLmdbReader({ directory: folder, schema: SCHEMA })).rejects.toMatchObject({
      failure: 'not_writable',
    });
    const owner = new StoreProcess(folder, 'process', 1);
    await owner.printed(10);
    const reader = await openLmdbReader({ directory: folder, schema: SCHEMA });
    expect(reader.count('log')).toBeGreaterThan(0);
    expect(reader.sizeBytes()).toBeGreaterThan(4096);
    expect(reader.get('none', 'a')).toBeNull();
    await owner.kill();
    const last = Buffer.from(reader.get('last', 'n') ?? []).toString();
    expect(Number(last)).toBeGreaterThanOrEqual(Number(owner.lines.at(-1)));
    expect(entriesOf(reader, 'mirror', { isReversed: true, limit: 1 })).toEqual([
      [last.padStart(8, '0'), last.padStart(8, '0')],
    ]);
    await reader.close();
    await reader.close();
    expect(() => reader.count('log')).toThrow(expect.objectContaining({ failure: 'closed' }));
  }));

test('opening and closing leaves no descriptor open', async () => {
  const descriptors = () => readdirSync('/proc/self/fd').length;
  if (!existsSync('/proc/self/fd')) throw new Error('This test counts descriptors in /proc');
  await withFiles({}, async (folder) => {
    await (await open(folder)).close();
    const before = descriptors();
    for (let n = 0; n < 5; n++) {
      const store = await open(folder);
      expect(await outcome(store.commit([put('a', String(n))]))).toBe('done');
      await store.close();
    }
    expect(descriptors()).toBe(before);
    rmSync(join(folder, 'data.mdb'));
  });
});
