import { chmod, lstat, mkdtemp, rename, rm, stat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { makeDirectory } from '../adapters/index.js';
import type { Clock } from '../ports/index.js';

/** Where the control socket is: at a path that was named, or in the first of these directories that takes one. */
export type SocketChoice = { readonly path: string } | { readonly directories: readonly string[] };

/** There can be no control socket at a path; the message says why and what to do. */
export class ControlSocketError extends Error {
  override readonly name = 'ControlSocketError';
}

/** What `sun_path` holds on Linux, the closing zero left out. */
export const LONGEST_SOCKET_PATH_BYTES = 107;
const PROBE_TIMEOUT_MS = 1_000; // nobody is that slow to accept on the same machine
// A local disk needs a millisecond; one that is mounted from a dead machine never answers.
const FILES_TIMEOUT_MS = 5_000;
/** A socket is born in a directory that nobody else may enter, and moves out once its mode is right. */
const BIRTHPLACE = '.c-';

/**
 * The paths that may be meant, the likeliest first. The port of the HTTP surface stands in the name: two daemons of one
 * user, or of one journal's parent, must not be taken for each other.
 */
export function socketPathsOf(choice: SocketChoice, port: number): readonly string[] {
  if ('path' in choice) return [choice.path];
  return choice.directories.map((directory) => join(directory, `control-${port}.sock`));
}

/** Who is behind a socket's path. `forbidden`: somebody, but not for us. */
export type SocketHolder = 'nobody' | 'stale' | 'somebody' | 'forbidden' | 'no_socket';

/** Looks who is there, by connecting. Rejects with the system's error for anything unforeseen. */
export async function holderOf(path: string, clock: Clock): Promise<SocketHolder> {
  try {
    if (!(await lstat(path)).isSocket()) return 'no_socket';
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return 'nobody';
    if (code === 'EACCES' || code === 'EPERM') return 'forbidden';
    throw error;
  }
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    // One that neither accepts nor refuses has its queue full: there is somebody.
    const late = clock.timer(PROBE_TIMEOUT_MS, () => end(() => resolve('somebody')));
    const end = (settle: () => void): void => {
      late.cancel();
      socket.destroy();
      settle();
    };
    socket.once('connect', () => end(() => resolve('somebody')));
    socket.once('error', (error) => {
      const code = codeOf(error);
      if (code === 'ECONNREFUSED') end(() => resolve('stale'));
      else if (code === 'ENOENT') end(() => resolve('nobody'));
      else if (code === 'EACCES' || code === 'EPERM') end(() => resolve('forbidden'));
      else if (code === 'EAGAIN') end(() => resolve('somebody'));
      else end(() => reject(error));
    });
  });
}

/**
 * Has a server listen at the path, for its own user alone (0600). What a dead process left there is replaced; one that
 * answers is not.
 * @param listen Has the server listen at the path that it is given.
 * @returns Removes the socket, unless it is another's by then. Rejects with the system's error.
 * @throws ControlSocketError
 */
export async function claimSocket(
  path: string,
  listen: (path: string) => Promise<unknown>,
  clock: Clock,
): Promise<() => Promise<void>> {
  const directory = dirname(path);
  checkLength(path, join(directory, `${BIRTHPLACE}XXXXXX`, 's'));
  let isLate = false;
  const claiming = placeSocket(path, directory, listen, clock).then(async (ino) => {
    if (isLate) await release(path, ino);
    return ino;
  });
  try {
    const ino = await inTime(clock, claiming, () => {
      isLate = true;
    });
    return () => inTime(clock, release(path, ino));
  } catch (error) {
    if (error instanceof ControlSocketError) throw error;
    const why = codeOf(error) ?? (error instanceof Error ? error.message : String(error));
    throw new ControlSocketError(`no control socket at ${path}: ${why}. ${ELSEWHERE}`, { cause: error });
  }
}

/** @returns The inode of the socket at its place. */
async function placeSocket(
  path: string,
  directory: string,
  listen: (path: string) => Promise<unknown>,
  clock: Clock,
): Promise<number> {
  await makeDirectory(directory);
  await checkDirectory(directory);
  await checkPlace(path, clock);
  const birthplace = await mkdtemp(join(directory, BIRTHPLACE));
  try {
    const born = join(birthplace, 's');
    await listen(born);
    await chmod(born, 0o600);
    const { ino } = await lstat(born);
    await rename(born, path);
    return ino;
  } finally {
    await rm(birthplace, { recursive: true, force: true });
  }
}

/** Stops waiting for a file system that does not answer: nothing can interrupt it. */
function inTime<Value>(clock: Clock, pending: Promise<Value>, onLate = (): void => {}): Promise<Value> {
  return new Promise((resolve, reject) => {
    const late = clock.timer(FILES_TIMEOUT_MS, () => {
      onLate();
      reject(new Error(`the file system did not answer within ${FILES_TIMEOUT_MS} ms`));
    });
    pending.then(resolve, reject).finally(() => late.cancel());
  });
}

const ELSEWHERE = 'Name another path with FEISHU_CONTROL_SOCKET, or none.';

function checkLength(path: string, birthplace: string): void {
  const bytes = Math.max(Buffer.byteLength(path), Buffer.byteLength(birthplace));
  if (bytes <= LONGEST_SOCKET_PATH_BYTES) return;
  const limit = `its path takes ${bytes} bytes, and the system allows ${LONGEST_SOCKET_PATH_BYTES}`;
  throw new ControlSocketError(`no control socket at ${path}: ${limit}. ${ELSEWHERE}`);
}

/** Where anybody may put and remove files, anybody may put another socket in the place of ours. */
async function checkDirectory(directory: string): Promise<void> {
  const { mode } = await stat(directory);
  const isAnybodys = (mode & 0o002) !== 0 && (mode & 0o1000) === 0;
  if (!isAnybodys) return;
  const advice = `Take that right away (chmod o-w ${directory}), or name another path with FEISHU_CONTROL_SOCKET.`;
  throw new ControlSocketError(`no control socket in ${directory}: anybody may write there. ${advice}`);
}

async function checkPlace(path: string, clock: Clock): Promise<void> {
  switch (await holderOf(path, clock)) {
    case 'nobody':
    case 'stale':
      return;
    case 'somebody':
      throw new ControlSocketError(`no control socket at ${path}: another process answers there. ${ELSEWHERE}`);
    case 'forbidden':
      throw new ControlSocketError(`no control socket at ${path}: the one there is another user's. ${ELSEWHERE}`);
    case 'no_socket':
      throw new ControlSocketError(`no control socket at ${path}: a file is in its place. ${ELSEWHERE}`);
  }
}

async function release(path: string, ino: number): Promise<void> {
  try {
    if ((await lstat(path)).ino === ino) await unlink(path);
  } catch (error) {
    // Somebody removed it before us.
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
