import { once } from 'node:events';
import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/adapters/index.js';
import { ControlSocketError, claimSocket, holderOf, socketPathsOf } from '../../src/daemon/control-socket.js';
import { eventually } from '../support/eventually.js';
import { HandClock } from '../support/hand-clock.js';
import { withFiles } from '../support/temporary-folder.js';

/** A server that takes the socket and ends with the test. */
async function claim(path: string): Promise<{ readonly server: Server; release(): Promise<void> }> {
  const server = createServer((socket) => {
    socket.on('error', () => {}); // whoever only looks who is there reads nothing
    socket.end('here');
  });
  onTestFinished(() => void server.close());
  const listen = async (born: string) => {
    server.listen(born);
    await once(server, 'listening');
  };
  return { server, release: await claimSocket(path, listen, systemClock) };
}

async function said(path: string): Promise<string> {
  const socket = connect(path);
  const [chunk] = await once(socket, 'data');
  socket.destroy();
  return String(chunk);
}

test('the port of the surface tells two daemons of one directory apart', () => {
  expect(socketPathsOf({ directories: ['/run/a', '/b'] }, 9_464)).toEqual([
    '/run/a/control-9464.sock',
    '/b/control-9464.sock',
  ]);
  expect(socketPathsOf({ path: '/run/x.sock' }, 9_464)).toEqual(['/run/x.sock']);
});

test('its own user alone may open it, and nothing else is left in its directory', async () => {
  await withFiles({}, async (cwd) => {
    const path = join(cwd, 'run', 'c.sock');
    const { release } = await claim(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(cwd, 'run'))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(cwd, 'run'))).toEqual(['c.sock']);
    expect([await holderOf(path, systemClock), await said(path)]).toEqual(['somebody', 'here']);
    await release();
    expect(await readdir(join(cwd, 'run'))).toEqual([]);
    await release(); // twice is once
  });
});

test('what a dead process left is replaced, and one that answers is not', async () => {
  await withFiles({}, async (cwd) => {
    const path = join(cwd, 'c.sock');
    const first = await claim(path);
    await expect(claim(path)).rejects.toThrow(/another process answers there/);
    expect(await said(path)).toBe('here');
    // As after kill -9: nobody listens, and the file is there.
    first.server.close();
    await once(first.server, 'close');
    expect(await holderOf(path, systemClock)).toBe('stale');
    const second = await claim(path);
    expect(await said(path)).toBe('here');
    // It is the other's by now.
    await first.release();
    expect(await holderOf(path, systemClock)).toBe('somebody');
    await second.release();
    expect(await holderOf(path, systemClock)).toBe('nobody');
  });
});

test('a file in its place is left alone', async () => {
  await withFiles({ 'c.sock': 'precious' }, async (cwd) => {
    await expect(claim(join(cwd, 'c.sock'))).rejects.toThrow(/a file is in its place/);
    expect((await stat(join(cwd, 'c.sock'))).size).toBe(8);
  });
});

test('a directory that anybody may write to is refused, unless only owners may remove there', async () => {
  await withFiles({}, async (cwd) => {
    const open = join(cwd, 'open');
    await mkdir(open);
    await chmod(open, 0o777);
    await expect(claim(join(open, 'c.sock'))).rejects.toThrow(/anybody may write there\. Take that right away/);
    await chmod(open, 0o1777);
    const { release } = await claim(join(open, 'c.sock'));
    await release();
  });
});

test('a path that the system cannot bind is an error that counts its bytes', async () => {
  await withFiles({}, async (cwd) => {
    const path = join(cwd, 'ü'.repeat(60), 'c.sock');
    const claiming = claim(path);
    await expect(claiming).rejects.toThrow(ControlSocketError);
    await expect(claiming).rejects.toThrow(/takes \d{3} bytes, and the system allows 107\. Name another path/);
    expect(await readdir(cwd)).toEqual([]);
  });
});

test('a directory that cannot be made is an error that says why', async () => {
  await withFiles({}, async (cwd) => {
    await writeFile(join(cwd, 'file'), '');
    await expect(claim(join(cwd, 'file', 'c.sock'))).rejects.toThrow(/no control socket at .*: (ENOTDIR|EEXIST)/);
  });
});

test('a directory that the system makes nowhere is an error, and not a wait without end', async () => {
  await expect(claim('/proc/feishu-connector/run/c.sock')).rejects.toThrow(/no control socket at .*: E[A-Z]+\. Name/);
});

test('a file system that does not answer is given up, and what comes of it later is removed', async () => {
  await withFiles({}, async (cwd) => {
    const path = join(cwd, 'c.sock');
    const clock = new HandClock();
    const server = createServer();
    onTestFinished(() => void server.close());
    let answer = (): void => {};
    let claiming = Promise.resolve();
    const asked = new Promise<void>((begin) => {
      const listen = async (born: string) => {
        server.listen(born);
        await once(server, 'listening');
        begin();
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
      };
      claiming = expect(claimSocket(path, listen, clock)).rejects.toThrow(
        /the file system did not answer within 5000 ms/,
      );
    });
    await asked;
    await clock.advanceBy(5_000);
    await claiming;
    answer();
    await eventually(async () => (await readdir(cwd)).length === 0, 'nothing is left');
  });
});
