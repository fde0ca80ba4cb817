import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Makes a directory, and those above it, for nobody but its own user. Node's own way for several levels never ends where
 * a parent is there and takes none, as in `/proc`. Rejects with the system's error.
 */
export async function makeDirectory(path: string): Promise<void> {
  await make(resolve(path));
}

async function make(path: string): Promise<void> {
  const found = await kindOf(path);
  if (found === 'directory') return;
  if (found === 'nothing' && dirname(path) !== path) await make(dirname(path));
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    // Somebody may have been faster.
    if ((await kindOf(path)) !== 'directory') throw error;
  }
}

async function kindOf(path: string): Promise<'directory' | 'file' | 'nothing'> {
  try {
    return (await stat(path)).isDirectory() ? 'directory' : 'file';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'nothing';
    throw error;
  }
}
